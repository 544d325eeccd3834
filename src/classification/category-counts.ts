/** How often each value of each feature comes with each label: what categorical naive Bayes learns. */
import type { Aggregation } from '../algorithm/training.js';
import { type Classes, classesOf, compareNumbers, mergeAscending } from '../stats/classes.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { labeledRows } from './labeled-rows.js';
import { weightsOfClasses } from './weights-of-classes.js';

/**
 * Of some rows: feature t has the values `offsets[t]` to `offsets[t + 1]`, and row v of `counts` is
 * the weight with which value v comes with each label.
 */
export interface CategoryCounts {
  /** Ascending. */
  readonly labels: Float64Array;
  /** The weight of the rows of each label. */
  readonly weights: Float64Array;
  readonly offsets: Int32Array;
  /** The distinct values of each feature, ascending, NaN last. */
  readonly values: Float64Array;
  /** `values.length × labels.length`. */
  readonly counts: Float64Array;
}

/** The aggregation that `NaiveBayes.fit` runs on the workers for features that are categories. */
export function categoryCounts(): Aggregation<CategoryCounts, CategoryCounts> {
  return {
    partial({ table }) {
      const { features, labels, rowWeights } = labeledRows(table);
      const classes = classesOf(labels);
      const counter = new CategoryCounter(classes.labels.length);
      const weights = weightsOfClasses(classes, rowWeights);
      const count = features.layout === 'dense' ? countDense : countSparse;
      const byFeature = count(features as never, classes, rowWeights, weights, counter);
      return joined(classes.labels, weights, byFeature);
    },
    combine: combineCounts,
    result: (total) => total,
  };
}

/** The values of one feature, ascending, and the weight of each with each label. */
interface FeatureCounts {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** Categories are mostly small integers: these are found by index, without a look-up. */
const SMALL = 1024;

/** Counts the values of one feature after the other. */
class CategoryCounter {
  readonly #width: number;
  readonly #small = new Int32Array(SMALL).fill(-1);
  readonly #others = new Map<number, number>();
  #values: number[] = [];
  #counts: Float64Array;

  /** @param width The number of labels. */
  constructor(width: number) {
    this.#width = width;
    this.#counts = new Float64Array(16 * width);
  }

  add(value: number, code: number, weight: number): void {
    const isSmall = value >= 0 && value < SMALL && value === Math.floor(value);
    let slot = isSmall ? this.#small[value]! : (this.#others.get(value) ?? -1);
    if (slot < 0) {
      slot = this.#open(value);
      if (isSmall) this.#small[value] = slot;
      else this.#others.set(value, slot);
    }
    this.#counts[slot * this.#width + code]! += weight;
  }

