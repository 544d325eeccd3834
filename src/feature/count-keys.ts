/** How often each string or number occurs in columns, counted on the workers. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import { defaultSession } from '../engine/session.js';
import type { Shard } from '../engine/shard.js';
import type { Table } from '../table/table.js';
import { type KeyColumn, keysOf } from './key-column.js';
import { KeyDictionary, type KeyList, SPARSE_ENTRIES } from './key-dictionary.js';

interface WorkerCounts {
  readonly subtask: number;
  /** By column. */
  readonly lists: readonly KeyList[];
}

/**
 * In: shards. Out: the keys of the subtask's run of shards, in order of appearance, with their
 * counts. One dictionary for the run, not one a shard: merging would cost more than counting.
 */
export class CountKeys implements ProcessOperator<Shard, WorkerCounts> {
  static readonly module: string = import.meta.url;
  readonly #columns: readonly string[];
  #dictionaries: KeyDictionary[] = [];
  #subtask = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  open(context: OperatorContext): void {
    this.#subtask = context.subtask;
    for (const _ of this.#columns) {
      this.#dictionaries.push(new KeyDictionary(context, SPARSE_ENTRIES));
    }
  }

  process({ table }: Shard): void {
    this.#columns.forEach((name, c) => {
      this.#dictionaries[c]!.add(keysOf(table.column(name) as KeyColumn));
    });
  }

  onInputEnd(_input: number, out: Collector<WorkerCounts>): void {
    const lists = this.#dictionaries.map((dictionary) => dictionary.list());
    out.emit({ subtask: this.#subtask, lists });
  }

  close(): void {
    for (const dictionary of this.#dictionaries) dictionary.free();
    this.#dictionaries = [];
  }
}

/**
 * Counts the cells of each column that are not null.
 *
 * @param table Columns of strings as UTF-8, or of numbers.
 * @param work Bytes looked at, roughly.
 * @returns A list a column, in order of first appearance: the same on any number of workers.
 */
export async function countKeys(
  who: string,
  table: Table,
  work: number,
  options: RunOptions,
): Promise<KeyList[]> {
  const job = openJob(who, work, options);
  const counts = job.table(table, { passing: true }).process(CountKeys, table.columnNames);
  const parts = await counts.gather().output().toArray();
  parts.sort((a, b) => a.subtask - b.subtask);
  return table.columnNames.map((_, c) => {
    const lists = parts.map((part) => part.lists[c]!).filter(({ values }) => values.length > 0);
    if (lists.length < 2) return lists[0] ?? parts[0]!.lists[c]!;
    return summed(lists, (options.session ?? defaultSession()).inline);
  });
}

/** The sum of counts: keys that are equal become one, where the first of them is. */
export function summed(lists: readonly KeyList[], scope: KernelScope): KeyList {
  const dictionary = new KeyDictionary(scope, Math.max(...lists.map((l) => l.values.length)));
  try {
    for (const { bytes, offsets, values } of lists) {
      const { length } = values;
      dictionary.add({ length, bytes, offsets, width: 0, validity: null }, values);
    }
    return dictionary.list();
  } finally {
    dictionary.free();
  }
}
