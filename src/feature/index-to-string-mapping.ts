/** Indices as the codes of dictionary columns, shard by shard. */
import type { RowMapping, RowOutput } from '../algorithm/map-rows.js';
import { DataError } from '../core/errors.js';
import type { RowScope } from '../stage/new-columns.js';
import { firstInvalid, INVALID, type IndexColumn, writeIndices } from './index-column.js';

/** A column of indices, and how many strings they stand for. */
export interface CodedColumn {
  readonly inputCol: string;
  readonly labels: number;
}

/** What the mapping reads. */
export interface IndexToStringMappingParams {
  readonly who: string;
  readonly columns: readonly CodedColumn[];
}

/** One code a row. */
export interface CodesOutput extends RowOutput {
  readonly type: 'int32';
  readonly width: 1;
}

/** The codes of column c are the output of {@link codesName}. */
export function codesOutputs(columns: readonly CodedColumn[]): Record<string, CodesOutput> {
  const output: CodesOutput = { type: 'int32', width: 1 };
  return Object.fromEntries(columns.map((_, c) => [codesName(c), output]));
}

export const codesName = (c: number): string => `codes ${c}`;

/** The mapping that `IndexToStringModel.transform` runs on the workers. */
export function indexToStringMapping({ who, columns }: IndexToStringMappingParams): RowMapping {
  return {
    apply({ table, rowStart }, outputs, scope) {
      for (const [c, coded] of columns.entries()) {
        const column = table.column(coded.inputCol) as IndexColumn;
        const codes = outputs[codesName(c)] as Int32Array;
        writeCodes(who, coded, column, codes, { ...scope, firstRow: rowStart });
      }
    },
  };
}

/** Writes the code of each row. @throws DataError `ERR_GYRE_DATA` for the first without a string. */
function writeCodes(
  who: string,
  { inputCol, labels }: CodedColumn,
  column: IndexColumn,
  codes: Int32Array,
  scope: RowScope,
): void {
  if (writeIndices(column, labels - 1, INVALID, codes, scope) === 0) return;
  const at = firstInvalid(column, labels - 1);
  const [row, got] = [scope.firstRow + at, column.get(at)];
  throw new DataError(
    `${who}: column "${inputCol}" must have integers in [0, ${labels}), got ${got} in row ${row}.`,
    { details: { who, column: inputCol, row, got } },
  );
}
