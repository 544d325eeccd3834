/** Plain references of assembly/murmur3.ts and assembly/hashing.ts. */

const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const mixBlock = (k: number): number => Math.imul(rotl(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);

export function murmur3Utf16(units: Uint16Array, count: number, seed: number): number {
  let h = seed | 0;
  for (let i = 0; i + 2 <= count; i += 2) {
    h ^= mixBlock(units[i]! | (units[i + 1]! << 16));
    h = (Math.imul(rotl(h, 13), 5) + 0xe6546b64) | 0;
  }
  if (count % 2 === 1) h ^= mixBlock(units[count - 1]!);
  h ^= 2 * count;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** The UTF-16 units of a string. */
export function unitsOf(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

function hashAll(
  n: number,
  prefix: Uint16Array,
  prefixUnits: number,
  stringAt: (i: number) => ArrayLike<number>,
  out: Int32Array,
): void {
  for (let i = 0; i < n; i++) {
    const text = stringAt(i);
    const units = new Uint16Array(prefixUnits + text.length);
    units.set(prefix.subarray(0, prefixUnits));
    units.set(text, prefixUnits);
    out[i] = murmur3Utf16(units, units.length, 0);
  }
}

export function murmur3Utf16Batch(
  n: number,
  offsets: Int32Array,
  units: Uint16Array,
  prefix: Uint16Array,
  prefixUnits: number,
  out: Int32Array,
): void {
  hashAll(n, prefix, prefixUnits, (i) => units.subarray(offsets[i], offsets[i + 1]), out);
}

export function murmur3Utf8Batch(
  n: number,
  offsets: Int32Array,
  bytes: Uint8Array,
  prefix: Uint16Array,
  prefixUnits: number,
  _scratch: Uint16Array,
  out: Int32Array,
): void {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const textAt = (i: number): string => decoder.decode(bytes.slice(offsets[i], offsets[i + 1]));
  hashAll(n, prefix, prefixUnits, (i) => unitsOf(textAt(i)), out);
}

export function slotsOfHashes(
  n: number,
  hashes: Int32Array,
  numFeatures: number,
  out: Int32Array,
): void {
  for (let i = 0; i < n; i++) {
    const absolute = hashes[i] === -(2 ** 31) ? -(2 ** 31) : Math.abs(hashes[i]!);
    out[i] = ((absolute % numFeatures) + numFeatures) % numFeatures;
  }
}

export function gatherI32(n: number, codes: Int32Array, table: Int32Array, out: Int32Array): void {
  for (let i = 0; i < n; i++) out[i] = codes[i] === -1 ? -1 : table[codes[i]!]!;
}

export function assembleRows(
  rows: number,
  cols: number,
  indices: Int32Array,
  values: Float64Array | null,
  outOffsets: Int32Array,
  outIndices: Int32Array,
  outValues: Float64Array,
): number {
  let nnz = 0;
  outOffsets[0] = 0;
  for (let r = 0; r < rows; r++) {
    const row = new Map<number, number>();
    for (let c = 0; c < cols; c++) {
      const index = indices[c * rows + r]!;
      const value = values ? values[c * rows + r]! : 1;
      if (index !== -1) row.set(index, row.has(index) ? row.get(index)! + value : value);
    }
    for (const [index, value] of [...row].sort((a, b) => a[0] - b[0])) {
      outIndices[nnz] = index;
      outValues[nnz++] = value;
    }
    outOffsets[r + 1] = nnz;
  }
  return nnz;
}