  /** What was counted; the counter begins again. */
  take(): FeatureCounts {
    const [values, width] = [this.#values, this.#width];
    const order = [...values.keys()].sort((a, b) => compareNumbers(values[a]!, values[b]!));
    const counts = new Float64Array(values.length * width);
    order.forEach((slot, at) => {
      counts.set(this.#counts.subarray(slot * width, (slot + 1) * width), at * width);
    });
    for (const value of values) if (value >= 0 && value < SMALL) this.#small[value] = -1;
    this.#counts.fill(0, 0, counts.length);
    this.#others.clear();
    this.#values = [];
    return { values: Float64Array.from(order, (slot) => values[slot]!), counts };
  }

  /** The slot of a value that comes for the first time; -0 is 0. */
  #open(value: number): number {
    const slot = this.#values.push(value === 0 ? 0 : value) - 1;
    if ((slot + 1) * this.#width > this.#counts.length) {
      const wider = new Float64Array(2 * this.#counts.length);
      wider.set(this.#counts);
      this.#counts = wider;
    }
    return slot;
  }
}

function countDense(
  { values, dim, length }: DenseVectorColumn,
  { codes }: Classes,
  rowWeights: Float64Array | null,
  _weights: Float64Array,
  counter: CategoryCounter,
): FeatureCounts[] {
  return Array.from({ length: dim }, (_, t) => {
    for (let row = 0, at = t; row < length; row++, at += dim) {
      counter.add(values[at]!, codes[row]!, rowWeights === null ? 1 : rowWeights[row]!);
    }
    return counter.take();
  });
}

/** Entries that are not stored are zeros: they are counted, not visited. */
function countSparse(
  { offsets, indices, values, size, length }: SparseVectorColumn,
  { labels, codes }: Classes,
  rowWeights: Float64Array | null,
  weights: Float64Array,
  counter: CategoryCounter,
): FeatureCounts[] {
  const { starts, entries, rows } = byFeature(offsets, indices, size);
  const rowsOfLabels = weightsOfClasses({ labels, codes }, null);
  const stored = new Float64Array(labels.length);
  const storedRows = new Float64Array(labels.length);
  return Array.from({ length: size }, (_, t) => {
    const [start, end] = [starts[t]!, starts[t + 1]!];
    stored.fill(0);
    storedRows.fill(0);
    for (let at = start; at < end; at++) {
      const row = rows[at]!;
      const weight = rowWeights === null ? 1 : rowWeights[row]!;
      counter.add(values[entries[at]!]!, codes[row]!, weight);
      stored[codes[row]!]! += weight;
      storedRows[codes[row]!]!++;
    }
    if (end - start === length) return counter.take();
    for (let code = 0; code < labels.length; code++) {
      // Differences of weights may be off by a rounding error: rows say whether there is anything.
      const isLeft = storedRows[code]! < rowsOfLabels[code]!;
      counter.add(0, code, isLeft ? Math.max(0, weights[code]! - stored[code]!) : 0);
    }
    return counter.take();
  });
}

/** The stored entries in the order of their features, each with its row. */
function byFeature(offsets: Int32Array, indices: Int32Array, size: number) {
  const [first, end] = [offsets[0]!, offsets.at(-1)!];
  const starts = new Int32Array(size + 1);
  for (let e = first; e < end; e++) starts[indices[e]! + 1]!++;
  for (let t = 0; t < size; t++) starts[t + 1]! += starts[t]!;
  const next = starts.slice(0, size);
  const entries = new Int32Array(end - first);
  const rows = new Int32Array(end - first);
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const to = next[indices[e]!]!++;
      entries[to] = e;
      rows[to] = row;
    }
  }
  return { starts, entries, rows };
}

function joined(
  labels: Float64Array,
  weights: Float64Array,
  features: readonly FeatureCounts[],
): CategoryCounts {
  const offsets = new Int32Array(features.length + 1);
  features.forEach(({ values }, t) => {
    offsets[t + 1] = offsets[t]! + values.length;
  });
  const values = new Float64Array(offsets.at(-1)!);
  const counts = new Float64Array(values.length * labels.length);
  features.forEach((feature, t) => {
    values.set(feature.values, offsets[t]!);
    counts.set(feature.counts, offsets[t]! * labels.length);
  });
  return { labels, weights, offsets, values, counts };
}

function combineCounts(a: CategoryCounts, b: CategoryCounts): CategoryCounts {
  const { union, ofA, ofB } = mergeAscending(a.labels, b.labels);
  const weights = new Float64Array(union.length);
  a.weights.forEach((weight, code) => {
    weights[ofA[code]!]! += weight;
  });
  b.weights.forEach((weight, code) => {
    weights[ofB[code]!]! += weight;
  });
  const features = Array.from({ length: a.offsets.length - 1 }, (_, t) => {
    const merged = mergeAscending(valuesOf(a, t), valuesOf(b, t));
    const counts = new Float64Array(merged.union.length * union.length);
    addCounts(counts, union.length, a, t, merged.ofA, ofA);
    addCounts(counts, union.length, b, t, merged.ofB, ofB);
    return { values: merged.union, counts };
  });
  return joined(union, weights, features);
}

function valuesOf({ offsets, values }: CategoryCounts, t: number): Float64Array {
  return values.subarray(offsets[t]!, offsets[t + 1]!);
}

/** Adds the counts of a feature where its values and labels stand in the union. */
function addCounts(
  counts: Float64Array,
  width: number,
  from: CategoryCounts,
  t: number,
  valuesTo: Int32Array,
  labelsTo: Int32Array,
): void {
  let at = from.offsets[t]! * labelsTo.length;
  for (const value of valuesTo) {
    for (const label of labelsTo) counts[value * width + label]! += from.counts[at++]!;
  }
}
