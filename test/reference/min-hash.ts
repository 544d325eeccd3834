/** Plain references of assembly/min-hash.ts. */

const PRIME = 2038074743n;

export function minHash(
  rows: number,
  offsets: Int32Array,
  indices: Int32Array,
  functions: number,
  a: Int32Array,
  b: Int32Array,
  out: Float64Array,
): number {
  for (let r = 0; r < rows; r++) {
    const items = indices.subarray(offsets[r], offsets[r + 1]);
    if (items.length === 0) return r;
    for (let f = 0; f < functions; f++) {
      const hashes = Array.from(items, (j) =>
        Number(((1n + BigInt(j)) * BigInt(a[f]!) + BigInt(b[f]!)) % PRIME),
      );
      out[r * functions + f] = Math.min(...hashes);
    }
  }
  return -1;
}

export function nonZeros(
  rows: number,
  d: number,
  x: Float64Array,
  offsets: Int32Array,
  indices: Int32Array,
): number {
  let entries = 0;
  offsets[0] = 0;
  for (let r = 0; r < rows; r++) {
    for (let t = 0; t < d; t++) {
      // The place behind the last entry is written too.
      indices[entries] = t;
      if (x[r * d + t] !== 0) entries++;
    }
    offsets[r + 1] = entries;
  }
  return entries;
}
