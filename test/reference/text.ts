/** Plain references of assembly/text.ts. */

const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);

/** The tokens of one row, as `String.split` of Java gives them. */
function tokensOf(row: Uint8Array, keepEmpty: number): number[][] {
  if (row.length === 0) return keepEmpty ? [[]] : [];
  const tokens: number[][] = [[]];
  for (const byte of row) {
    if (isSpace(byte)) tokens.push([]);
    else tokens.at(-1)!.push(byte);
  }
  while (tokens.at(-1)?.length === 0) tokens.pop();
  return keepEmpty ? tokens : tokens.filter((token) => token.length > 0);
}

export function splitWhitespace(
  rows: number,
  offsets: Int32Array,
  bytes: Uint8Array,
  lower: number,
  keepEmpty: number,
  outLists: Int32Array,
  outOffsets: Int32Array,
  outBytes: Uint8Array,
): number {
  outBytes.fill(0);
  outLists[0] = 0;
  outOffsets[0] = 0;
  let tokens = 0;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const token of tokensOf(bytes.subarray(offsets[row], offsets[row + 1]), keepEmpty)) {
      for (const byte of token) {
        outBytes[at++] = lower && byte >= 65 && byte <= 90 ? byte + 32 : byte;
      }
      outOffsets[++tokens] = at;
    }
    outLists[row + 1] = tokens;
  }
  return tokens;
}

export function floorMods(n: number, hashes: Int32Array, divisor: number, out: Int32Array): void {
  for (let i = 0; i < n; i++) out[i] = ((hashes[i]! % divisor) + divisor) % divisor;
}

export function countSlots(
  rows: number,
  offsets: Int32Array,
  slots: Int32Array,
  minCount: number,
  minShare: number,
  binary: number,
  outOffsets: Int32Array,
  outIndices: Int32Array,
  outValues: Float64Array,
): number {
  let entries = 0;
  outOffsets[0] = 0;
  for (let row = 0; row < rows; row++) {
    const elements = slots.subarray(offsets[row], offsets[row + 1]).sort();
    const counts = new Map<number, number>();
    for (const slot of elements) counts.set(slot, (counts.get(slot) ?? 0) + 1);
    for (const [slot, count] of counts) {
      if (slot < 0 || count < minCount + minShare * elements.length) continue;
      outIndices[entries] = slot;
      outValues[entries++] = binary ? 1 : count;
    }
    outOffsets[row + 1] = entries;
  }
  return entries;
}
