/**
 * Exact order statistics over shards, by narrowing. A range of values that holds wanted ranks is
 * counted in parts, by keys; the parts that hold the ranks are the ranges of the next round. A
 * range with few values is gathered and sorted. Counts add up to the same on any number of workers,
 * and eight rounds narrow any range to one value.
 */
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import { toScratch, withScratch } from '../stage/kernel-data.js';
import { type Run, runsOf } from './quantile-columns.js';
import { PARTS, partBounds, partShift } from './quantile-keys.js';

/** Which elements of n sorted values are wanted. */
export type RankRule =
  /** Of each probability p the ⌈p·n⌉-th smallest value (the smallest for p = 0). */
  | { readonly kind: 'quantiles'; readonly probabilities: readonly number[] }
  /** Where n values are cut in equal counts: of ranks ⌊k·n/bins⌋, and the last; all where n is less. */
  | { readonly kind: 'bins'; readonly bins: number };

export interface QuantileTrainingParams {
  readonly rule: RankRule;
  /** A number that counts as null in columns of numbers; NaN always does. */
  readonly missing: number;
}

/** Values of one column between two bounds, inclusive, and which of them are wanted. */
export interface ValueRange {
  readonly column: number;
  readonly low: number;
  readonly high: number;
  /** Values below the range. */
  readonly below: number;
  /** Ranks of all values, from 0, ascending; null as long as the number of values is not known. */
  readonly ranks: readonly number[] | null;
  /** Few enough to be gathered. */
  readonly gather: boolean;
}

/** What is known: per column the values of ranks, and where those that are open must be. */
export interface QuantileState {
  readonly found: readonly ReadonlyMap<number, number>[];
  /** Per column, values that are not NaN; -1 as long as they are not counted. */
  readonly counts: readonly number[];
  readonly open: readonly ValueRange[];
}

/** A shard's share of a range: its values, or their counts by part and their extremes. */
export type RangePart =
  | { readonly values: Float64Array }
  | { readonly counts: Uint32Array; readonly min: number; readonly max: number };

/** Values gathered in a round, over all ranges: 32 MB. */
const GATHERED = 2 ** 22;

/** The state before the first round: all values of every column are in one range. */
export function startOf(columns: number, rows: number): QuantileState {
  const gather = rows <= gatherLimit(columns);
  return {
    found: Array.from({ length: columns }, () => new Map()),
    counts: new Array<number>(columns).fill(-1),
    open: Array.from({ length: columns }, (_, column) => {
      const bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
      return { column, ...bounds, below: 0, ranks: null, gather };
    }),
  };
}

function gatherLimit(ranges: number): number {
  return Math.max(1024, Math.min(65_536, Math.floor(GATHERED / Math.max(1, ranges))));
}

/** The wanted ranks of n values, from 0, ascending; equal ones are there as often as wanted. */
export function ranksOf(rule: RankRule, n: number): number[] {
  if (rule.kind === 'quantiles') {
    return rule.probabilities.map((p) => Math.max(0, Math.ceil(p * n) - 1));
  }
  if (n <= rule.bins) return Array.from({ length: n }, (_, rank) => rank);
  const width = n / rule.bins;
  const starts = Array.from({ length: rule.bins }, (_, k) => Math.floor(k * width));
  return [...starts, n - 1];
}

/** The training that `orderStatistics` runs on the workers. */
export function quantileTraining({
  rule,
  missing,
}: QuantileTrainingParams): Training<QuantileState, RangePart[]> {
  return {
    partial: ({ table }, { open }, scope) =>
      withScratch(scope, () => {
        const runs = runsOf(table, missing, scope);
        return open.map((range) => partOf(runs[range.column]!, range, scope));
      }),

    combine: (a, b) => a.map((part, i) => combined(part, b[i]!)),

    update: (state, parts) => narrowed(state, parts, rule),
  };
}

function partOf(run: Run, { low, high, gather }: ValueRange, scope: KernelScope): RangePart {
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    if (!gather && low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) {
      const { min, max, hasNaN } = extremesOf(run, scope);
      if (!hasNaN) return { counts: countsOf(run, low, high, scope), min, max };
    }
    const address = arena.scratch(run.length * 8);
    const length = kernels.exports.selectBetween(run.length, run.address, low, high, address);
    if (gather) return { values: arena.f64(address, length).slice() };
    const selected = { address, length };
    const { min, max } = extremesOf(selected, scope);
    return { counts: countsOf(selected, low, high, scope), min, max };
  });
}

