/**
 * Column chunks to columns: fixed-width values through typed arrays, strings as dictionary codes
 * or bytes. No JavaScript object is made per row.
 */
import type { ColumnMetaData, Compressors } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { bitmap, clearBit, copyBits, filledBitmap, getBit, setBit } from '../table/bitmap.js';
import { BooleanColumn } from '../table/boolean-column.js';
import { float32, float64, int32, int64, numberToWords, words } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { Int64Column } from '../table/int64-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { TimestampColumn } from '../table/timestamp-column.js';
import { decodeHybrid } from './parquet-hybrid.js';
import { type DataPage, type Pages, pageCodes, readPages } from './parquet-pages.js';
import type { ParquetColumn } from './parquet-schema.js';
import { type LabelCache, textColumn } from './parquet-text.js';

/** All that is needed to decode the chunks of a file. */
export interface ChunkContext {
  readonly compressors: Compressors;
  /** The dictionaries seen last, by column, so that equal ones share their labels. */
  readonly labels: LabelCache;
}

const PAGE_ENCODINGS: ReadonlySet<string> = new Set([
  'PLAIN',
  'PLAIN_DICTIONARY',
  'RLE_DICTIONARY',
  'RLE',
  'BIT_PACKED',
]);

/** Tells whether {@link decodeChunk} knows every encoding of a chunk. */
export function canDecode(column: ParquetColumn, { encodings }: ColumnMetaData): boolean {
  if (column.readAs === 'whole') return false;
  const fixed = column.readAs !== 'text' && column.readAs !== 'boolean';
  const integer = column.readAs === 'int32' || column.readAs === 'int64';
  return encodings.every(
    (encoding) =>
      PAGE_ENCODINGS.has(encoding) ||
      (fixed && encoding === 'BYTE_STREAM_SPLIT') ||
      (integer && encoding === 'DELTA_BINARY_PACKED'),
  );
}

/** Decodes the chunk of one column of a row group of `rows` rows. */
export function decodeChunk(
  chunk: Uint8Array,
  column: ParquetColumn,
  meta: ColumnMetaData,
  rows: number,
  context: ChunkContext,
): Column {
  const pages = readPages(chunk, meta, context.compressors, column.optional);
  const got = pages.data.reduce((sum, page) => sum + page.rows, 0);
  if (got !== rows) throw new Error(`its pages hold ${got} rows, expected ${rows}`);
  const validity = validityOf(pages, rows);
  switch (column.readAs) {
    case 'boolean':
      return new BooleanColumn(booleanBits(pages, rows), rows, validity);
    case 'text':
      return textColumn(column.name, pages, rows, validity, context.labels);
    case 'int32': {
      const values = int32(rows);
      fixedWidth(pages, values, 1, 'INT32');
      return fromInt32(column, values, validity);
    }
    case 'float': {
      const values = float32(rows);
      fixedWidth(pages, wordsOf(values), 1, 'FLOAT');
      return new NumericColumn(nanAtNulls(values, validity), validity);
    }
    case 'double': {
      const values = float64(rows);
      fixedWidth(pages, wordsOf(values), 2, 'DOUBLE');
      return new NumericColumn(nanAtNulls(values, validity), validity);
    }
    default: {
      const values = int64(rows);
      fixedWidth(pages, wordsOf(values), 2, 'INT64');
      return fromInt64(column, values, validity);
    }
  }
}

function validityOf({ data }: Pages, rows: number): Uint8Array | null {
  if (data.every((page) => page.levels === null)) return null;
  const validity = filledBitmap(rows);
  let row = 0;
  for (const page of data) {
    if (page.levels !== null) {
      for (let i = 0; i < page.rows; i++) if (page.levels[i] === 0) clearBit(validity, row + i);
    }
    row += page.rows;
  }
  return validity;
}

/**
 * Decodes values of one or two 32-bit words. Words are moved as they are, so that 64-bit integers
 * are never made into bigints and no NaN is changed.
 */
function fixedWidth(
  { dictionary, data }: Pages,
  out: Int32Array,
  width: 1 | 2,
  type: 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE',
): void {
  const entries = dictionary && alignedWords(dictionary.bytes, 0, dictionary.values * width);
  let row = 0;
  for (const page of data) {
    if (page.encoding.endsWith('_DICTIONARY')) {
      if (entries === null) throw new Error('a page refers to a dictionary that is not there');
      const codes = pageCodes(page, dictionary!.values);
      spread(page, row, width, out, entries, codes);
    } else {
      spread(page, row, width, out, plainWords(page, width, type), null);
    }
    row += page.rows;
  }
}

