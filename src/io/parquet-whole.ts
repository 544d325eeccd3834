/** Columns that hyparquet decodes whole: nested ones, decimals, rare types and encodings. */
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { parquetReadColumn } from 'hyparquet/src/read.js';
import { SchemaError } from '../core/errors.js';
import type { Column } from '../table/column.js';
import { columnFrom } from '../table/column-from.js';
import { TimestampColumn } from '../table/timestamp-column.js';
import type { ByteSource } from './byte-source.js';
import type { ParquetColumn } from './parquet-schema.js';

/** A byte source as hyparquet reads it. */
export function asyncBuffer(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.byteLength,
    slice: async (start, end = source.byteLength) => (await source.read(start, end)).buffer,
  };
}

/** Reads one column of the rows from `rowStart` to `rowEnd` by way of JavaScript values. */
export async function readWhole(
  source: ByteSource,
  metadata: FileMetaData,
  compressors: Compressors,
  column: ParquetColumn,
  rowStart: number,
  rowEnd: number,
): Promise<Column> {
  const exact = column.cells === 'nanoseconds';
  const values = Array.from(
    await parquetReadColumn({
      file: asyncBuffer(source),
      metadata,
      compressors,
      columns: [column.name],
      rowStart,
      rowEnd,
      ...(exact && { parsers: { timestampFromNanoseconds: (ns: bigint) => ns } }),
    }),
    (value: unknown) => value ?? null,
  );
  if (values.length !== rowEnd - rowStart) {
    throw new Error(`it holds ${values.length} rows, expected ${rowEnd - rowStart}`);
  }
  if (exact) {
    const ints = columnFrom(values, 'timestamp') as TimestampColumn;
    return new TimestampColumn(ints.values, 'ns', ints.validity);
  }
  const cells = column.cells === 'json' ? values.map(jsonText) : values;
  try {
    return columnFrom(cells, column.type, `column ${JSON.stringify(column.name)}`);
  } catch (cause) {
    if (cause instanceof SchemaError) throw new Error(cause.message, { cause });
    throw cause;
  }
}

/** What no column type holds, as text: strings as they are, bytes in hex, all else as JSON. */
function jsonText(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'bigint') return inner;
    return Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner);
  });
}
