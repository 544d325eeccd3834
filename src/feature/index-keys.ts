/** The indices of cells, written in place on the workers. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import { DataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Shard } from '../engine/shard.js';
import type { Table } from '../table/table.js';
import type { KeyColumn, LabelKeys } from './key-column.js';
import { type KeyDictionary, SPARSE_ENTRIES } from './key-dictionary.js';
import { dictionaryOf, type LabelledColumn, writeKeys } from './label-index.js';

/** How one column is indexed; plain data. */
export interface KeyIndexing {
  readonly inputCol: string;
  readonly labels: LabelKeys;
  /** The index of the label `NaN`, if there is one. */
  readonly nan: number | null;
  /** The index of what is no label. */
  readonly missing: number;
}

interface IndexKeysParams {
  readonly who: string;
  readonly columns: readonly KeyIndexing[];
  /** Whether a row without an index is an error. */
  readonly refuses: boolean;
}

/** In: shards. Out: nothing; the indices of column `c` are in the buffer named by its number. */
export class IndexKeys implements ProcessOperator<Shard, never> {
  static readonly module: string = import.meta.url;
  readonly #params: IndexKeysParams;
  #dictionaries: KeyDictionary[] = [];
  #outputs: Float64Array[] = [];

  constructor(params: IndexKeysParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#params.columns.forEach(({ labels }, c) => {
      this.#dictionaries.push(dictionaryOf(labels, context, SPARSE_ENTRIES));
      this.#outputs.push(new Float64Array(context.buffers[c]!));
    });
  }

  process({ table, rowStart }: Shard): void {
    const { who, columns, refuses } = this.#params;
    columns.forEach(({ inputCol, nan, missing }, c) => {
      const column = table.column(inputCol) as KeyColumn;
      const out = this.#outputs[c]!.subarray(rowStart, rowStart + column.length);
      const misses = writeKeys(this.#dictionaries[c]!, column, missing, nan, out);
      if (refuses && misses > 0)
        throw unseen(who, inputCol, column, out.indexOf(missing), rowStart);
    });
  }

  close(): void {
    for (const dictionary of this.#dictionaries) dictionary.free();
    this.#dictionaries = [];
  }
}

/** Writes the indices of each column to its output, an array in shared memory. */
export async function indexKeys(
  params: IndexKeysParams,
  table: Table,
  outputs: readonly Float64Array<SharedArrayBuffer>[],
  work: number,
  options: RunOptions,
): Promise<void> {
  const job = openJob(params.who, work, options);
  outputs.forEach(({ buffer }, c) => {
    job.buffer(String(c), buffer);
  });
  job.table(table, { passing: true }).process(IndexKeys, params);
  await job.run();
}

/** The error for a cell that has no index. */
export function unseen(
  who: string,
  name: string,
  column: LabelledColumn,
  row: number,
  firstRow: number,
): DataError {
  const value = column.get(row);
  return new DataError(
    `${who}: column "${name}" must have values that were seen in fit, got ${showValue(value)} in ` +
      `row ${firstRow + row}; or set handleInvalid to 'skip' or 'keep'.`,
    { details: { who, column: name, row: firstRow + row, got: value } },
  );
}
