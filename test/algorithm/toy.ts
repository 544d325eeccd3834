/** Algorithms of the tests: sums whose last bits depend on the order of their terms. */
import type { RowMapping } from '../../src/algorithm/map-rows.js';
import type { Aggregation, AlgorithmRef, Training } from '../../src/algorithm/training.js';
import type { Shard } from '../../src/engine/shard.js';

const module: string = import.meta.url;

function columnOf({ table }: Shard, name: string): Float64Array {
  const column = table.column(name);
  if (column.layout !== 'numeric') throw new Error('a number column');
  return column.values as Float64Array;
}

export interface ToyState {
  readonly weights: Float64Array;
  readonly rounds: number;
}

export interface ToyParams {
  readonly rounds: number;
  /** Fails in this round, in the call of that name. */
  readonly fail?: { readonly epoch: number; readonly where: string };
}

/** Moves two weights by sums over all rows, so that each round depends on all bits of the last. */
export function toyTraining({ rounds, fail }: ToyParams): Training<ToyState, Float64Array> {
  const check = (where: string, epoch: number) => {
    if (fail?.where === where && fail.epoch === epoch) throw new Error(`${where} fails`);
  };
  return {
    partial(shard, { weights, rounds: epoch }) {
      check('partial', epoch);
      const x = columnOf(shard, 'x');
      const sums = new Float64Array(weights.length);
      for (const value of x) {
        for (let i = 0; i < sums.length; i++) sums[i]! += Math.sin(value * (weights[i]! + i + 1));
      }
      return sums;
    },
    combine(a, b) {
      for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
      return a;
    },
    update({ weights, rounds: done }, total, epoch) {
      check('update', epoch);
      const next = weights.map((weight, i) => weight + total[i]! / 3);
      const state = { weights: next, rounds: done + 1 };
      return { state, done: epoch + 1 === rounds, metrics: { loss: total[0]! } };
    },
  };
}

/** The sum of a column in the fixed tree, and the number of rows. */
export function toyAggregation(name: string): Aggregation<{ sum: number; n: number }, number[]> {
  return {
    partial(shard) {
      let sum = 0;
      for (const value of columnOf(shard, name)) sum += value;
      return { sum, n: shard.table.numRows };
    },
    combine: (a, b) => ({ sum: a.sum + b.sum, n: a.n + b.n }),
    result: ({ sum, n }) => [sum, n],
  };
}

/** `y = sqrt(|x|)`, `k` the two indices of the row: global, and in its shard's run. */
export function toyMapping(): RowMapping {
  return {
    apply(shard, { y, k }) {
      const x = columnOf(shard, 'x');
      for (let i = 0; i < x.length; i++) {
        y![i] = Math.sqrt(Math.abs(x[i]!));
        k![2 * i] = shard.rowStart + i;
        k![2 * i + 1] = shard.count;
      }
    },
  };
}

export const trainingRef = (params: ToyParams): AlgorithmRef => ({
  module,
  name: 'toyTraining',
  params,
});
export const aggregationRef: AlgorithmRef = { module, name: 'toyAggregation', params: 'x' };
export const mappingRef: AlgorithmRef = { module, name: 'toyMapping', params: null };
