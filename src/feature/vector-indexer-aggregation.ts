/** The distinct values of each entry of vectors, as long as they are few. */
import type { Aggregation } from '../algorithm/training.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

/** What the aggregation reads. */
export interface CategoriesParams {
  readonly inputCol: string;
  readonly maxCategories: number;
}

/** By entry: its distinct values in any order, -0 as 0; null when there are too many. */
export type DistinctValues = readonly (Float64Array | null)[];

/**
 * The aggregation that `VectorIndexer.fit` runs on the workers. Its result has the values of each
 * entry in order of their indices: 0 first, the others ascending, NaN last.
 */
export function categoriesAggregation({
  inputCol,
  maxCategories,
}: CategoriesParams): Aggregation<DistinctValues, DistinctValues> {
  return {
    partial({ table }) {
      const column = table.column(inputCol, 'vector', 'sparseVector');
      const sets =
        column.layout === 'dense'
          ? denseValues(column, maxCategories)
          : sparseValues(column, maxCategories);
      return sets.map((set) => (set === null ? null : Float64Array.from(set)));
    },
    combine: (a, b) => a.map((values, j) => union(values, b[j]!, maxCategories)),
    result: (total) => total.map((values) => (values === null ? null : inIndexOrder(values))),
  };
}

type ValueSet = Set<number> | null;

function denseValues({ values, dim, length }: DenseVectorColumn, most: number): ValueSet[] {
  const sets: ValueSet[] = Array.from({ length: dim }, () => new Set<number>());
  const last = new Float64Array(dim).fill(Number.NaN);
  // Entries with too many values are looked at no more.
  let open = Array.from(sets.keys());
  for (let row = 0; row < length && open.length > 0; row++) {
    let isFull = false;
    for (const j of open) {
      const value = values[row * dim + j]!;
      if (value === last[j]) continue;
      last[j] = value;
      const set = sets[j]!;
      set.add(value);
      if (set.size <= most) continue;
      sets[j] = null;
      isFull = true;
    }
    if (isFull) open = open.filter((j) => sets[j] !== null);
  }
  return sets;
}

function sparseValues(column: SparseVectorColumn, most: number): ValueSet[] {
  const { size, length, offsets, indices, values } = column;
  const sets: ValueSet[] = Array.from({ length: size }, () => new Set<number>());
  const stored = new Int32Array(size);
  for (let at = offsets[0]!; at < offsets[length]!; at++) {
    const j = indices[at]!;
    stored[j]!++;
    addTo(sets, j, values[at]!, most);
  }
  for (let j = 0; j < size; j++) if (stored[j]! < length) addTo(sets, j, 0, most);
  return sets;
}

function addTo(sets: ValueSet[], j: number, value: number, most: number): void {
  const set = sets[j]!;
  if (set === null) return;
  set.add(value);
  if (set.size > most) sets[j] = null;
}

function union(a: Float64Array | null, b: Float64Array | null, most: number): Float64Array | null {
  if (a === null || b === null) return null;
  const all = new Set(a);
  for (const value of b) all.add(value);
  return all.size > most ? null : Float64Array.from(all);
}

function inIndexOrder(values: Float64Array): Float64Array {
  const ascending = values.toSorted();
  const zero = ascending.indexOf(0);
  if (zero > 0) {
    ascending.copyWithin(1, 0, zero);
    ascending[0] = 0;
  }
  return ascending;
}
