/** Weights of classes: rows of a rare one may count for more. */
import { DataError } from '../core/errors.js';
import type { Param } from '../core/params.js';
import { float64 } from '../table/buffers.js';
import type { Classes } from './class-labels.js';

/** `'balanced'`, or the weight of each label; labels that are not named weigh 1. */
export type ClassWeight = 'balanced' | Readonly<Record<string, number>>;

/** A param of {@link ClassWeight}, which is null by default. */
export const classWeightParam: Param<ClassWeight | null> = {
  expected: "null, 'balanced', or an object of weights >= 0 by labels that are numbers",
  default: null,
  accepts: (v) => v === null || v === 'balanced' || isWeights(v),
  read: (v) => (isObject(v) ? Object.freeze({ ...v }) : v),
  invalid: ['heavy', 1, [1, 2], { a: 1 }, { '': 1 }, { 0: -1 }, { 0: Number.NaN }, { 0: '1' }],
};

const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function isWeights(value: unknown): boolean {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  const labels = new Set(entries.map(([name]) => (name.trim() === '' ? Number.NaN : Number(name))));
  const isWeight = (weight: unknown) =>
    typeof weight === 'number' && weight >= 0 && weight < Number.POSITIVE_INFINITY;
  return (
    labels.size === entries.length &&
    [...labels].every(Number.isFinite) &&
    entries.every(([, weight]) => isWeight(weight))
  );
}

/**
 * Weights of rows times those of their classes.
 *
 * `'balanced'`: Σw / (K · Σ of w over the rows of the class) for each of the K classes that have
 * rows, so that all classes weigh the same.
 *
 * @throws DataError `ERR_GYRE_DATA` for a label that no row has.
 */
export function classWeighted(
  who: string,
  classWeight: ClassWeight | null,
  { labels, numbers }: Classes,
  weights: Float64Array | null,
): Float64Array | null {
  if (classWeight === null) return weights;
  const factors =
    classWeight === 'balanced'
      ? balanced(labels.length, numbers, weights)
      : namedWeights(who, classWeight, labels);
  const weighted = float64(numbers.length);
  for (let row = 0; row < numbers.length; row++) {
    weighted[row] = factors[numbers[row]!]! * (weights?.[row] ?? 1);
  }
  return weighted;
}

function balanced(
  classes: number,
  numbers: Float64Array,
  weights: Float64Array | null,
): Float64Array {
  const sums = new Float64Array(classes);
  for (let row = 0; row < numbers.length; row++) sums[numbers[row]!]! += weights?.[row] ?? 1;
  const total = sums.reduce((a, b) => a + b);
  const present = sums.filter((sum) => sum > 0).length;
  return sums.map((sum) => (sum > 0 ? total / (present * sum) : 0));
}

function namedWeights(
  who: string,
  classWeight: Readonly<Record<string, number>>,
  labels: Float64Array,
): Float64Array {
  const factors = new Float64Array(labels.length).fill(1);
  for (const [name, weight] of Object.entries(classWeight)) {
    const k = labels.indexOf(Number(name));
    if (k < 0) {
      throw new DataError(
        `${who}: classWeight must name labels of the column, ${labels.join(', ')}, got ${name}.`,
        { details: { who, label: name, labels: [...labels] } },
      );
    }
    factors[k] = weight;
  }
  return factors;
}
