/** Plain references of assembly/quantile.ts. */

/** What is stored after the selected values is that of the kernel, which looks at four at once. */
export function selectBetween(
  n: number,
  x: Float64Array,
  low: number,
  high: number,
  out: Float64Array,
): number {
  const isIn = (v: number): boolean => v >= low && v <= high;
  let selected = 0;
  for (let i = 0; i < n; i += 4) {
    const values = x.subarray(i, Math.min(i + 4, n));
    if (!values.some(isIn)) continue;
    for (const v of values) {
      if (values.length === 4 || isIn(v)) out[selected] = v;
      if (isIn(v)) selected++;
    }
  }
  return selected;
}

/** The bits of a magnitude, below 0 for a number that is. */
function keyOf(value: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(Math.abs(value)).buffer)[0]!;
  return value < 0 ? -bits : bits;
}

export function countKeys(
  n: number,
  x: Float64Array,
  low: Float64Array,
  shift: number,
  parts: number,
  counts: Int32Array,
): void {
  for (let i = 0; i < n; i++) {
    const part = Number((keyOf(x[i]!) - keyOf(low[0]!)) >> BigInt(shift));
    counts[(i % 4) * parts + part]! += 1;
  }
}

export function transposeRows(n: number, d: number, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < n; i++) for (let t = 0; t < d; t++) out[t * n + i] = x[i * d + t]!;
}

export function countEdges(
  n: number,
  d: number,
  x: Float64Array,
  offsets: Int32Array,
  edges: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < n * d; i++) {
    const own = edges.subarray(offsets[i % d], offsets[(i % d) + 1]);
    out[i] = own.filter((edge) => !(x[i]! < edge)).length;
  }
}
