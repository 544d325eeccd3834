/** Plain references of assembly/stats.ts, with its order of additions. */

export function columnMoments(
  n: number,
  d: number,
  x: Float64Array,
  shift: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
): void {
  for (let t = 0; t < d; t++) {
    const by = (row: number): number => x[row * d + t]! - shift[t]!;
    let row = 0;
    for (; row + 4 <= n; row += 4) {
      const [a, b, c, e] = [by(row), by(row + 1), by(row + 2), by(row + 3)];
      sums[t]! += a + b + (c + e);
      squares[t]! += a * a + b * b + (c * c + e * e);
    }
    for (; row < n; row++) {
      sums[t]! += by(row);
      squares[t]! += by(row) * by(row);
    }
  }
}

export function columnMinMax(
  n: number,
  d: number,
  x: Float64Array,
  min: Float64Array,
  max: Float64Array,
): number {
  for (let i = 0; i < n * d; i++) {
    const v = x[i]!;
    if (v < min[i % d]!) min[i % d] = v;
    if (v > max[i % d]!) max[i % d] = v;
  }
  return x.subarray(0, n * d).some(Number.isNaN) ? 1 : 0;
}

export function columnMaxAbs(n: number, d: number, x: Float64Array, max: Float64Array): void {
  for (let i = 0; i < n * d; i++) max[i % d] = Math.max(max[i % d]!, Math.abs(x[i]!));
}

export function affineRows(
  n: number,
  d: number,
  x: Float64Array,
  scale: Float64Array,
  offset: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < n * d; i++) out[i] = x[i]! * scale[i % d]! + offset[i % d]!;
}

export function scaleRows(
  n: number,
  d: number,
  x: Float64Array,
  shift: Float64Array | null,
  scale: Float64Array | null,
  out: Float64Array,
): void {
  for (let i = 0; i < n * d; i++) {
    const shifted = shift ? x[i]! - shift[i % d]! : x[i]!;
    out[i] = scale ? shifted * scale[i % d]! : shifted;
  }
}

export function sparseMoments(
  nnz: number,
  indices: Int32Array,
  values: Float64Array,
  moments: Float64Array,
): void {
  for (let e = 0; e < nnz; e++) {
    const at = indices[e]! * 4;
    const v = values[e]!;
    if (moments[at + 1] === 0) moments[at] = v;
    const by = v - moments[at]!;
    moments[at + 1]! += 1;
    moments[at + 2]! += by;
    moments[at + 3]! += by * by;
  }
}

export function scaleSparse(
  nnz: number,
  indices: Int32Array,
  values: Float64Array,
  scale: Float64Array,
  out: Float64Array,
): void {
  for (let e = 0; e < nnz; e++) out[e] = values[e]! * scale[indices[e]!]!;
}
