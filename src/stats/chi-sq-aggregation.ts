/** Contingency tables of every feature and the label: what the chi-square test is made of. */
import type { Aggregation } from '../algorithm/training.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { classesOf, compareNumbers, mergeAscending } from './classes.js';

/**
 * Of some rows: a table for every feature. Feature t has the values `offsets[t]` to
 * `offsets[t + 1]`, and row v of `counts` says how often value v comes with each label.
 */
export interface ContingencyTables {
  /** The labels, ascending. */
  readonly labels: Float64Array;
  readonly offsets: Int32Array;
  /** The distinct values of each feature, ascending. */
  readonly values: Float64Array;
  /** `values.length × labels.length`. */
  readonly counts: Float64Array;
}

/** What the aggregation gives, by feature. */
export interface ChiSqTotals {
  readonly statistics: Float64Array;
  readonly degreesOfFreedom: Int32Array;
}

/** The aggregation of columns `features` and `label` that {@link ChiSqTest} runs on the workers. */
export function chiSqAggregation(): Aggregation<ContingencyTables, ChiSqTotals> {
  return {
    partial({ table }) {
      const features = table.column('features', 'vector', 'sparseVector');
      const { labels, codes } = classesOf(table.column('label', 'float64').values);
      const tables = features.layout === 'dense' ? denseTables : sparseTables;
      return joinTables(labels, tables(features as never, codes, labels.length));
    },
    combine: combineTables,
    result({ labels, offsets, counts }) {
      const dim = offsets.length - 1;
      const statistics = new Float64Array(dim);
      const degreesOfFreedom = new Int32Array(dim);
      const width = labels.length;
      for (let t = 0; t < dim; t++) {
        const [first, end] = [offsets[t]!, offsets[t + 1]!];
        statistics[t] = pearson(counts.subarray(first * width, end * width), width);
        degreesOfFreedom[t] = (end - first - 1) * (width - 1);
      }
      return { statistics, degreesOfFreedom };
    },
  };
}

/** Σ (observed - expected)² / expected over the cells of a table of some rows. */
function pearson(counts: Float64Array, width: number): number {
  const height = counts.length / width;
  const columnTotals = new Float64Array(width);
  const rowTotals = new Float64Array(height);
  counts.forEach((count, at) => {
    columnTotals[at % width]! += count;
    rowTotals[Math.floor(at / width)]! += count;
  });
  const rows = rowTotals.reduce((sum, total) => sum + total, 0);
  let statistic = 0;
  counts.forEach((count, at) => {
    const expected = (rowTotals[Math.floor(at / width)]! * columnTotals[at % width]!) / rows;
    statistic += (count - expected) ** 2 / expected;
  });
  return statistic;
}

/** The values of one feature and how often each comes with each label. */
interface FeatureTable {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

function denseTables(
  { values, dim, length }: DenseVectorColumn,
  codes: Int32Array,
  width: number,
): FeatureTable[] {
  const column = new Float64Array(length);
  return Array.from({ length: dim }, (_, t) => {
    for (let row = 0; row < length; row++) column[row] = values[row * dim + t]!;
    return countPairs(column, codes, width);
  });
}

/** Entries that are not stored are zeros: they are counted, not visited. */
function sparseTables(
  column: SparseVectorColumn,
  codes: Int32Array,
  width: number,
): FeatureTable[] {
  const { starts, values, entryCodes } = byFeature(column, codes);
  const totals = new Float64Array(width);
  for (const code of codes) totals[code]!++;
  return Array.from({ length: column.size }, (_, t) => {
    const [start, end] = [starts[t]!, starts[t + 1]!];
    const stored = countPairs(values.subarray(start, end), entryCodes.subarray(start, end), width);
    return end - start === codes.length ? stored : withZeros(stored, totals);
  });
}

/** The stored entries in the order of their features, each with the label of its row. */
function byFeature({ offsets, indices, values, size }: SparseVectorColumn, codes: Int32Array) {
  const first = offsets[0]!;
  const end = offsets.at(-1)!;
  const starts = new Int32Array(size + 1);
  for (let e = first; e < end; e++) starts[indices[e]! + 1]!++;
  for (let t = 0; t < size; t++) starts[t + 1]! += starts[t]!;
  const next = starts.slice(0, size);
  const sorted = new Float64Array(end - first);
  const entryCodes = new Int32Array(end - first);
  for (let row = 0; row < codes.length; row++) {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const to = next[indices[e]!]!++;
      sorted[to] = values[e]!;
      entryCodes[to] = codes[row]!;
    }
  }
  return { starts, values: sorted, entryCodes };
}

