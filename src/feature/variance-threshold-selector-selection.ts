/** Columns of vectors, shortened to some of their entries. */
import { float64, int32 } from '../table/buffers.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';

/** Entries of dense vectors. @param kept Ascending. */
export function selectDense(
  { values, dim, length }: DenseVectorColumn,
  kept: Int32Array,
): DenseVectorColumn {
  const size = kept.length;
  const selected = float64(length * size);
  for (let row = 0; row < length; row++) {
    const [from, to] = [row * dim, row * size];
    for (let t = 0; t < size; t++) selected[to + t] = values[from + kept[t]!]!;
  }
  return new DenseVectorColumn(selected, size, length);
}

/** Entries of sparse vectors, with what is stored of them. @param kept Ascending. */
export function selectSparse(
  { size, length, offsets, indices, values }: SparseVectorColumn,
  kept: Int32Array,
): SparseVectorColumn {
  const placeOf = new Int32Array(size).fill(-1);
  kept.forEach((index, place) => {
    placeOf[index] = place;
  });
  const stored = offsets[length]! - offsets[0]!;
  const outOffsets = int32(length + 1);
  const outIndices = int32(stored);
  const outValues = float64(stored);
  let entries = 0;
  for (let row = 0; row < length; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const place = placeOf[indices[at]!]!;
      if (place < 0) continue;
      outIndices[entries] = place;
      outValues[entries] = values[at]!;
      entries++;
    }
    outOffsets[row + 1] = entries;
  }
  const [keptIndices, keptValues] = [outIndices.slice(0, entries), outValues.slice(0, entries)];
  return new SparseVectorColumn(kept.length, outOffsets, keptIndices, keptValues);
}
