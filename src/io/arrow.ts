/** Arrow IPC files and streams to table streams. */
import type { Schema as ArrowSchema, RecordBatch } from 'apache-arrow';
import { FormatError, GyreError, SchemaError } from '../core/errors.js';
import type { ArrowLibrary } from '../table/arrow-out.js';
import type { Schema } from '../table/schema.js';
import type { Mark } from '../table/stream-items.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { addArrowCodecs } from './arrow-codecs.js';
import { arrowMessages } from './arrow-messages.js';
import { type ByteSource, type FileLike, openBytes } from './byte-source.js';
import { checkFiles, type FileItem } from './file-list.js';
import { checkColumns, type FileFormatReader, fileTables } from './file-tables.js';

/** Options of {@link readArrow}. */
export interface ArrowReadOptions {
  /** The columns to make, in this order; the others may be of any type. **Default:** all. */
  readonly columns?: readonly string[];
  /** Stops the stream before its next record batch, and closes the file. */
  readonly signal?: AbortSignal;
}

/**
 * Reads Arrow IPC files, of the file format (Feather 2) or the stream format, as a stream of tables,
 * one a record batch. All files have the same columns, in any order.
 *
 * Columns are views of the bytes that are read, or given: nothing is copied where the layouts agree
 * (see `Table.fromArrow`). Compressed batches are decompressed, LZ4 and Zstandard. To go on from a
 * position, no record batch before it is read.
 *
 * @param files A path, a `file:` URL, a folder (its files that end in `.arrow`, `.feather`, `.arrows`
 *   or `.ipc`), a pattern such as `data/*.arrow`, the bytes of a whole file, or an array of such.
 * @throws (when read) {@link FormatError} `ERR_GYRE_FORMAT` for a file that is truncated, broken or
 *   not Arrow; {@link SchemaError} `ERR_GYRE_SCHEMA` for a column that is not there, of a type that no
 *   column type holds, and for a file of other columns than those before it.
 *
 * @example
 * ```ts
 * for await (const table of readArrow('flights.arrow', { columns: ['delay'] })) use(table);
 * ```
 */
export function readArrow(
  files: FileLike | readonly FileLike[],
  options: ArrowReadOptions = {},
): TableStream {
  const { signal } = options;
  const reader: FileFormatReader<FileItem> = {
    who: 'readArrow',
    extensions: ['arrow', 'feather', 'arrows', 'ipc'],
    tables: (file, from, known, mark) =>
      batchTables(file, options, (from as number | null) ?? 0, known, mark),
    schema: async (file) => {
      const source = await openBytes('readArrow', file);
      try {
        const { schema } = await openArrow(source, 0);
        return tableOf(source, { schema, batches: [] }, chosen(source, schema, options)).schema;
      } finally {
        await source.close();
      }
    },
  };
  return new TableStream(
    fileTables(() => reader, checkFiles('readArrow', files)),
    { ...(signal !== undefined && { signal }) },
  );
}

async function* batchTables(
  file: FileItem,
  options: ArrowReadOptions,
  from: number,
  known: Schema | null,
  mark: Mark,
): AsyncGenerator<Table, undefined> {
  const source = await openBytes('readArrow', file);
  try {
    const arrow = await openArrow(source, from);
    const { schema } = arrow;
    const names = ordered(source, schema, chosen(source, schema, options), known);
    let b = from;
    for (; ; b++) {
      const what = `record batch ${b}`;
      const batch = await broken(source, what, () => arrow.batch(b));
      if (batch === null) break;
      const table = await broken(source, what, () => tableOf(source, batch, names));
      mark(b + 1);
      yield table;
    }
    if (b === 0) yield tableOf(source, { schema, batches: [] }, names);
  } finally {
    await source.close();
  }
  return undefined;
}

/** A file whose schema is read. */
interface ArrowFile {
  readonly schema: ArrowSchema;
  /** Record batch `b`, to be asked for in order; null behind the last one. */
  batch(b: number): Promise<RecordBatch | null>;
}

/** @param from The first record batch that will be asked for. */
async function openArrow(source: ByteSource, from: number): Promise<ArrowFile> {
  const arrow = await import('apache-arrow');
  await addArrowCodecs(arrow);
  return broken(source, 'its schema', async () => {
    const isFile = await checkMagic(source);
    const { bytes } = source;
    if (!isFile) return streamOf(arrow, source, from);
    const reader = await arrow.RecordBatchReader.from(
      bytes === null ? (fileHandle(source) as never) : bytes,
    );
    await reader.open();
    return {
      schema: reader.schema,
      batch: async (b) => (b < reader.numRecordBatches ? reader.readRecordBatch(b) : null),
    };
  });
}

