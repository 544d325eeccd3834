/** Plain references of assembly/dictionary.ts. A slot's address, the last of its eight words, is 0. */

const MASK = (1n << 64n) - 1n;
const [P0, P1, P2] = [0x9e3779b97f4a7c15n, 0xbf58476d1ce4e5b9n, 0x94d049bb133111ebn];

/** Eight bytes from `at` on as an integer, the first the lowest; 0 after the end. */
function word(key: Uint8Array, at: number): bigint {
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(key[at + i] ?? 0);
  return value;
}

function mix(h: bigint, key: Uint8Array, at: number): bigint {
  const first = ((h ^ word(key, at)) * P1) & MASK;
  const turned = ((first << 32n) | (first >> 32n)) & MASK;
  return ((turned ^ word(key, at + 8)) * P2) & MASK;
}

function hashOf(key: Uint8Array): number {
  let h = mix((BigInt(key.length) * P0) & MASK, key, 0);
  if (key.length > 16) {
    for (let at = 16; at < key.length - 16; at += 16) h = mix(h ^ (h >> 32n), key, at);
    h = mix(h ^ (h >> 32n), key, key.length - 16);
  }
  return Number((h ^ (h >> 32n)) & 0xffffffffn);
}

type Rows = readonly [offsets: Int32Array | null, width: number, bytes: Uint8Array];

function keyAt([offsets, width, bytes]: Rows, row: number): Uint8Array {
  return offsets === null
    ? bytes.slice(row * width, (row + 1) * width)
    : bytes.slice(offsets[row], offsets[row + 1]);
}

const isNull = (validity: Uint8Array | null, row: number): boolean =>
  validity !== null && ((validity[row >> 3]! >> (row & 7)) & 1) === 0;

/** The words of a slot: of a key that is longer than 16 bytes, tests see the first 16 only. */
function findSlot(slots: Int32Array, mask: number, key: Uint8Array, hash: number): number {
  const head = Int32Array.of(...[0, 4, 8, 12].map((at) => Number(word(key, at) & 0xffffffffn)));
  for (let index = hash & mask; ; index = (index + 1) & mask) {
    const there = slots.subarray(index * 8, index * 8 + 6);
    const isSame =
      there[4] === key.length + 1 &&
      head.every((part, i) => part === there[i]) &&
      (key.length <= 16 || there[5] === (hash | 0));
    if (isSame || there[4] === 0) return index;
  }
}

export function dictionaryAdd(
  start: number,
  n: number,
  offsets: Int32Array | null,
  width: number,
  bytes: Uint8Array,
  _size: number,
  validity: Uint8Array | null,
  weights: Int32Array | null,
  slots: Int32Array,
  mask: number,
  entries: Int32Array,
  room: number,
): number {
  for (let row = start; row < n; row++) {
    if (isNull(validity, row)) continue;
    const key = keyAt([offsets, width, bytes], row);
    const hash = hashOf(key);
    const index = findSlot(slots, mask, key, hash);
    const weight = weights === null ? 1 : weights[row]!;
    if (slots[index * 8 + 4] !== 0) {
      slots[index * 8 + 6]! += weight;
      continue;
    }
    if (entries[0] === room) return row;
    const head = [0, 4, 8, 12].map((at) => Number(word(key, at) & 0xffffffffn));
    slots.set([...head, key.length + 1, hash, weight], index * 8);
    entries[++entries[0]!] = index;
  }
  return n;
}

export function dictionaryFind(
  n: number,
  offsets: Int32Array | null,
  width: number,
  bytes: Uint8Array,
  _size: number,
  validity: Uint8Array | null,
  slots: Int32Array,
  mask: number,
  missing: number,
  out: Float64Array,
): number {
  let misses = 0;
  for (let row = 0; row < n; row++) {
    const key = keyAt([offsets, width, bytes], row);
    const index = findSlot(slots, mask, key, hashOf(key));
    const isFound = !isNull(validity, row) && slots[index * 8 + 4] !== 0;
    if (!isFound) misses++;
    out[row] = isFound ? slots[index * 8 + 6]! : missing;
  }
  return misses;
}

export function dictionaryGrow(
  slots: Int32Array,
  entries: Int32Array,
  larger: Int32Array,
  mask: number,
): void {
  for (let e = 1; e <= entries[0]!; e++) {
    const from = entries[e]! * 8;
    let index = slots[from + 5]! & mask;
    while (larger[index * 8 + 4] !== 0) index = (index + 1) & mask;
    larger.set(slots.subarray(from, from + 8), index * 8);
    entries[e] = index;
  }
}

/** Measures only: slots have no addresses here. */
export function dictionaryKeep(slots: Int32Array, entries: Int32Array, from: number): number {
  let total = 0;
  for (let e = 1 + from; e <= entries[0]!; e++) {
    const length = slots[entries[e]! * 8 + 4]! - 1;
    if (length > 16) total += length;
  }
  return total;
}

export function dictionaryList(
  slots: Int32Array,
  entries: Int32Array,
  offsets: Int32Array,
  bytes: Uint8Array,
  values: Int32Array,
): number {
  let total = 0;
  for (let e = 1; e <= entries[0]!; e++) {
    const slot = slots.subarray(entries[e]! * 8, entries[e]! * 8 + 8);
    const length = slot[4]! - 1;
    const head = new Uint8Array(slot.slice(0, 4).buffer, 0, length);
    bytes.set(head, total);
    total += length;
    offsets[e] = total;
    values[e - 1] = slot[6]!;
  }
  offsets[0] = 0;
  return total;
}
