/**
 * Columns of strings and numbers as byte strings, and back. A number's bytes stand for the text
 * that Java gives it, which is what a label is: 1 is `1.0` in a float64 column and `1` in an int32
 * column, and 0 and -0 are `0.0` and `-0.0`.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { javaDoubleText, javaFloatText } from '../core/java-text.js';
import { asBuffer } from '../table/buffers.js';
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import { encodeStrings } from '../table/utf8-builder.js';
import type { Utf8Column } from '../table/utf8-column.js';
import type { KeyList, Keys } from './key-dictionary.js';

/** Columns whose cells are looked at as bytes. */
export type KeyColumn = Utf8Column | NumericColumn | Int64Column;
/** Their types. */
export type KeyType = KeyColumn['type'];

/** Text up to this size is decoded at once. */
const MOST_AT_ONCE = 1 << 28;

/** The cells of a column as byte strings: equal bytes, equal text, but for NaN. No copy as a rule. */
export function keysOf(column: KeyColumn): Keys {
  const { length, validity } = column;
  if (column.layout === 'utf8') {
    return { length, validity, width: 0, ...validText(column) };
  }
  const { values } = column;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { length, validity, width: values.BYTES_PER_ELEMENT, offsets: null, bytes };
}

/** Bytes that are no UTF-8 are replaced, as whoever reads the strings would see them. */
function validText(column: Utf8Column): Pick<Keys, 'bytes' | 'offsets'> {
  const { bytes, offsets, length } = column;
  const [start, end] = [offsets[0]!, offsets[length]!];
  const shown = bytes.subarray(start, end);
  if (isAscii(shown) || (isUtf8(shown) && !cutsCharacters(column))) return { bytes, offsets };
  return encodeStrings(Array.from({ length }, (_, i) => column.get(i)));
}

/** Whether a string starts in the middle of a character. */
function cutsCharacters({ bytes, offsets, length }: Utf8Column): boolean {
  for (let i = 0; i < length; i++) {
    const at = offsets[i]!;
    if (at < offsets[i + 1]! && (bytes[at]! & 0xc0) === 0x80) return true;
  }
  return false;
}

/** The text of a cell that is not null. */
export function textAt(column: KeyColumn, row: number): string {
  switch (column.type) {
    case 'float64':
      return javaDoubleText(column.values[row] as number);
    case 'float32':
      return javaFloatText(column.values[row] as number);
    default:
      return String(column.get(row));
  }
}

/** The texts of keys that a dictionary has counted. */
export function textsOfKeys(type: KeyType, { bytes, offsets }: KeyList): string[] {
  if (type === 'string') return decoded(bytes, offsets);
  const { buffer } = bytes.slice();
  switch (type) {
    case 'float64':
      return Array.from(new Float64Array(buffer), javaDoubleText);
    case 'float32':
      return Array.from(new Float32Array(buffer), javaFloatText);
    case 'int32':
      return Array.from(new Int32Array(buffer), String);
    case 'int64':
      return Array.from(new BigInt64Array(buffer), String);
  }
}

function decoded(bytes: Uint8Array, offsets: Int32Array): string[] {
  const text = asBuffer(bytes);
  const length = offsets.length - 1;
  if (bytes.length <= MOST_AT_ONCE && isAscii(bytes)) {
    const all = text.toString('latin1');
    return Array.from({ length }, (_, i) => all.slice(offsets[i]!, offsets[i + 1]!));
  }
  return Array.from({ length }, (_, i) => text.toString('utf8', offsets[i]!, offsets[i + 1]!));
}

/** The labels that cells of a column can have, as keys, and which of all labels they are. */
export interface LabelKeys {
  readonly keys: Keys;
  readonly positions: Int32Array;
}

/** The keys of labels in columns of a type. A label that is not the text of any cell has none. */
export function keysOfLabels(type: KeyType, labels: readonly string[]): LabelKeys {
  if (type === 'string') {
    return { keys: keysOfTexts(labels), positions: new Int32Array(labels.length).map((_, i) => i) };
  }
  const isText = TEXTS[type];
  const positions = Int32Array.from([...labels.keys()].filter((i) => isText(labels[i]!)));
  const texts = Array.from(positions, (i) => labels[i]!);
  const values = numbersOf(type, texts);
  const keys = {
    length: texts.length,
    width: values.BYTES_PER_ELEMENT,
    bytes: new Uint8Array(values.buffer),
    ...{ offsets: null, validity: null },
  };
  return { keys, positions };
}

/** Strings as the keys that they are in a UTF-8 column. */
export function keysOfTexts(texts: readonly string[]): Keys {
  return { length: texts.length, width: 0, validity: null, ...encodeStrings(texts) };
}

/** A string as it reads once it was UTF-8: lone surrogates are replaced. */
export function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? Buffer.from(text).toString() : text;
}

function numbersOf(type: Exclude<KeyType, 'string'>, texts: readonly string[]) {
  switch (type) {
    case 'float64':
      return Float64Array.from(texts, Number);
    case 'float32':
      return Float32Array.from(texts, Number);
    case 'int32':
      return Int32Array.from(texts, Number);
    case 'int64':
      return BigInt64Array.from(texts, BigInt);
  }
}

/** Whether a label is the text of some number of that type. */
const TEXTS: Readonly<Record<Exclude<KeyType, 'string'>, (label: string) => boolean>> = {
  float64: (label) => label === javaDoubleText(Number(label)),
  float32: (label) => label === javaFloatText(Math.fround(Number(label))),
  int32: (label) => label === String(Number(label) | 0),
  int64: (label) => /^-?\d+$/.test(label) && label === String(BigInt.asIntN(64, BigInt(label))),
};