async function streamOf(arrow: ArrowLibrary, source: ByteSource, from: number): Promise<ArrowFile> {
  const reader = await arrow.RecordBatchReader.from(arrowMessages(arrow, source, from));
  await reader.open();
  // Without a batch the reader makes one up.
  const isReal = (batch: RecordBatch): boolean => batch.numRows > 0 || reader.numRecordBatches > 0;
  return {
    schema: reader.schema,
    async batch() {
      const { done, value } = await reader.next();
      return done || !isReal(value) ? null : value;
    },
  };
}

/** What `apache-arrow` uses of a file, over reads that are complete or fail. */
function fileHandle(source: ByteSource): object {
  return {
    fd: 0,
    stat: async () => ({ size: source.byteLength }),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      await source.fill(buffer.subarray(offset, offset + length), position);
      return { bytesRead: length, buffer };
    },
    close: async () => {},
  };
}

const MAGIC = 'ARROW1';

/** Tells a file from a stream, and both from something else. */
async function checkMagic(source: ByteSource): Promise<boolean> {
  const { name, byteLength } = source;
  const word = async (start: number): Promise<string> =>
    Buffer.from(await source.read(start, start + MAGIC.length)).toString('latin1');
  const head = byteLength >= 8 ? await word(0) : '';
  const tail = byteLength >= 18 ? await word(byteLength - MAGIC.length) : '';
  if (head !== MAGIC) {
    // A stream begins with the schema, whose length is that of a text.
    if (head.startsWith('\xff\xff\xff\xff') || head.endsWith('\0\0', 4)) return false;
    throw new FormatError(
      `readArrow: ${name} is not an Arrow file or stream: it begins with ${JSON.stringify(head)}.`,
      { details: { file: name, bytes: byteLength, head, expected: MAGIC } },
    );
  }
  if (tail === MAGIC) return true;
  throw new FormatError(
    `readArrow: ${name} is truncated: its ${byteLength} bytes must end with "${MAGIC}", got ${JSON.stringify(tail)}.`,
    { details: { file: name, bytes: byteLength, tail, expected: MAGIC } },
  );
}

/** The numbers of the columns to make, by name. */
function chosen(
  { name: file }: ByteSource,
  { fields }: ArrowSchema,
  { columns }: ArrowReadOptions,
): Map<string, number> {
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new FormatError(`readArrow: ${file} has two columns ${JSON.stringify(twice)}.`, {
      details: { file, column: twice },
    });
  }
  const wanted = (columns ?? names).map((name): [string, number] => [name, names.indexOf(name)]);
  const missing = wanted.find(([, i]) => i < 0)?.[0];
  if (missing === undefined) return new Map(wanted);
  const known = names.map((name) => JSON.stringify(name)).join(', ');
  throw new SchemaError(
    `readArrow: ${file} has no column ${JSON.stringify(missing)}; it has ${known}.`,
    { details: { file, column: missing, columns: names } },
  );
}

/** Those of a file, in the order of the files before it. */
function ordered(
  source: ByteSource,
  schema: ArrowSchema,
  columns: Map<string, number>,
  known: Schema | null,
): Map<string, number> {
  if (known === null) return columns;
  const got = tableOf(source, { schema, batches: [] }, columns).schema;
  checkColumns('readArrow', source.name, got, known, false);
  return new Map(Object.keys(known).map((name) => [name, columns.get(name)!]));
}

/** Some of the columns: the others are not looked at. */
function tableOf(
  { name: file }: ByteSource,
  arrow: Pick<RecordBatch, 'schema' | 'data'> | { schema: ArrowSchema; batches: readonly [] },
  columns: ReadonlyMap<string, number>,
): Table {
  const numbers = [...columns.values()];
  const schema = { fields: numbers.map((i) => arrow.schema.fields[i]!) };
  try {
    if ('batches' in arrow) return Table.fromArrow({ schema, batches: [] });
    const { children, length } = arrow.data;
    return Table.fromArrow({ schema, data: { length, children: numbers.map((i) => children[i]) } });
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    throw new SchemaError(`readArrow: ${file}: ${cause.message}`, {
      details: { ...cause.details, file },
      cause,
    });
  }
}

/** Runs a decoder; what it throws is a {@link FormatError} that names the file and the part. */
async function broken<T>(
  { name }: ByteSource,
  what: string,
  decode: () => T | Promise<T>,
): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    if (cause instanceof GyreError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`readArrow: ${name}: ${what} cannot be read: ${message}.`, {
      details: { file: name, what },
      cause,
    });
  }
}
