/** Columns of vectors from a seed, for the battery. */
import { Column } from '../../src/index.js';
import { seeded } from '../reference/random.js';

/** Vectors of `dim` entries, some of them 0. */
export function dense(rows: number, dim: number, seed: number): Column {
  const random = seeded(seed);
  const values = random.f64(rows * dim).map((v) => (random.unit() < 0.1 ? 0 : v));
  return Column.dense(values, dim);
}

/** Sparse vectors of `size` entries, of which a third is stored, some as 0. */
export function sparse(rows: number, size: number, seed: number): Column {
  const random = seeded(seed);
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < size; j++) if (random.unit() < 1 / 3) indices.push(j);
    offsets[row + 1] = indices.length;
  }
  const values = random.f64(indices.length).map((v) => (random.unit() < 0.1 ? 0 : v));
  return Column.sparse(size, offsets, Int32Array.from(indices), values);
}
