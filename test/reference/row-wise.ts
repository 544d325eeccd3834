/** Plain references of assembly/{norms,polynomial,cosine}.ts. */
import * as blas1 from './blas1.js';

function amax(x: Float64Array): number {
  return x.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
}

function norm(p: number, x: Float64Array): number {
  if (p === 1) return blas1.asum(x.length, x);
  return p === 2 ? blas1.nrm2(x.length, x) : amax(x);
}

function normalized(p: number, x: Float64Array): Float64Array {
  const by = norm(p, x);
  if ((by === Infinity && amax(x) < Infinity) || (by > 0 && by < 2 ** -960)) {
    const scaled = x.map((v) => v * 2 ** (by === Infinity ? -64 : 600));
    const divisor = norm(p, scaled);
    return scaled.map((v) => v / divisor);
  }
  return x.map((v) => v / (by === 0 ? 1 : by));
}

export function normalizeRows(
  n: number,
  d: number,
  p: number,
  x: Float64Array,
  out: Float64Array,
): void {
  for (let row = 0; row < n; row++) {
    out.set(normalized(p, x.slice(row * d, (row + 1) * d)), row * d);
  }
}

export function normalizeSparse(
  n: number,
  offsets: Int32Array,
  p: number,
  values: Float64Array,
  out: Float64Array,
): void {
  for (let row = 0; row < n; row++) {
    const start = offsets[row]!;
    out.set(normalized(p, values.slice(start, offsets[row + 1])), start);
  }
}

export function expandRows(
  n: number,
  d: number,
  size: number,
  count: number,
  nodes: Int32Array,
  x: Float64Array,
  out: Float64Array,
): void {
  for (let row = 0; row < n; row++) {
    const entry = (t: number) => x[row * d + t]!;
    const made = out.subarray(row * size, (row + 1) * size);
    for (let node = 0; node < count; node++) {
      const [position, parent, feature, leaves] = nodes.subarray(4 * node, 4 * node + 4);
      const value = parent! < 0 ? entry(feature!) : made[parent!]! * entry(feature!);
      made[position!] = value;
      for (let t = 0; t < leaves!; t++) made[position! + 1 + t] = value * entry(t);
    }
  }
}

/** The orthonormal DCT-II of a row or its inverse, as it is defined. */
export function cosineOfRow(x: ArrayLike<number>, inverse: boolean): Float64Array {
  const d = x.length;
  const factor = (j: number, k: number) =>
    Math.sqrt((k === 0 ? 1 : 2) / d) *
    Math.cos((Math.PI * (((2 * j + 1) * k) % (4 * d))) / (2 * d));
  return Float64Array.from({ length: d }, (_, i) => {
    let sum = 0;
    for (let t = 0; t < d; t++) sum += x[t]! * (inverse ? factor(i, t) : factor(t, i));
    return sum;
  });
}

function cosineOfRows(
  n: number,
  d: number,
  inverse: boolean,
  x: Float64Array,
  out: Float64Array,
): void {
  for (let row = 0; row < n; row++) {
    out.set(cosineOfRow(x.subarray(row * d, (row + 1) * d), inverse), row * d);
  }
}

export function cosineByTables(
  n: number,
  d: number,
  inverse: number,
  _even: Float64Array,
  _odd: Float64Array,
  x: Float64Array,
  _scratch: Float64Array,
  out: Float64Array,
): void {
  cosineOfRows(n, d, inverse === 1, x, out);
}

export function cosineByFourier(
  n: number,
  d: number,
  inverse: number,
  _order: Int32Array,
  _turns: Float64Array,
  _twiddles: Float64Array,
  x: Float64Array,
  _scratch: Float64Array,
  out: Float64Array,
): void {
  cosineOfRows(n, d, inverse === 1, x, out);
}

export function cosineByChirp(
  n: number,
  d: number,
  _m: number,
  pre: Float64Array,
  _post: Float64Array,
  _spectrum: Float64Array,
  _twiddles: Float64Array,
  x: Float64Array,
  _scratch: Float64Array,
  out: Float64Array,
): void {
  // Forward the chirp comes first, of which every number has length 1.
  const inverse = Math.abs(Math.hypot(pre[0]!, pre[1]!) - 1) > 1e-9;
  cosineOfRows(n, d, inverse, x, out);
}
