/** Plain references of assembly/blas1.ts, with its order of additions. */

/** Eight partial sums, joined as the kernels do, then the tail. */
function reduce(n: number, at: (i: number) => number): number {
  const p = [0, 0, 0, 0, 0, 0, 0, 0];
  const blocks = n - (n % 8);
  for (let i = 0; i < blocks; i++) p[i % 8]! += at(i);
  const lane = (l: number): number => p[l]! + p[l + 2]! + (p[l + 4]! + p[l + 6]!);
  let total = lane(0) + lane(1);
  for (let i = blocks; i < n; i++) total += at(i);
  return total;
}

export function dot(n: number, x: Float64Array, y: Float64Array): number {
  return reduce(n, (i) => x[i]! * y[i]!);
}

export function axpy(n: number, alpha: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < n; i++) y[i]! += alpha * x[i]!;
}

export function scal(n: number, alpha: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) x[i]! *= alpha;
}

export function asum(n: number, x: Float64Array): number {
  return reduce(n, (i) => Math.abs(x[i]!));
}

export function sum(n: number, x: Float64Array): number {
  return reduce(n, (i) => x[i]!);
}

export function nrm2(n: number, x: Float64Array): number {
  const squares = dot(n, x, x);
  if (Number.isNaN(squares) || (squares > 1e-280 && squares < Infinity)) return Math.sqrt(squares);
  const largest = x.subarray(0, n).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  if (largest === 0 || largest === Infinity) return largest;
  let total = 0;
  for (let i = 0; i < n; i++) total += (x[i]! / largest) ** 2;
  return largest * Math.sqrt(total);
}

export function spdot(
  nnz: number,
  indices: Int32Array,
  values: Float64Array,
  y: Float64Array,
): number {
  let total = 0;
  for (let e = 0; e < nnz; e++) total += values[e]! * y[indices[e]!]!;
  return total;
}

export function spaxpy(
  nnz: number,
  alpha: number,
  indices: Int32Array,
  values: Float64Array,
  y: Float64Array,
): void {
  for (let e = 0; e < nnz; e++) y[indices[e]!]! += alpha * values[e]!;
}

/** f32ToF64, i32ToF64 and f64ToF32: typed arrays convert as the kernels do. */
export function convert(
  n: number,
  src: Float32Array | Float64Array | Int32Array,
  dst: Float32Array | Float64Array,
): void {
  for (let i = 0; i < n; i++) dst[i] = src[i]!;
}

export function allFinite(n: number, x: Float32Array | Float64Array): number {
  return x.subarray(0, n).findIndex((v) => !Number.isFinite(v));
}
