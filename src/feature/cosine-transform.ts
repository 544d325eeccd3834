/**
 * How the discrete cosine transform of one size is computed: tables, and the kernel that uses them.
 *
 * | size | algorithm | multiplications a row |
 * | --- | --- | --- |
 * | a power of two, 64 and up | Makhoul: one Fourier transform | O(n log n) |
 * | up to 256 | tables of cosines, halved by symmetry | n²/2 |
 * | any other | Bluestein: a convolution by Fourier transforms | O(n log n) |
 */
import type { KernelScope } from '../algorithm/training.js';
import type { Address } from '../memory/kernels.js';
import { addressOf } from '../stage/kernel-data.js';

/** Powers of two below this are faster by tables. */
const SMALLEST_FOURIER = 64;
/** Sizes above this are faster by convolution. */
const LARGEST_TABLES = 256;

/** Transforms `rows` rows at `x` to `out`. */
export type CosineRows = (rows: number, x: Address, out: Address) => void;

/** The transform of one size and direction. */
export interface CosineTransform {
  readonly size: number;
  /** Puts the tables into scratch memory, for which the caller is inside `withScratch`. */
  place(scope: KernelScope): CosineRows;
}

/** The orthonormal DCT-II of a size >= 1, or its inverse, the DCT-III. */
export function cosineTransform(size: number, inverse: boolean): CosineTransform {
  if (size >= SMALLEST_FOURIER && (size & (size - 1)) === 0) return byFourier(size, inverse);
  return size <= LARGEST_TABLES ? byTables(size, inverse) : byChirp(size, inverse);
}

/** The factor that makes row k of the transform a vector of length 1. */
function unit(k: number, size: number): number {
  return Math.sqrt((k === 0 ? 1 : 2) / size);
}

/** cos(π · turns / size), of an integer: reduced exactly, so a large angle is as good as a small. */
function cosine(turns: number, size: number): number {
  return Math.cos((Math.PI * (turns % (2 * size))) / size);
}

/** cos and sin of 2πj/size for j < size/2. */
function twiddlesOf(size: number): Float64Array {
  const twiddles = new Float64Array(size);
  for (let j = 0; j < size / 2; j++) {
    const angle = (2 * Math.PI * j) / size;
    twiddles[2 * j] = Math.cos(angle);
    twiddles[2 * j + 1] = Math.sin(angle);
  }
  return twiddles;
}

/** What the kernel `cosineByTables` takes. */
export function cosineTables(
  size: number,
  inverse: boolean,
): { readonly even: Float64Array; readonly odd: Float64Array } {
  const half = size >> 1;
  const table = (n: number, odd: 0 | 1): Float64Array => {
    const values = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const k = 2 * i + odd;
        const at = inverse ? j * n + i : i * n + j;
        values[at] = unit(k, size) * cosine((2 * j + 1) * k, 2 * size);
      }
    }
    return values;
  };
  return { even: table(size - half, 0), odd: table(half, 1) };
}

function byTables(size: number, inverse: boolean): CosineTransform {
  const { even, odd } = cosineTables(size, inverse);
  return {
    size,
    place(scope) {
      const [evenAt, oddAt] = [addressOf(even, scope), addressOf(odd, scope)];
      const scratch = scope.arena.scratch(size * 32);
      const { cosineByTables } = scope.kernels.exports;
      return (rows, x, out) =>
        cosineByTables(rows, size, Number(inverse), evenAt, oddAt, x, scratch, out);
    },
  };
}

/** What the kernel `cosineByFourier` takes, in both directions. */
export function fourierTables(size: number): {
  readonly order: Int32Array;
  readonly turns: Float64Array;
  readonly twiddles: Float64Array;
} {
  const bits = Math.log2(size);
  const order = new Int32Array(size);
  for (let k = 1; k < size; k++) order[k] = (order[k >> 1]! >> 1) | ((k & 1) << (bits - 1));
  const turns = new Float64Array(2 * size);
  for (let k = 0; k < size; k++) {
    const angle = (Math.PI * k) / (2 * size);
    turns[2 * k] = unit(k, size) * Math.cos(angle);
    turns[2 * k + 1] = unit(k, size) * Math.sin(angle);
  }
  return { order, turns, twiddles: twiddlesOf(size) };
}

