/** Means, and most frequent values, of columns of numbers, in one pass over shards. */
import type { Aggregation, KernelScope } from '../algorithm/training.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import type { Table } from '../table/table.js';
import { type NumberColumn, presentNumbers } from './quantile-columns.js';

export interface ImputerAggregationParams {
  readonly inputCols: readonly string[];
  /** A number that counts as null; NaN always does. */
  readonly missingValue: number;
}

/** Of one column: how many values are not missing, and their sum. */
export interface Sum {
  readonly count: number;
  readonly sum: number;
}

/** Of one column: its different values, ascending, and how often each is there. */
export interface Frequencies {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** What stands in for missing values of a column. */
export interface Surrogate {
  /** How many values it comes of; 0: none, and there is no surrogate. */
  readonly count: number;
  readonly value: number;
}

/** The aggregation of strategy `'mean'`. */
export function meanAggregation(params: ImputerAggregationParams): Aggregation<Sum[], Surrogate[]> {
  return {
    partial: ({ table }, scope) =>
      mapPresent(table, params, scope, (address, count) => ({
        count,
        sum: scope.kernels.exports.sum(count, address),
      })),

    combine: (a, b) =>
      a.map(({ count, sum }, c) => ({ count: count + b[c]!.count, sum: sum + b[c]!.sum })),

    result: (total) => total.map(({ count, sum }) => ({ count, value: sum / count })),
  };
}

/** The aggregation of strategy `'most_frequent'`; of values as frequent the smallest. */
export function modeAggregation(
  params: ImputerAggregationParams,
): Aggregation<Frequencies[], Surrogate[]> {
  return {
    partial: ({ table }, scope) =>
      mapPresent(table, params, scope, (address, count) =>
        frequenciesOf(scope.arena.f64(address, count).slice().sort()),
      ),

    combine: (a, b) => a.map((frequencies, c) => merged(frequencies, b[c]!)),

    result: (total) =>
      total.map(({ values, counts }) => {
        const count = counts.reduce((most, frequency) => Math.max(most, frequency), 0);
        return { count, value: values[counts.indexOf(count)] ?? Number.NaN };
      }),
  };
}

/** Maps the values of each column that are not missing: their address, and how many there are. */
function mapPresent<T>(
  table: Table,
  { inputCols, missingValue }: ImputerAggregationParams,
  scope: KernelScope,
  map: (address: number, count: number) => T,
): T[] {
  const { arena, kernels } = scope;
  const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
  return inputCols.map((name) =>
    withScratch(scope, () => {
      const values = presentNumbers(table.column(name) as NumberColumn, missingValue);
      const present = arena.scratch(values.byteLength);
      const from = addressOf(values, scope);
      return map(present, kernels.exports.selectBetween(values.length, from, low, high, present));
    }),
  );
}

/** @param sorted Ascending; -0 counts as 0. */
function frequenciesOf(sorted: Float64Array): Frequencies {
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (values.length > 0 && values.at(-1) === value) counts[counts.length - 1]!++;
    else {
      values.push(value + 0);
      counts.push(1);
    }
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) };
}

function merged(a: Frequencies, b: Frequencies): Frequencies {
  const values = new Float64Array(a.values.length + b.values.length);
  const counts = new Float64Array(values.length);
  let [i, j, n] = [0, 0, 0];
  while (i < a.values.length || j < b.values.length) {
    const x = a.values[i] ?? Number.POSITIVE_INFINITY;
    const y = b.values[j] ?? Number.POSITIVE_INFINITY;
    const value = Math.min(x, y);
    values[n] = value;
    if (x === value) counts[n]! += a.counts[i++] ?? 0;
    if (y === value) counts[n]! += b.counts[j++] ?? 0;
    n++;
  }
  return { values: values.slice(0, n), counts: counts.slice(0, n) };
}
