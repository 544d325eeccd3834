/** The model data that StringIndexerModel and IndexToStringModel share: labels, column by column. */
import { FormatError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { wellFormed } from './key-column.js';

/** What {@link StringIndexer} learns. */
export interface StringIndexerModelData {
  /** For each of inputCols its labels, in order of their indices. */
  readonly stringArrays: readonly (readonly string[])[];
}

/** Copies of the lists, of strings that can be UTF-8. @throws ModelDataError when they are no lists of strings. */
export function checkStringArrays(who: string, data: StringIndexerModelData): string[][] {
  const { stringArrays } = data;
  if (!Array.isArray(stringArrays)) {
    throw new ModelDataError(
      `${who}: stringArrays must be a list of lists of strings, got ${showValue(stringArrays)}.`,
    );
  }
  return stringArrays.map((labels: unknown, c) => {
    const isList = Array.isArray(labels);
    const stray = isList ? labels.findIndex((label) => typeof label !== 'string') : 0;
    if (isList && stray < 0) return labels.map(wellFormed);
    const got: unknown = isList ? labels[stray] : labels;
    throw new ModelDataError(
      `${who}: stringArrays[${c}] must be a list of strings, got ${showValue(got)}.`,
      { details: { column: c, got } },
    );
  });
}

/** The data as a table: a row of labels for each column. */
export function tableOfStringArrays({ stringArrays }: StringIndexerModelData): Table {
  const offsets = new Int32Array(stringArrays.length + 1);
  stringArrays.forEach((labels, c) => {
    offsets[c + 1] = offsets[c]! + labels.length;
  });
  const labels = Column.from(stringArrays.flat(), 'string');
  return Table.fromColumns({ stringArrays: Column.list(offsets, labels) });
}

/** The data of such a table. @throws FormatError `ERR_GYRE_FORMAT`. */
export function stringArraysOf(who: string, table: Table): StringIndexerModelData {
  if (table.schema.stringArrays !== 'string[]') {
    throw new FormatError(
      `${who}: the data must have the column stringArrays of lists of strings.`,
    );
  }
  return { stringArrays: table.column('stringArrays').toArray() as string[][] };
}