function byFourier(size: number, inverse: boolean): CosineTransform {
  const { order, turns, twiddles } = fourierTables(size);
  return {
    size,
    place(scope) {
      const orderAt = addressOf(order, scope);
      const [turnsAt, twiddlesAt] = [addressOf(turns, scope), addressOf(twiddles, scope)];
      const scratch = scope.arena.scratch(size * 32);
      const { cosineByFourier } = scope.kernels.exports;
      const back = Number(inverse);
      return (rows, x, out) =>
        cosineByFourier(rows, size, back, orderAt, turnsAt, twiddlesAt, x, scratch, out);
    },
  };
}

/**
 * What the kernel `cosineByChirp` takes. Since 2jk = j² + k² - (k - j)², the sum over j of x[j]·exp(-iπ(2j + 1)k/2n) is a convolution of
 * x[j]·w[j] with exp(iπt²/2n), times w[k]·exp(-iπk/2n), where w[t] = exp(-iπt²/2n).
 */
export function chirpTables(
  size: number,
  inverse: boolean,
): {
  readonly length: number;
  readonly pre: Float64Array;
  readonly post: Float64Array;
  readonly spectrum: Float64Array;
  readonly twiddles: Float64Array;
} {
  const length = 2 ** Math.ceil(Math.log2(2 * size - 1));
  const chirp = new Float64Array(2 * size);
  const turned = new Float64Array(2 * size);
  const around = new Float64Array(2 * length);
  for (let t = 0; t < size; t++) {
    // Angles in units of π/2n repeat after 4n of them; t² is exact, so its remainder is.
    const square = (Math.PI * ((t * t) % (4 * size))) / (2 * size);
    const shifted = (Math.PI * ((t * t + t) % (4 * size))) / (2 * size);
    const [re, im] = [Math.cos(square), Math.sin(square)];
    chirp[2 * t] = re;
    chirp[2 * t + 1] = -im;
    turned[2 * t] = unit(t, size) * Math.cos(shifted);
    turned[2 * t + 1] = -unit(t, size) * Math.sin(shifted);
    for (const place of t === 0 ? [0] : [t, length - t]) {
      around[2 * place] = re / length;
      around[2 * place + 1] = im / length;
    }
  }
  const twiddles = twiddlesOf(length);
  fourier(around, twiddles);
  const [pre, post] = inverse ? [turned, chirp] : [chirp, turned];
  return { length, pre, post, spectrum: around, twiddles };
}

function byChirp(size: number, inverse: boolean): CosineTransform {
  const { length, pre, post, spectrum, twiddles } = chirpTables(size, inverse);
  return {
    size,
    place(scope) {
      const [preAt, postAt] = [addressOf(pre, scope), addressOf(post, scope)];
      const [spectrumAt, twiddlesAt] = [addressOf(spectrum, scope), addressOf(twiddles, scope)];
      const scratch = scope.arena.scratch(length * 32);
      const { cosineByChirp } = scope.kernels.exports;
      return (rows, x, out) =>
        cosineByChirp(rows, size, length, preAt, postAt, spectrumAt, twiddlesAt, x, scratch, out);
    },
  };
}

/** z ← its Fourier transform, at bit-reversed places, as the kernels have it. z: complex. */
function fourier(z: Float64Array, twiddles: Float64Array): void {
  let step = 2;
  for (let half = z.length / 2; half >= 2; half /= 2) {
    for (let group = 0; group < z.length; group += 2 * half) {
      for (let a = group, w = 0; a < group + half; a += 2, w += step) {
        const b = a + half;
        const [c, s] = [twiddles[w]!, twiddles[w + 1]!];
        const [re, im] = [z[a]! - z[b]!, z[a + 1]! - z[b + 1]!];
        z[a]! += z[b]!;
        z[a + 1]! += z[b + 1]!;
        z[b] = re * c + im * s;
        z[b + 1] = im * c - re * s;
      }
    }
    step *= 2;
  }
}
