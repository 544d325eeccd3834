/** The join of two tables by the hash tables in which their rows meet, on the workers. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import type { Collector, ProcessOperator } from '../engine/operator.js';
import type { Shard } from '../engine/shard.js';
import { float64, int32 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { ListColumn } from '../table/list-column.js';
import { Table } from '../table/table.js';
import { HashBuckets } from './hash-buckets.js';
import { type ItemSets, jaccardDistance } from './item-sets.js';

/** One side of a join: signatures, and the sets that they are of. */
export interface JoinSide {
  /** rows × (tables · functions), row-major. */
  readonly hashes: Float64Array;
  readonly sets: ItemSets;
}

export interface JoinParams {
  readonly right: JoinSide;
  readonly tables: number;
  /** Hash functions of a table. */
  readonly functions: number;
  /** The largest distance that is kept. */
  readonly threshold: number;
}

/** Pairs of rows, by the row of the left side, then of the right. */
export interface JoinedRows {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly distance: Float64Array;
}

interface ShardPairs extends JoinedRows {
  readonly index: number;
}

const HASHES = 'hashes';
const ITEMS = 'items';

/** In: shards of the left side. Out: their pairs. */
export class SimilarityJoin implements ProcessOperator<Shard, ShardPairs> {
  static readonly module: string = import.meta.url;
  readonly #params: JoinParams;
  #buckets: readonly HashBuckets[] = [];

  constructor(params: JoinParams) {
    this.#params = params;
  }

  open(): void {
    const { right, tables, functions } = this.#params;
    const rows = { hashes: right.hashes, width: tables * functions };
    this.#buckets = Array.from(
      { length: tables },
      (_, t) => new HashBuckets(rows, t * functions, functions),
    );
  }

  process({ index, rowStart, table }: Shard, out: Collector<ShardPairs>): void {
    const hashes = table.column(HASHES, 'vector').values as Float64Array;
    const { offsets, child } = table.column(ITEMS, 'int32[]') as ListColumn;
    const sets = { offsets, items: (child as Column & { values: Int32Array }).values };
    const left: number[] = [];
    const right: number[] = [];
    const distance: number[] = [];
    for (let row = 0; row < table.numRows; row++) {
      for (const other of this.#candidates(hashes, row)) {
        const apart = jaccardDistance(sets, row, this.#params.right.sets, other);
        if (!(apart <= this.#params.threshold)) continue;
        left.push(rowStart + row);
        right.push(other);
        distance.push(apart);
      }
    }
    out.emit({
      index,
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      distance: Float64Array.from(distance),
    });
  }

  /** The rows of the right side that a row meets in some table, each once, ascending. */
  #candidates(hashes: Float64Array, row: number): number[] {
    const { tables, functions } = this.#params;
    const met = new Set<number>();
    this.#buckets.forEach((buckets, t) => {
      const at = (row * tables + t) * functions;
      let other = buckets.first(hashes, at);
      for (; other >= 0; other = buckets.next(other, hashes, at)) met.add(other);
    });
    return [...met].sort((a, b) => a - b);
  }
}

/** All pairs of rows that share a hash table's value and are at most `threshold` apart. */
export async function similarityJoin(
  who: string,
  left: JoinSide,
  params: JoinParams,
  options: RunOptions,
): Promise<JoinedRows> {
  const width = params.tables * params.functions;
  const rows = left.hashes.length / width;
  const table = Table.fromColumns({
    [HASHES]: Column.dense(left.hashes, width),
    [ITEMS]: new ListColumn(left.sets.offsets, Column.numeric(left.sets.items)),
  });
  // How many pairs meet is not known before: every row may meet every other.
  const job = openJob(who, rows * (params.right.hashes.length / width), options);
  const pairs = job.table(table).process(SimilarityJoin, params).gather().output();
  const parts = (await pairs.toArray()).sort((a, b) => a.index - b.index);
  const count = parts.reduce((sum, { left: rows }) => sum + rows.length, 0);
  const joined = { left: int32(count), right: int32(count), distance: float64(count) };
  let at = 0;
  for (const part of parts) {
    joined.left.set(part.left, at);
    joined.right.set(part.right, at);
    joined.distance.set(part.distance, at);
    at += part.left.length;
  }
  return joined;
}
