/** Plain references of assembly/indices.ts. */

const isIndex = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= most;

export function toIndices(
  n: number,
  x: Float64Array,
  most: number,
  other: number,
  out: Int32Array,
): number {
  let invalid = 0;
  for (let i = 0; i < n; i++) {
    const valid = isIndex(x[i]!, most);
    out[i] = valid ? x[i]! : other;
    if (!valid) invalid++;
  }
  return invalid;
}

export function largestIndex(n: number, x: Float64Array, most: number): number {
  const values = x.subarray(0, n);
  // `| 0`: an i32 has no -0.
  return values.every((value) => isIndex(value, most)) ? Math.max(-1, ...values) | 0 : -1;
}