/** The smallest and the largest value that is not NaN. Eight columns are faster than one. */
function extremesOf(
  { address, length }: Run,
  { arena, kernels }: KernelScope,
): { readonly min: number; readonly max: number; readonly hasNaN: boolean } {
  const minAt = arena.scratch(128);
  const maxAt = minAt + 64;
  const min = arena.f64(minAt, 8).fill(Number.POSITIVE_INFINITY);
  const max = arena.f64(maxAt, 8).fill(Number.NEGATIVE_INFINITY);
  const { columnMinMax } = kernels.exports;
  const rows = length >> 3;
  const inRows = columnMinMax(rows, 8, address, minAt, maxAt);
  const inRest = columnMinMax(1, length & 7, address + rows * 64, minAt, maxAt);
  return { min: Math.min(...min), max: Math.max(...max), hasNaN: (inRows | inRest) !== 0 };
}

/** How many of the values, which are in the range, are in each of its parts. */
function countsOf(
  { address, length }: Run,
  low: number,
  high: number,
  scope: KernelScope,
): Uint32Array {
  const { arena, kernels } = scope;
  const lowAt = toScratch(scope, Float64Array.of(low));
  const countsAt = arena.scratch(4 * PARTS * 4);
  const tables = arena.i32(countsAt, 4 * PARTS).fill(0);
  kernels.exports.countKeys(length, address, lowAt, partShift(low, high), PARTS, countsAt);
  const counts = Uint32Array.from(tables.subarray(0, PARTS));
  for (let at = PARTS; at < tables.length; at++) counts[at % PARTS]! += tables[at]!;
  return counts;
}

function combined(a: RangePart, b: RangePart): RangePart {
  if ('values' in a && 'values' in b) {
    const values = new Float64Array(a.values.length + b.values.length);
    values.set(a.values);
    values.set(b.values, a.values.length);
    return { values };
  }
  if ('values' in a || 'values' in b) return a;
  for (let part = 0; part < PARTS; part++) a.counts[part]! += b.counts[part]!;
  return { counts: a.counts, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function narrowed(
  state: QuantileState,
  parts: readonly RangePart[],
  rule: RankRule,
): Step<QuantileState> {
  const found = state.found.map((values) => new Map(values));
  const counts = [...state.counts];
  const limit = gatherLimit(state.open.length);
  const open = state.open.flatMap((range, i) => {
    const part = parts[i]!;
    const { column, below } = range;
    if (range.ranks === null) counts[column] = countOf(part);
    const ranks = range.ranks ?? ascending(ranksOf(rule, counts[column]!));
    const values = found[column]!;
    if (ranks.length === 0 || countOf(part) === 0) return [];
    if ('values' in part) {
      const sorted = part.values.sort();
      for (const rank of ranks) values.set(rank, sorted[rank - below]! + 0);
      return [];
    }
    if (part.min === part.max) {
      for (const rank of ranks) values.set(rank, part.min + 0);
      return [];
    }
    return partsWith(ranks, range, part.counts, limit);
  });
  return { state: { found, counts, open }, done: open.length === 0 };
}

function countOf(part: RangePart): number {
  if ('values' in part) return part.values.length;
  return part.counts.reduce((sum, count) => sum + count, 0);
}

function ascending(ranks: readonly number[]): number[] {
  return [...new Set(ranks)].sort((a, b) => a - b);
}

/** The parts of a range that hold its ranks, as ranges. */
function partsWith(
  ranks: readonly number[],
  { column, low, high, below }: ValueRange,
  counts: Uint32Array,
  limit: number,
): ValueRange[] {
  const ranges: ValueRange[] = [];
  let before = below;
  let next = 0;
  for (let part = 0; part < PARTS && next < ranks.length; part++) {
    const end = before + counts[part]!;
    const first = next;
    while (next < ranks.length && ranks[next]! < end) next++;
    if (next > first) {
      const [from, to] = partBounds(low, high, part);
      const gather = counts[part]! <= limit;
      const wanted = ranks.slice(first, next);
      ranges.push({ column, low: from, high: to, below: before, ranks: wanted, gather });
    }
    before = end;
  }
  return ranges;
}
