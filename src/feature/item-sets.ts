/** Vectors as sets of items, and how far sets are apart. */
import { int32 } from '../table/buffers.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { columnToParts } from '../table/parts.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Vector } from '../table/vector.js';

/** Sets of items: set `i` is `items[offsets[i]]` to `items[offsets[i + 1] - 1]`, ascending. */
export interface ItemSets {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** The indices that each vector stores; of dense ones those of the entries that are not zero. */
export function itemSets(column: DenseVectorColumn | SparseVectorColumn): ItemSets {
  if (column.layout === 'sparse') {
    const { offsets, indices } = columnToParts(column).arrays;
    return { offsets: offsets as Int32Array, items: indices as Int32Array };
  }
  const { length, dim, values } = column;
  const offsets = int32(length + 1);
  for (let row = 0, count = 0; row < length; row++) {
    for (let at = row * dim; at < (row + 1) * dim; at++) if (values[at] !== 0) count++;
    offsets[row + 1] = count;
  }
  const items = int32(offsets[length]!);
  for (let row = 0, at = 0; row < length; row++) {
    for (let t = 0; t < dim; t++) if (values[row * dim + t] !== 0) items[at++] = t;
  }
  return { offsets, items };
}

/** The one set of a vector. */
export function itemSetOf(vector: Vector): ItemSets {
  const items = 'indices' in vector ? vector.indices : vector.toSparse().indices;
  return { offsets: Int32Array.of(0, items.length), items };
}

/** 1 - |A ∩ B| / |A ∪ B| of set `i` of `a` and set `j` of `b`, which are not both empty. */
export function jaccardDistance(a: ItemSets, i: number, b: ItemSets, j: number): number {
  let at = a.offsets[i]!;
  let other = b.offsets[j]!;
  const end = a.offsets[i + 1]!;
  const otherEnd = b.offsets[j + 1]!;
  const total = end - at + (otherEnd - other);
  let common = 0;
  while (at < end && other < otherEnd) {
    const difference = a.items[at]! - b.items[other]!;
    if (difference === 0) common++;
    if (difference <= 0) at++;
    if (difference >= 0) other++;
  }
  return 1 - common / (total - common);
}
