/** Several files as one stream of tables. */
import { FormatError, SchemaError } from '../core/errors.js';
import type { Schema } from '../table/schema.js';
import type { BatchPosition, Mark } from '../table/stream-items.js';
import type { Table } from '../table/table.js';
import type { TableStreamSource } from '../table/table-stream.js';
import type { BadRecordLog } from './bad-records.js';
import { type FileItem, listFiles, nameOf } from './file-list.js';

/** How a format's files are read. */
export interface FileFormatReader<T extends FileItem> {
  /** The call, for messages: `'readCsv'`. */
  readonly who: string;
  /** Endings of the format's files, without the dot. */
  readonly extensions: readonly string[];
  /**
   * The tables of one file.
   *
   * @param from Null for the beginning of the file; else what `mark` was given.
   * @param schema Of the tables before, in this file and in others; null for the first ones. The
   *   file must have its columns: see {@link checkColumns}.
   */
  tables(file: T, from: unknown, schema: Schema | null, mark: Mark): AsyncIterable<Table>;
  /** Called before the files are read, with all of them. @param from What `mark` was given. */
  begin?(files: readonly T[], from: unknown): Promise<void>;
  /** The schema of a file without its rows. */
  schema?(file: T): Promise<Schema>;
  /** Where records that cannot be read are counted. */
  readonly bad?: BadRecordLog;
}

/** Where a table of several files lies. */
interface FilePlace {
  /** The number of the file, and what it is called. */
  readonly file: number;
  readonly name: string;
  /** Where in the file. */
  readonly at: unknown;
  /** Records left out before. */
  readonly bad: number;
}

/**
 * The files as the source of a stream. Tables without rows are left out, unless there are no others.
 *
 * @param makeReader A reader for one reading.
 */
export function fileTables<T extends FileItem>(
  makeReader: () => FileFormatReader<T>,
  items: readonly T[],
): TableStreamSource {
  const { who, extensions, schema } = makeReader();
  return {
    open: (from, mark) => tables(makeReader(), items, from, mark),
    ...(schema !== undefined && {
      schema: async () => schema((await listFiles(who, items, extensions))[0]!),
    }),
    replayable: true,
    rewindable: true,
  };
}

async function* tables<T extends FileItem>(
  reader: FileFormatReader<T>,
  items: readonly T[],
  from: BatchPosition | null,
  mark: Mark,
): AsyncGenerator<Table, undefined> {
  const { who, bad } = reader;
  const place = (from?.at ?? null) as FilePlace | null;
  bad?.begin(place?.bad ?? 0);
  const files = await listFiles(who, items, reader.extensions);
  if (place !== null) checkPlace(who, files, place);
  await reader.begin?.(files, place?.at ?? null);
  let schema = from?.schema ?? null;
  let empty: Table | undefined;
  const first = place?.file ?? 0;
  for (const [i, file] of files.slice(first).entries()) {
    const tell: Mark = (at) =>
      mark({ file: first + i, name: nameOf(file), at, bad: bad?.count ?? 0 });
    for await (const table of reader.tables(
      file,
      i === 0 ? (place?.at ?? null) : null,
      schema,
      tell,
    )) {
      if (table.numRows === 0) {
        empty ??= table;
        continue;
      }
      schema ??= table.schema;
      yield table;
    }
  }
  if (schema === null && empty !== undefined) yield empty;
  return undefined;
}

/** Files may have come since, behind those that were there. */
function checkPlace(who: string, files: readonly FileItem[], { file, name }: FilePlace): void {
  const got = nameOf(files[file]);
  if (got === name) return;
  throw new FormatError(
    `${who}: file ${file + 1} must be ${name}, where reading goes on, got ${got}; the files must be those that were read before.`,
    { details: { expected: name, got } },
  );
}

/**
 * Checks that a file has the columns of the files before it.
 *
 * @param got Types by name; null where the file does not tell.
 * @param mayHaveMore Whether other columns are left out.
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` that names the file and the column.
 */
export function checkColumns(
  who: string,
  file: FileItem,
  got: Readonly<Record<string, string | null>>,
  expected: Schema,
  mayHaveMore: boolean,
): void {
  const name = nameOf(file);
  const fail = (column: string, what: string): never => {
    throw new SchemaError(`${who}: ${name}: column ${JSON.stringify(column)} ${what}.`, {
      details: { file: name, column, expected, got },
    });
  };
  for (const [column, type] of Object.entries(expected)) {
    const there = Object.hasOwn(got, column) ? got[column] : undefined;
    if (there === undefined) fail(column, 'is missing, which the files before it have');
    if (there !== null && there !== type) {
      fail(column, `must be ${type} as in the files before it, got ${there}`);
    }
  }
  const more = mayHaveMore ? undefined : Object.keys(got).find((c) => !Object.hasOwn(expected, c));
  if (more !== undefined) fail(more, 'is not in the files before it; name the columns to read');
}
