/** Text to files, compressed where the name or an option says so. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SchemaError } from '../core/errors.js';
import { schemasEqual, showSchema } from '../table/schema.js';
import { Table } from '../table/table.js';
import { pathOf } from './byte-source.js';
import { type Compression, checkCompression, codecOf, compressor } from './compression.js';

/** Options of all writers of text. */
export interface TextWriteOptions {
  /** How the file is compressed. **Default:** `'auto'`: by the end of its name. */
  readonly compression?: Compression;
}

/** Writes pieces of text as a file; the next one is asked for when there is room for it. */
export async function writeText(
  who: string,
  file: string | URL,
  pieces: AsyncIterable<string>,
  { compression = 'auto' }: TextWriteOptions,
): Promise<void> {
  const path = pathOf(who, file);
  const pack = compressor(who, path, codecOf(path, checkCompression(who, compression)));
  const [from, to] = [Readable.from(pieces), createWriteStream(path)];
  await (pack === null ? pipeline(from, to) : pipeline(from, pack, to));
}

/**
 * The tables of what a writer was given.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for one of another schema than the first.
 */
export async function* tablesOf(
  who: string,
  data: Table | AsyncIterable<Table>,
): AsyncGenerator<Table> {
  let first: Table | undefined;
  for await (const table of data instanceof Table ? [data] : data) {
    first ??= table;
    if (!schemasEqual(first.schema, table.schema)) {
      throw new SchemaError(
        `${who}: every batch must have the schema ${showSchema(first.schema)}, got ${showSchema(table.schema)}.`,
        { details: { expected: first.schema, got: table.schema } },
      );
    }
    yield table;
  }
}
