/** Parquet files to table streams. */
import type { ColumnMetaData, Compressors, FileMetaData, RowGroup } from 'hyparquet';
import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { FormatError, GyreError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Column } from '../table/column.js';
import type { Schema } from '../table/schema.js';
import type { Mark } from '../table/stream-items.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { type ByteSource, type FileLike, openBytes } from './byte-source.js';
import { checkFiles, type FileItem } from './file-list.js';
import { checkColumns, type FileFormatReader, fileTables } from './file-tables.js';
import { type ChunkContext, canDecode, decodeChunk } from './parquet-chunk.js';
import { parquetCompressors } from './parquet-compressors.js';
import { type ParquetColumn, parquetColumns } from './parquet-schema.js';
import { asyncBuffer, readWhole } from './parquet-whole.js';

/** Options of {@link readParquet}. */
export interface ParquetReadOptions {
  /** The columns to read, in this order; the others are not touched. **Default:** all. */
  readonly columns?: readonly string[];
  /** The row groups to read of each file, by index, in this order. **Default:** all. */
  readonly rowGroups?: readonly number[];
  /** Stops the stream before its next row group, and closes the file. */
  readonly signal?: AbortSignal;
}

/**
 * Reads Parquet files as a stream of tables, one a row group; `await stream.collect()` is one
 * table of all. All files have the same columns, in any order.
 *
 * Dictionary-encoded strings become dictionary columns: those of row groups with equal
 * dictionaries share one `labels` array. Integers, floats, booleans, dates, timestamps and strings
 * are decoded into typed arrays (nulls as validity); decimals become `float64`, lists of scalars
 * `X[]`, other nested values JSON text. Of the next row group only the bytes are read ahead. To go
 * on from a position, no row group before it is read.
 *
 * @param files A path, a `file:` URL, a folder (its files that end in `.parquet`), a pattern such as
 *   `flights/*.parquet`, the bytes of a whole file, or an array of such.
 * @throws (when read) {@link FormatError} `ERR_GYRE_FORMAT` for a file that is truncated, broken or
 *   not Parquet; {@link SchemaError} `ERR_GYRE_SCHEMA` for a column that is not there, and for a file
 *   of other columns than those before it.
 *
 * @example
 * ```ts
 * for await (const table of readParquet('flights.parquet', { columns: ['delay'] })) use(table);
 * ```
 */
export function readParquet(
  files: FileLike | readonly FileLike[],
  options: ParquetReadOptions = {},
): TableStream {
  const { signal } = options;
  const reader: FileFormatReader<FileItem> = {
    who: 'readParquet',
    extensions: ['parquet'],
    tables: (file, from, known, mark) =>
      rowGroupTables(file, options, (from as number | null) ?? 0, known, mark),
    schema: async (file) => {
      const source = await openBytes('readParquet', file);
      try {
        return schemaOf((await openParquet(source, options)).columns);
      } finally {
        await source.close();
      }
    },
  };
  return new TableStream(
    fileTables(() => reader, checkFiles('readParquet', files)),
    { ...(signal !== undefined && { signal }) },
  );
}

