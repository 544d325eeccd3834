/** What the tables of kernel cases share: sizes, edge values, tolerances. */
import type { KernelExports } from '../../src/memory/kernels.js';
import type { Random } from './random.js';
import type { Arg, Tolerance } from './run.js';

/** One kernel: its reference, its inputs, and how close each build comes. */
export interface KernelCases {
  readonly name: Exclude<keyof KernelExports, 'heapBase'>;
  readonly reference: (...args: never[]) => unknown;
  /** Inputs as the kernel takes them; arrays are both in and out. */
  readonly inputs: (random: Random) => Iterable<Arg[]>;
  /** Positions of arguments that are scratch: their contents afterwards mean nothing. */
  readonly scratch?: readonly number[];
  readonly simd: Tolerance;
  readonly relaxed: Tolerance;
}

export const SIZES: readonly number[] = [0, 1, 2, 3, 5, 8, 17, 64, 100, 1000];
const EDGES: readonly number[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  0,
  5e-324,
  1e308,
  -1e308,
  1e-200,
];
/** Fused or not, sums of a thousand products of values near 1. */
export const FUSED: Tolerance = { rtol: 1e-12, atol: 1e-12 };
export const BITS: Tolerance = 'bits';

/** n zeros. */
export function zeros(n: number): Float64Array {
  return new Float64Array(n);
}

/** Random values, some of which are edge values when `edgy`. */
export function values(random: Random, n: number, edgy = false): Float64Array {
  const x = random.f64(n);
  if (edgy) {
    for (let i = 0; i < n; i++)
      if (random.below(8) === 0) x[i] = EDGES[random.below(EDGES.length)]!;
  }
  return x;
}

/** n integers in [0, end), as i32. */
export function ints(random: Random, n: number, end: number): Int32Array {
  return Int32Array.from({ length: n }, () => random.below(end));
}

/** Cases for each size, ordinary and with edge values. */
export function sized(
  make: (n: number, random: Random, edgy: boolean) => Arg[],
): (random: Random) => Iterable<Arg[]> {
  return function* (random) {
    for (const n of SIZES) for (const edgy of [false, true]) yield make(n, random, edgy);
  };
}

/** Cases for each shape, ordinary and with edge values. */
export function shaped(
  make: (n: number, d: number, random: Random, edgy: boolean) => Arg[],
): (random: Random) => Iterable<Arg[]> {
  return function* (random) {
    for (const n of [0, 1, 2, 3, 4, 5, 8, 17, 100]) {
      for (const d of [1, 2, 3, 7, 8, 9, 20, 100]) {
        for (const edgy of [false, true]) yield make(n, d, random, edgy);
      }
    }
  };
}