function plainWords(
  { encoding, bytes, start, values }: DataPage,
  width: 1 | 2,
  type: 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE',
): Int32Array {
  if (encoding === 'PLAIN') return alignedWords(bytes, start, values * width);
  const reader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: start,
  };
  if (encoding === 'BYTE_STREAM_SPLIT') {
    return wordsOf(byteStreamSplit(reader, values, type, undefined) as Float64Array);
  }
  if (encoding !== 'DELTA_BINARY_PACKED') throw new Error(`unknown page encoding ${encoding}`);
  const unpacked = type === 'INT32' ? new Int32Array(values) : new BigInt64Array(values);
  if (values > 0) deltaBinaryUnpack(reader, values, unpacked);
  return wordsOf(unpacked);
}

/** `n` words from byte `start`: a view where the address allows, else a copy. */
function alignedWords(bytes: Uint8Array, start: number, n: number): Int32Array {
  const from = bytes.byteOffset + start;
  if (start + n * 4 > bytes.length) throw new Error('a page ends before its values');
  if (from % 4 === 0) return new Int32Array(bytes.buffer, from, n);
  // Not `slice`: that of a Buffer, which zlib returns, is a view.
  return new Int32Array(new Uint8Array(bytes.subarray(start, start + n * 4)).buffer);
}

function wordsOf(values: ArrayBufferView): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

/** Writes a page's values to its rows: entry `codes[k]`, or entry `k`, to the k-th valid row. */
function spread(
  { rows, levels }: DataPage,
  row: number,
  width: 1 | 2,
  out: Int32Array,
  entries: Int32Array,
  codes: Int32Array | null,
): void {
  if (levels === null && codes === null) {
    out.set(entries, row * width);
  } else if (levels === null && width === 1) {
    for (let i = 0; i < rows; i++) out[row + i] = entries[codes![i]!]!;
  } else if (levels === null) {
    for (let i = 0, o = row * 2; i < rows; i++, o += 2) {
      const entry = codes![i]! * 2;
      out[o] = entries[entry]!;
      out[o + 1] = entries[entry + 1]!;
    }
  } else {
    for (let i = 0, k = 0; i < rows; i++) {
      if (levels[i] === 0) continue;
      const entry = (codes === null ? k : codes[k]!) * width;
      k++;
      out[(row + i) * width] = entries[entry]!;
      if (width === 2) out[(row + i) * 2 + 1] = entries[entry + 1]!;
    }
  }
}

function booleanBits({ data }: Pages, rows: number): Uint8Array {
  const bits = bitmap(rows);
  let row = 0;
  for (const page of data) {
    const packed = packedBits(page);
    if (page.levels === null) copyBits(packed, page.rows, bits, row);
    else {
      for (let i = 0, k = 0; i < page.rows; i++) {
        if (page.levels[i] === 1 && getBit(packed, k++)) setBit(bits, row + i);
      }
    }
    row += page.rows;
  }
  return bits;
}

/** The values of a page of booleans, one bit each: as they stand, or from runs after a length. */
function packedBits({ encoding, bytes, start, values }: DataPage): Uint8Array {
  const plain = encoding !== 'RLE';
  if (start + (plain ? (values + 7) >>> 3 : Math.min(values, 4)) > bytes.length) {
    throw new Error('a page ends before its values');
  }
  if (plain) return bytes.subarray(start);
  const bools = new Uint8Array(values);
  decodeHybrid(bytes, start + 4, bytes.length, 1, bools, 0, values);
  const bits = bitmap(values);
  for (let i = 0; i < values; i++) if (bools[i] === 1) setBit(bits, i);
  return bits;
}

const MS_PER_DAY = 86_400_000;

function fromInt32(column: ParquetColumn, values: Int32Array, validity: Uint8Array | null): Column {
  if (column.convert === 'daysToMs') {
    const ms = int64(values.length);
    const halves = words(ms);
    for (let i = 0; i < values.length; i++) numberToWords(halves, i, values[i]! * MS_PER_DAY);
    return new TimestampColumn(ms, 'ms', validity);
  }
  if (column.convert !== 'uint32') return new NumericColumn(values, validity);
  const doubles = float64(values.length);
  for (let i = 0; i < values.length; i++) doubles[i] = values[i]! >>> 0;
  return new NumericColumn(nanAtNulls(doubles, validity), validity);
}

function fromInt64(
  column: ParquetColumn,
  values: BigInt64Array,
  validity: Uint8Array | null,
): Column {
  if (column.type === 'timestamp') return new TimestampColumn(values, column.unit, validity);
  if (column.convert === 'uint64') {
    const halves = words(values);
    for (let i = 0; i < values.length; i++) {
      if (halves[2 * i + 1]! < 0) throw new Error(`the unsigned value of row ${i} is beyond 2^63`);
    }
  }
  return new Int64Column(values, validity);
}

function nanAtNulls<A extends Float64Array | Float32Array>(
  values: A,
  validity: Uint8Array | null,
): A {
  if (validity === null) return values;
  for (let i = 0; i < values.length; i++) if (!getBit(validity, i)) values[i] = Number.NaN;
  return values;
}
