/** Tables to LIBSVM files. */
import { DataError } from '../core/errors.js';
import type { Column, ColumnOf } from '../table/column.js';
import type { Table } from '../table/table.js';
import { type TextWriteOptions, tablesOf, writeText } from './write-text.js';

/** Options of {@link writeLibsvm}. */
export interface LibsvmWriteOptions extends TextWriteOptions {
  /** The column of labels. **Default:** `'label'`. */
  readonly labelCol?: string;
  /** The column of vectors. **Default:** `'features'`. */
  readonly featuresCol?: string;
  /** The column of query ids, written as `qid:n` where there is one. **Default:** none. */
  readonly qidCol?: string;
  /** Whether the first feature gets the index 0. **Default:** false: it gets the index 1. */
  readonly zeroBased?: boolean;
}

/** Rows that are put together before they are written. */
const CHUNK_ROWS = 1024;

/**
 * Writes a table, or a stream of tables batch by batch, as a LIBSVM file, one row a line; columns
 * that are not named are left out. Numbers are written in full. Zeros of dense vectors are not
 * written, those that a sparse vector stores are. The format does not hold the size of the vectors:
 * give `readLibsvm` `numFeatures`.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for columns that are missing or of other types (a
 *   number; a vector, dense or sparse; int64 or int32), {@link DataError} `ERR_GYRE_DATA` for a label
 *   or a vector that is null.
 */
export async function writeLibsvm(
  file: string | URL,
  data: Table | AsyncIterable<Table>,
  options: LibsvmWriteOptions = {},
): Promise<void> {
  await writeText('writeLibsvm', file, texts(data, options), options);
}

async function* texts(
  data: Table | AsyncIterable<Table>,
  { labelCol = 'label', featuresCol = 'features', qidCol, zeroBased = false }: LibsvmWriteOptions,
): AsyncGenerator<string> {
  let firstRow = 0;
  for await (const table of tablesOf('writeLibsvm', data)) {
    const labels = table.column(labelCol, 'float64', 'float32', 'int32', 'int64');
    const features = table.column(featuresCol, 'vector', 'sparseVector');
    const qids = qidCol === undefined ? null : table.column(qidCol, 'int64', 'int32');
    checkPresent(labelCol, labels, firstRow);
    checkPresent(featuresCol, features, firstRow);
    for (let start = 0; start < table.numRows; start += CHUNK_ROWS) {
      let text = '';
      for (let i = start; i < Math.min(start + CHUNK_ROWS, table.numRows); i++) {
        const qid = qids === null || qids.isNull(i) ? '' : ` qid:${qids.values[i]}`;
        text += `${number(labels.values[i]!)}${qid}${entries(features, i, zeroBased ? 0 : 1)}\n`;
      }
      yield text;
    }
    firstRow += table.numRows;
  }
}

function checkPresent(name: string, column: Column, firstRow: number): void {
  for (let i = 0; column.nullCount > 0 && i < column.length; i++) {
    if (!column.isNull(i)) continue;
    throw new DataError(
      `writeLibsvm: row ${firstRow + i} of column ${JSON.stringify(name)} is null, which the format cannot hold.`,
      { details: { column: name, row: firstRow + i } },
    );
  }
}

function entries(features: ColumnOf<'vector' | 'sparseVector'>, i: number, first: number): string {
  let text = '';
  if (features.layout === 'sparse') {
    const { offsets, indices, values } = features;
    for (let k = offsets[i]!; k < offsets[i + 1]!; k++) {
      text += ` ${indices[k]! + first}:${number(values[k]!)}`;
    }
    return text;
  }
  const { values, dim } = features;
  for (let j = 0; j < dim; j++) {
    const value = values[i * dim + j]!;
    if (value !== 0) text += ` ${j + first}:${value}`;
  }
  return text;
}

/** JavaScript writes the negative zero as `0`. */
function number(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
