/**
 * Model data from Arrow IPC files that may come from anywhere. Reads what {@link writeStage}
 * writes, column types that tables have and no null, and trusts nothing: lengths are held against
 * the bytes that are there before anything is allocated or looped over, and no byte is read for two
 * columns, so that time and memory are bounded by the size of the file.
 *
 * ```text
 * "ARROW1\0\0" | schema | dictionary and record batches ... | footer | i32 its bytes | "ARROW1"
 * batch: -1 | i32 bytes of the metadata | metadata (a flatbuffer) | body: the buffers, in order
 * ```
 *
 * @see https://arrow.apache.org/docs/format/Columnar.html
 */
import { DataError } from '../core/errors.js';
import type { Column } from '../table/column.js';
import { DictionaryColumn } from '../table/dictionary-column.js';
import { Table } from '../table/table.js';
import { type ArrowField, arrowField, BatchReader } from './arrow-batch.js';
import { countAt, FlatTable, type FlatVector } from './flatbuffer.js';

const MAGIC = 'ARROW1';
const HEAD_BYTES = 8;
const BLOCK_BYTES = 24;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;

/** Labels of dictionaries by their number. */
type Dictionaries = ReadonlyMap<number, readonly string[]>;

/** A batch: its metadata and the bytes of its columns. */
interface Batch {
  readonly header: FlatTable;
  readonly view: DataView;
  readonly body: Uint8Array;
}

/**
 * The table in the bytes of an Arrow IPC file, in memory of its own.
 *
 * @throws GyreError or RangeError for everything that does not fit together.
 */
export function readArrowFile(bytes: Uint8Array): Table {
  const footer = new FlatTable(footerOf(bytes), 0);
  const schema = footer.table(1);
  if (schema === null || schema.int16(0) !== 0) throw new DataError('There is no usable schema.');
  const fields = schema.tables(1).map((field) => arrowField(field));
  const names = new Set(fields.map(({ name }) => name));
  if (names.size !== fields.length) throw new DataError('Two columns have one name.');
  const batches = new BatchFinder(bytes);
  const dictionaries = new Map<number, readonly string[]>();
  for (const batch of batches.find(footer.vector(2, BLOCK_BYTES), DICTIONARY_BATCH)) {
    const id = batch.header.count(0);
    if (dictionaries.has(id)) throw new DataError(`The dictionary ${id} comes twice.`);
    dictionaries.set(id, labelsOf(batch));
  }
  const tables = batches
    .find(footer.vector(3, BLOCK_BYTES), RECORD_BATCH)
    .map((batch) => tableOf(fields, batch, dictionaries));
  return Table.concat(tables);
}

/** The footer's bytes. */
function footerOf(bytes: Uint8Array): DataView {
  const text = (start: number) => Buffer.from(bytes.subarray(start, start + 6)).toString('latin1');
  const end = bytes.length - MAGIC.length - 4;
  if (end < HEAD_BYTES || text(0) !== MAGIC || text(end + 4) !== MAGIC) {
    throw new DataError(`It must begin and end with ${MAGIC}.`);
  }
  const length = viewOf(bytes).getInt32(end, true);
  if (length < 4 || length > end - HEAD_BYTES) {
    throw new DataError(`A footer of ${length} bytes does not fit into the file.`);
  }
  return viewOf(bytes.subarray(end - length, end));
}

/** Finds the batches that a footer lists. They lie one behind the other, or are refused. */
class BatchFinder {
  readonly #bytes: Uint8Array;
  readonly #footer: DataView;
  #end = HEAD_BYTES;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#footer = footerOf(bytes);
  }

  find({ at, length }: FlatVector, kind: number): Batch[] {
    return Array.from({ length }, (_, i) => this.#batch(at + i * BLOCK_BYTES, kind));
  }

  #batch(block: number, kind: number): Batch {
    const start = countAt(this.#footer, block);
    const metadataBytes = this.#footer.getInt32(block + 8, true);
    const bodyBytes = countAt(this.#footer, block + 16);
    const body = start + metadataBytes;
    if (metadataBytes < 12 || start < this.#end || body + bodyBytes > this.#bytes.length) {
      throw new DataError('A batch does not lie inside the file, behind the one before it.');
    }
    this.#end = body + bodyBytes;
    // The first eight bytes are a mark and the length once more.
    const view = viewOf(this.#bytes.subarray(start + 8, body));
    const message = new FlatTable(view, 0);
    const header = message.table(2);
    if (message.uint8(1) !== kind || header === null || message.count(3) !== bodyBytes) {
      throw new DataError('A batch is not what the footer says.');
    }
    return { header, view, body: this.#bytes.subarray(body, body + bodyBytes) };
  }
}

function tableOf(fields: readonly ArrowField[], batch: Batch, dictionaries: Dictionaries): Table {
  const { header, view, body } = batch;
  const reader = new BatchReader(header, view, body);
  const columns = new Map<string, Column>();
  for (const field of fields) columns.set(field.name, columnOf(reader, field, dictionaries));
  reader.end();
  return Table.fromColumns(columns);
}

function columnOf(reader: BatchReader, field: ArrowField, dictionaries: Dictionaries): Column {
  if (field.dictionary === null) return reader.column(field);
  const labels = dictionaries.get(field.dictionary);
  if (labels === undefined) throw new DataError(`There is no dictionary ${field.dictionary}.`);
  const codes = reader.codes();
  const stray = codes.find((code) => code < 0 || code >= labels.length);
  if (stray !== undefined) throw new DataError(`There is no label ${stray} of ${labels.length}.`);
  return new DictionaryColumn(codes, labels);
}

function labelsOf({ header, view, body }: Batch): string[] {
  const data = header.table(1);
  if (data === null || header.bool(2)) throw new DataError('A dictionary is not whole.');
  const reader = new BatchReader(data, view, body);
  const labels = reader.strings();
  reader.end();
  return labels.toArray() as string[];
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
