import type { ArrowData } from './arrow-types.js';
import { getBit } from './bitmap.js';
import { int32 } from './buffers.js';
import type { Column } from './column.js';
import { markMissingCodes } from './column-check.js';
import { columnFrom } from './column-from.js';
import { concatColumns } from './concat-columns.js';
import { DictionaryColumn } from './dictionary-column.js';

/** Columns of Arrow's dictionaries, so that all batches over one share one array of labels. */
const entriesOf = new WeakMap<object, { column: Column; labels: readonly (string | null)[] }>();

/**
 * Codes into a dictionary: of strings as they stand (zero-copy for 32-bit codes), of anything else
 * as the values themselves.
 */
export function dictionaryColumn(
  data: ArrowData,
  validity: Uint8Array | null,
  columnOf: (chunk: ArrowData) => Column,
): Column {
  const codes = codesOf(data);
  const { dictionary } = data;
  if (dictionary === undefined) return new DictionaryColumn(codes, [], validity);
  let entries = entriesOf.get(dictionary);
  if (entries === undefined) {
    const column = concatColumns(dictionary.data.map(columnOf), 'dictionary');
    const labels = column.type === 'string' ? (column.toArray() as (string | null)[]) : [];
    entries = { column, labels };
    entriesOf.set(dictionary, entries);
  }
  const { column, labels } = entries;
  const present = (i: number): boolean => validity === null || getBit(validity, i);
  if (column.type !== 'string') {
    const values = Array.from(codes, (code, i) => (present(i) ? column.get(code) : null));
    return columnFrom(values, column.type);
  }
  if (column.nullCount === 0) return new DictionaryColumn(codes, labels as string[], validity);
  const known = int32(codes.length);
  for (let i = 0; i < codes.length; i++) known[i] = labels[codes[i]!] === null ? -1 : codes[i]!;
  const names = labels.map((label) => label ?? '');
  return new DictionaryColumn(known, names, markMissingCodes(known, names.length, validity));
}

function codesOf({ values, length }: ArrowData): Int32Array {
  if (values instanceof Int32Array) return values.subarray(0, length);
  const codes = int32(length);
  const narrow = values as Int16Array | BigInt64Array | undefined;
  for (let i = 0; i < length; i++) codes[i] = Number(narrow![i]);
  return codes;
}