function schemaOf(columns: readonly ParquetColumn[]): Schema {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

async function* rowGroupTables(
  file: FileItem,
  options: ParquetReadOptions,
  from: number,
  known: Schema | null,
  mark: Mark,
): AsyncGenerator<Table, undefined> {
  const source = await openBytes('readParquet', file);
  let ahead: Promise<Chunks> | undefined;
  try {
    const parquet = ordered(source, await openParquet(source, options), known);
    const { groups } = parquet;
    for (let g = from; g < groups.length; g++) {
      const chunks = await (ahead ?? readChunks(source, parquet, groups[g]!));
      ahead = g + 1 < groups.length ? readChunks(source, parquet, groups[g + 1]!) : undefined;
      // Its failure is seen when it is awaited; until then it must not end the process.
      ahead?.catch(() => {});
      const table = await decodeGroup(source, parquet, groups[g]!, chunks);
      mark(g + 1);
      yield table;
    }
  } finally {
    await ahead?.catch(() => {});
    await source.close();
  }
  return undefined;
}

/** With the columns of the files before it, in their order. */
function ordered({ name }: ByteSource, parquet: Parquet, known: Schema | null): Parquet {
  if (known === null) return parquet;
  const { columns } = parquet;
  checkColumns('readParquet', name, schemaOf(columns), known, false);
  const names = Object.keys(known);
  return {
    ...parquet,
    columns: names.map((wanted) => columns.find((column) => column.name === wanted)!),
  };
}

/** A file whose metadata is read: what is to be read of it. */
interface Parquet extends ChunkContext {
  readonly metadata: FileMetaData;
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly Group[];
  readonly compressors: Compressors;
}

interface Group {
  readonly index: number;
  readonly rowStart: number;
  readonly rows: number;
  readonly rowGroup: RowGroup;
}

const MAGIC = 'PAR1';

async function openParquet(source: ByteSource, options: ParquetReadOptions): Promise<Parquet> {
  await checkMagic(source);
  const metadata = await broken(source, 'its metadata', () =>
    parquetMetadataAsync(asyncBuffer(source)),
  );
  const all = parquetColumns(metadata, parquetSchema(metadata));
  return {
    metadata,
    columns: options.columns === undefined ? all : chosen(source, all, options.columns),
    groups: chosenGroups(source, metadata, options.rowGroups),
    compressors: await parquetCompressors(metadata),
    labels: new Map(),
  };
}

/** Tells a file cut short from one that is something else. */
async function checkMagic(source: ByteSource): Promise<void> {
  const { name, byteLength } = source;
  const word = async (start: number): Promise<string> =>
    Buffer.from(await source.read(start, start + 4)).toString('latin1');
  const head = byteLength >= 4 ? await word(0) : '';
  const tail = byteLength >= 12 ? await word(byteLength - 4) : '';
  if (head === MAGIC && tail === MAGIC) return;
  const details = { file: name, bytes: byteLength, head, tail, expected: MAGIC };
  if (head !== MAGIC) {
    throw new FormatError(
      `readParquet: ${name} is not a Parquet file: it must start with "${MAGIC}", got ${JSON.stringify(head)}.`,
      { details },
    );
  }
  throw new FormatError(
    `readParquet: ${name} is truncated: its ${byteLength} bytes must end with "${MAGIC}", got ${JSON.stringify(tail)}.`,
    { details },
  );
}

function chosen(
  { name }: ByteSource,
  all: readonly ParquetColumn[],
  names: readonly string[],
): ParquetColumn[] {
  return names.map((wanted) => {
    const column = all.find((candidate) => candidate.name === wanted);
    if (column !== undefined) return column;
    const known = all.map((candidate) => JSON.stringify(candidate.name)).join(', ');
    throw new SchemaError(
      `readParquet: ${name} has no column ${JSON.stringify(wanted)}; it has ${known}.`,
      { details: { file: name, column: wanted, columns: all.map((column) => column.name) } },
    );
  });
}

function chosenGroups(
  { name }: ByteSource,
  { row_groups: rowGroups }: FileMetaData,
  indices: readonly number[] | undefined,
): Group[] {
  let rowStart = 0;
  const groups = rowGroups.map((rowGroup, index) => {
    const rows = Number(rowGroup.num_rows);
    rowStart += rows;
    return { index, rowStart: rowStart - rows, rows, rowGroup };
  });
  return (indices ?? groups.map(({ index }) => index)).map((index) => {
    const group = groups[index];
    if (group !== undefined) return group;
    throw new InvalidParamError(
      `readParquet: row groups of ${name} must be integers in [0, ${groups.length}), got ${showValue(index)}.`,
      { details: { file: name, rowGroups: groups.length, got: index } },
    );
  });
}

/** The bytes of the column chunks of a row group, in the order of the columns. */
type Chunks = readonly (Uint8Array | null)[];

async function readChunks(source: ByteSource, parquet: Parquet, group: Group): Promise<Chunks> {
  return Promise.all(
    parquet.columns.map((column) => {
      if (column.readAs === 'whole') return null;
      const meta = chunkOf(source, column, group);
      if (!canDecode(column, meta)) return null;
      // Writers leave the dictionary's offset out, or at zero, when there is none or it comes first.
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
      return source.read(start, start + Number(meta.total_compressed_size));
    }),
  );
}

function chunkOf(
  { name }: ByteSource,
  column: ParquetColumn,
  { index, rowGroup }: Group,
): ColumnMetaData {
  const chunk = rowGroup.columns.find(({ meta_data: meta }) => {
    return meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === column.name;
  });
  if (chunk?.meta_data !== undefined) return chunk.meta_data;
  throw new FormatError(
    `readParquet: ${name}: row group ${index} has no readable chunk of column ${JSON.stringify(column.name)}.`,
    { details: { file: name, rowGroup: index, column: column.name } },
  );
}

async function decodeGroup(
  source: ByteSource,
  parquet: Parquet,
  group: Group,
  chunks: Chunks,
): Promise<Table> {
  const { rows, rowStart } = group;
  const columns = new Map<string, Column>();
  for (const [c, column] of parquet.columns.entries()) {
    const chunk = chunks[c] ?? null;
    const what = `column ${JSON.stringify(column.name)} of row group ${group.index}`;
    const decoded = await broken(source, what, () =>
      chunk === null
        ? readWhole(
            source,
            parquet.metadata,
            parquet.compressors,
            column,
            rowStart,
            rowStart + rows,
          )
        : decodeChunk(chunk, column, chunkOf(source, column, group), rows, parquet),
    );
    columns.set(column.name, decoded);
  }
  return Table.fromColumns(columns);
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
    throw new FormatError(`readParquet: ${name}: ${what} cannot be read: ${message}.`, {
      details: { file: name, what },
      cause,
    });
  }
}
