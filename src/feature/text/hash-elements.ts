/** Slots of the elements of lists by MurmurHash3 x86 32, which Flink ML's HashingTF uses. */
import type { KernelScope } from '../../algorithm/training.js';
import { addressOf, withScratch } from '../../stage/kernel-data.js';
import type { BooleanColumn } from '../../table/boolean-column.js';
import type { DictionaryColumn } from '../../table/dictionary-column.js';
import type { Int64Column } from '../../table/int64-column.js';
import type { NumericColumn } from '../../table/numeric-column.js';
import type { Utf8Column } from '../../table/utf8-column.js';
import type { SlotsOf } from './count-rows.js';
import { asUtf8, utf8Of } from './text-columns.js';

/** What lists can hold to be hashed. */
export type ElementColumn =
  | NumericColumn
  | Int64Column
  | BooleanColumn
  | Utf8Column
  | DictionaryColumn;

/**
 * How the slots of elements are written: floorMod(h, numFeatures), by the type of the column.
 *
 * Strings are hashed as UTF-16 code units; int32 and float32 as their 32 bits; int64 and float64 as
 * their 64 bits, low half first; booleans as the int32 1 and 0. Every NaN is the same. The hash of
 * null is 0.
 */
export function slotsOfElements(
  column: ElementColumn,
  numFeatures: number,
  scope: KernelScope,
): SlotsOf {
  const write = writerOf(column, numFeatures, scope);
  if (column.nullCount === 0) return write;
  return (from, slots) => {
    write(from, slots);
    for (let i = 0; i < slots.length; i++) if (column.isNull(from + i)) slots[i] = 0;
  };
}

function writerOf(column: ElementColumn, numFeatures: number, scope: KernelScope): SlotsOf {
  switch (column.layout) {
    case 'utf8':
      return (from, slots) => hashUtf8(column, from, slots, numFeatures, scope);
    case 'dictionary': {
      const { labels, codes } = column;
      if (labels.length > column.length && column.nullCount === 0) {
        return writerOf(asUtf8(column), numFeatures, scope);
      }
      const table = new Int32Array(labels.length);
      hashUtf8(utf8Of(labels), 0, table, numFeatures, scope);
      return (from, slots) => {
        for (let i = 0; i < slots.length; i++) slots[i] = table[codes[from + i]!] ?? 0;
      };
    }
    case 'boolean': {
      const table = new Int32Array(2);
      hashWords(Int32Array.of(0, 1), 1, table, numFeatures, scope);
      return (from, slots) => {
        for (let i = 0; i < slots.length; i++) slots[i] = table[Number(column.get(from + i))]!;
      };
    }
    case 'int64':
      return (from, slots) => {
        const values = column.values.subarray(from, from + slots.length);
        hashWords(values, 2, slots, numFeatures, scope);
      };
    case 'numeric':
      return (from, slots) => {
        const values = withOneNaN(column.values.subarray(from, from + slots.length));
        hashWords(values, values instanceof Float64Array ? 2 : 1, slots, numFeatures, scope);
      };
  }
}

/** The same numbers; where one is NaN, a copy in which all NaN have the bits of Java's. */
function withOneNaN<A extends Float64Array | Float32Array | Int32Array>(values: A): A {
  if (values instanceof Int32Array || !values.includes(Number.NaN)) return values;
  const copy = values.slice() as A;
  const wide = copy instanceof Float64Array;
  const words = new Uint32Array(copy.buffer, copy.byteOffset, copy.byteLength / 4);
  for (let i = 0; i < copy.length; i++) {
    if (!Number.isNaN(copy[i])) continue;
    if (wide) words.set([0, 0x7ff80000], 2 * i);
    else words[i] = 0x7fc00000;
  }
  return copy;
}

/** Hashes elements of one or two 32-bit words: a word is two of the hash's units. */
function hashWords(
  values: ArrayBufferView,
  words: number,
  slots: Int32Array,
  numFeatures: number,
  scope: KernelScope,
): void {
  const { arena, kernels } = scope;
  const n = slots.length;
  withScratch(scope, () => {
    const offsetsAt = arena.scratch((n + 1) * 4);
    const offsets = arena.i32(offsetsAt, n + 1);
    for (let i = 0; i <= n; i++) offsets[i] = 2 * words * i;
    const out = arena.scratch(n * 4);
    const { murmur3Utf16Batch, floorMods } = kernels.exports;
    murmur3Utf16Batch(n, offsetsAt, addressOf(values, scope), 0, 0, out);
    floorMods(n, out, numFeatures, out);
    slots.set(arena.i32(out, n));
  });
}

function hashUtf8(
  { offsets, bytes }: Utf8Column,
  from: number,
  slots: Int32Array,
  numFeatures: number,
  scope: KernelScope,
): void {
  const { arena, kernels } = scope;
  const n = slots.length;
  const [first, last] = [offsets[from]!, offsets[from + n]!];
  let longest = 0;
  for (let i = from; i < from + n; i++) {
    longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
  }
  withScratch(scope, () => {
    const offsetsAt = addressOf(offsets.subarray(from, from + n + 1), scope);
    // Offsets count from before the first of these bytes; the kernel's addresses wrap as these do.
    const bytesAt = addressOf(bytes.subarray(first, last), scope) - first;
    // UTF-16 has at most as many units as UTF-8 has bytes.
    const unitsAt = arena.scratch(longest * 2);
    const out = arena.scratch(n * 4);
    const { murmur3Utf8Batch, floorMods } = kernels.exports;
    murmur3Utf8Batch(n, offsetsAt, bytesAt, 0, 0, unitsAt, out);
    floorMods(n, out, numFeatures, out);
    slots.set(arena.i32(out, n));
  });
}
