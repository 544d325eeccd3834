/**
 * The hashing trick, one column at a time: which slot of the output vector each row's feature has.
 *
 * A numeric column has one slot, that of its name, and its numbers as values. A categorical one has
 * the slot of `name=text` for each text, and 1 as value. Texts of a dictionary are hashed once for
 * the dictionary, not per row.
 */
import type { KernelScope } from '../algorithm/training.js';
import { javaDoubleText, javaFloatText } from '../core/java-text.js';
import { withScratch } from '../stage/kernel-data.js';
import type { BooleanColumn } from '../table/boolean-column.js';
import type { DictionaryColumn } from '../table/dictionary-column.js';
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import type { Utf8Column } from '../table/utf8-column.js';

/** Columns that can be hashed. */
export type HashableColumn =
  | NumericColumn
  | Int64Column
  | BooleanColumn
  | Utf8Column
  | DictionaryColumn;

/** The slot of a row that has no value. */
const ABSENT = -1;

/** Slots of the texts `prefix + text`. */
function slotsOfTexts(
  texts: readonly string[],
  prefix: string,
  numFeatures: number,
  scope: KernelScope,
): Int32Array {
  const { arena, kernels } = scope;
  return withScratch(scope, () => {
    const units = texts.reduce((sum, text) => sum + text.length, 0);
    const prefixAt = writeUnits(prefix, scope);
    const offsetsAt = arena.scratch((texts.length + 1) * 4);
    const unitsAt = arena.scratch(units * 2);
    const offsets = arena.i32(offsetsAt, texts.length + 1);
    const into = arena.u16(unitsAt, units);
    let at = 0;
    texts.forEach((text, i) => {
      offsets[i] = at;
      for (let j = 0; j < text.length; j++) into[at++] = text.charCodeAt(j);
    });
    offsets[texts.length] = at;
    const out = arena.scratch(texts.length * 4);
    const { murmur3Utf16Batch, slotsOfHashes } = kernels.exports;
    murmur3Utf16Batch(texts.length, offsetsAt, unitsAt, prefixAt, prefix.length, out);
    slotsOfHashes(texts.length, out, numFeatures, out);
    return arena.i32(out, texts.length).slice();
  });
}

function writeUnits(text: string, { arena }: KernelScope): number {
  const at = arena.scratch(text.length * 2);
  const units = arena.u16(at, text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return at;
}

/** How a column's rows are written: slots always, values where they are not all 1. */
export interface HashedColumn {
  /** Writes slots (and values) of rows `[start, start + slots.length)`. */
  write(start: number, slots: Int32Array, values: Float64Array): void;
}

/** A numeric column: one slot, the numbers as values. */
export function hashNumeric(
  name: string,
  column: NumericColumn | Int64Column,
  numFeatures: number,
  scope: KernelScope,
): HashedColumn {
  const slot = slotsOfTexts([name], '', numFeatures, scope)[0]!;
  const numbers = column.layout === 'int64' ? column.toFloat64() : column.values;
  return {
    write(start, slots, values) {
      slots.fill(slot);
      for (let i = 0; i < slots.length; i++) values[i] = numbers[start + i]!;
      markAbsent(column, start, slots);
    },
  };
}

/** A categorical column: a slot for each text, the value 1. */
export function hashCategorical(
  name: string,
  column: HashableColumn,
  numFeatures: number,
  scope: KernelScope,
): HashedColumn {
  const prefix = `${name}=`;
  const write = writerOf(column, prefix, numFeatures, scope);
  return {
    write(start, slots, values) {
      write(start, slots);
      values.fill(1);
      markAbsent(column, start, slots);
    },
  };
}

type SlotWriter = (start: number, slots: Int32Array) => void;

function writerOf(
  column: HashableColumn,
  prefix: string,
  numFeatures: number,
  scope: KernelScope,
): SlotWriter {
  switch (column.layout) {
    case 'dictionary': {
      const table = slotsOfLabels(column.labels, prefix, numFeatures, scope);
      const { codes } = column;
      return (start, slots) => {
        for (let i = 0; i < slots.length; i++) slots[i] = table[codes[start + i]!] ?? ABSENT;
      };
    }
    case 'boolean': {
      const [no, yes] = slotsOfTexts(['false', 'true'], prefix, numFeatures, scope);
      return (start, slots) => {
        for (let i = 0; i < slots.length; i++) {
          if (!column.isNull(start + i)) slots[i] = column.get(start + i) ? yes! : no!;
        }
      };
    }
    case 'utf8':
      return (start, slots) => hashUtf8(column, start, slots, prefix, numFeatures, scope);
    default: {
      const text = textOf(column);
      return (start, slots) => {
        const texts = Array.from(slots, (_, i) => text(start + i));
        slots.set(slotsOfTexts(texts, prefix, numFeatures, scope));
      };
    }
  }
}

/** The text of a number as Java gives it. */
function textOf(column: NumericColumn | Int64Column): (row: number) => string {
  if (column.layout === 'int64') return (row) => String(column.values[row]);
  const { values, type } = column;
  if (type === 'int32') return (row) => String(values[row]);
  if (type === 'float32') return (row) => javaFloatText(values[row]!);
  return (row) => javaDoubleText(values[row]!);
}

/** Slots of dictionaries that have been hashed, by the identity of their labels. */
const known = new WeakMap<readonly string[], Map<string, Int32Array>>();

function slotsOfLabels(
  labels: readonly string[],
  prefix: string,
  numFeatures: number,
  scope: KernelScope,
): Int32Array {
  const tables = known.get(labels) ?? new Map<string, Int32Array>();
  known.set(labels, tables);
  const key = `${numFeatures} ${prefix}`;
  const table = tables.get(key);
  // Labels may have been appended to since.
  if (table !== undefined && table.length === labels.length) return table;
  const made = slotsOfTexts(labels, prefix, numFeatures, scope);
  tables.set(key, made);
  return made;
}

function hashUtf8(
  { offsets, bytes }: Utf8Column,
  start: number,
  slots: Int32Array,
  prefix: string,
  numFeatures: number,
  scope: KernelScope,
): void {
  const { arena, kernels } = scope;
  const n = slots.length;
  withScratch(scope, () => {
    const first = offsets[start]!;
    const length = offsets[start + n]! - first;
    const prefixAt = writeUnits(prefix, scope);
    const offsetsAt = arena.scratch((n + 1) * 4);
    const bytesAt = arena.scratch(length);
    const rebased = arena.i32(offsetsAt, n + 1);
    let longest = 0;
    for (let i = 0; i <= n; i++) {
      rebased[i] = offsets[start + i]! - first;
      if (i > 0) longest = Math.max(longest, rebased[i]! - rebased[i - 1]!);
    }
    arena.u8(bytesAt, length).set(bytes.subarray(first, first + length));
    // UTF-16 has at most as many units as UTF-8 has bytes.
    const unitsAt = arena.scratch((prefix.length + longest) * 2);
    const out = arena.scratch(n * 4);
    const { murmur3Utf8Batch, slotsOfHashes } = kernels.exports;
    murmur3Utf8Batch(n, offsetsAt, bytesAt, prefixAt, prefix.length, unitsAt, out);
    slotsOfHashes(n, out, numFeatures, out);
    slots.set(arena.i32(out, n));
  });
}

function markAbsent(column: HashableColumn, start: number, slots: Int32Array): void {
  if (column.nullCount === 0) return;
  for (let i = 0; i < slots.length; i++) if (column.isNull(start + i)) slots[i] = ABSENT;
}
