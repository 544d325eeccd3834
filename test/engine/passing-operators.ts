/** Operators of passing.test.ts, in a file of their own: workers import it. */
import type { Collector, ProcessOperator } from '../../src/engine/operator.js';
import type { Shard } from '../../src/engine/shard.js';

/** The first and last rows of a shard as JSON, and a checksum of all. */
export interface Seen {
  readonly index: number;
  readonly rowStart: number;
  readonly rows: number;
  readonly cells: string;
}

const seenOf = ({ index, rowStart, table }: Shard): Seen => {
  const few = [0, 1, table.numRows >> 1, table.numRows - 1].map((row) => table.row(row));
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
  return { index, rowStart, rows: table.numRows, cells: JSON.stringify(few, text) };
};

/** Says what it sees of each shard when it comes. */
export class SeeShards implements ProcessOperator<Shard, Seen> {
  static readonly module: string = import.meta.url;

  process(shard: Shard, out: Collector<Seen>): void {
    out.emit(seenOf(shard));
  }
}

/** Looks at each shard when it comes, and at all of them once more at the end, the last one first. */
export class SeeAgain implements ProcessOperator<Shard, Seen> {
  static readonly module: string = import.meta.url;
  readonly #shards: Shard[] = [];

  process(shard: Shard): void {
    seenOf(shard);
    this.#shards.push(shard);
  }

  onInputEnd(_input: number, out: Collector<Seen>): void {
    for (const shard of this.#shards.reverse()) out.emit(seenOf(shard));
  }
}