/** The table with all rows that it does not count as rows of the value 0. */
function withZeros({ values, counts }: FeatureTable, totals: Float64Array): FeatureTable {
  const width = totals.length;
  const zeros = Float64Array.from(totals);
  counts.forEach((count, at) => {
    zeros[at % width]! -= count;
  });
  return merged({ values, counts }, { values: Float64Array.of(0), counts: zeros }, width);
}

/** Categories are mostly small integers: these are found by index, without a look-up. */
const SMALL = 1024;

function countPairs(column: Float64Array, codes: Int32Array, width: number): FeatureTable {
  const small = new Int32Array(SMALL).fill(-1);
  const others = new Map<number, number>();
  const values: number[] = [];
  const counts: number[] = [];
  const open = (value: number): number => {
    for (let label = 0; label < width; label++) counts.push(0);
    return values.push(value === 0 ? 0 : value) - 1;
  };
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    const isSmall = value >= 0 && value < SMALL && value === Math.floor(value);
    let slot = isSmall ? small[value]! : (others.get(value) ?? -1);
    if (slot < 0) {
      slot = open(value);
      if (isSmall) small[value] = slot;
      else others.set(value, slot);
    }
    counts[slot * width + codes[row]!]!++;
  }
  const order = [...values.keys()].sort((a, b) => compareNumbers(values[a]!, values[b]!));
  const sorted = new Float64Array(counts.length);
  order.forEach((slot, at) => {
    sorted.set(counts.slice(slot * width, (slot + 1) * width), at * width);
  });
  return { values: Float64Array.from(order, (slot) => values[slot]!), counts: sorted };
}

/** The sum of two tables of one feature over the same labels. */
function merged(a: FeatureTable, b: FeatureTable, width: number): FeatureTable {
  const { union, ofA, ofB } = mergeAscending(a.values, b.values);
  const counts = new Float64Array(union.length * width);
  const add = (table: FeatureTable, places: Int32Array) =>
    table.counts.forEach((count, at) => {
      counts[places[Math.floor(at / width)]! * width + (at % width)]! += count;
    });
  add(a, ofA);
  add(b, ofB);
  return { values: union, counts };
}

function joinTables(labels: Float64Array, tables: readonly FeatureTable[]): ContingencyTables {
  const offsets = new Int32Array(tables.length + 1);
  tables.forEach(({ values }, t) => {
    offsets[t + 1] = offsets[t]! + values.length;
  });
  const values = new Float64Array(offsets.at(-1)!);
  const counts = new Float64Array(values.length * labels.length);
  tables.forEach((table, t) => {
    values.set(table.values, offsets[t]!);
    counts.set(table.counts, offsets[t]! * labels.length);
  });
  return { labels, offsets, values, counts };
}

function combineTables(a: ContingencyTables, b: ContingencyTables): ContingencyTables {
  const { union, ofA, ofB } = mergeAscending(a.labels, b.labels);
  const tables = Array.from({ length: a.offsets.length - 1 }, (_, t) =>
    merged(tableOf(a, t, ofA, union.length), tableOf(b, t, ofB, union.length), union.length),
  );
  return joinTables(union, tables);
}

/** The table of a feature, its counts spread over more labels. */
function tableOf(
  { labels, offsets, values, counts }: ContingencyTables,
  t: number,
  places: Int32Array,
  width: number,
): FeatureTable {
  const [first, end] = [offsets[t]!, offsets[t + 1]!];
  const own = counts.subarray(first * labels.length, end * labels.length);
  if (width === labels.length) return { values: values.subarray(first, end), counts: own };
  const spread = new Float64Array((end - first) * width);
  own.forEach((count, at) => {
    spread[Math.floor(at / labels.length) * width + places[at % labels.length]!] = count;
  });
  return { values: values.subarray(first, end), counts: spread };
}
