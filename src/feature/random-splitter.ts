/** RandomSplitter: deals the rows of a table out to several, at random. */
import { abortError } from '../core/errors.js';
import { int, nullable, type Param, type ParamOptions, type ParamTable } from '../core/params.js';
import { JavaRandom } from '../core/random.js';
import { checkCall } from '../stage/call.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import type { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { type Deal, dealStream } from './random-splitter-streams.js';

const WHO = 'RandomSplitter.transform';
/** The seed of Flink ML when none is given: the hash of its class's name. */
const DEFAULT_SEED = 1_344_460_427;

/** Params of {@link RandomSplitter}. */
export interface RandomSplitterParams {
  /** The share of each output, in any unit: at least two numbers > 0. **Default:** `[1, 1]`. */
  readonly weights: readonly number[];
  /** Seed of the draws, an integer. **Default:** null, which is Flink ML's own. */
  readonly seed: number | null;
}

const weights: Param<readonly number[]> = {
  expected: 'a list of at least two numbers > 0 whose sum is finite',
  default: [1, 1],
  accepts: (v) =>
    Array.isArray(v) &&
    v.length >= 2 &&
    v.every((w) => typeof w === 'number' && w > 0) &&
    Number.isFinite(v.reduce((a: number, b: number) => a + b)),
  invalid: [[], [1], [1, 0], [1, -1], [1, Number.NaN], [1e308, 1e308], ['1', 1], 2, null],
};

const randomSplitterParams: ParamTable<RandomSplitterParams> = {
  weights,
  seed: nullable(int(0)),
};

/**
 * Splits a table into `weights.length` tables: each row goes to exactly one, in its order.
 *
 * For each row one u is drawn, uniform in [0, 1), and the row goes to the first table k with
 * (w_0 + ... + w_k) / Σw >= u. The draws are those of `java.util.Random` in row order, so the split
 * depends on the seed, the weights and the order of the rows alone: not on threads, and not on how
 * a stream is cut into batches. All columns, of any type, are kept; null does not matter.
 *
 * A stream is split into streams. Where it can be read again (a file, an array), each output reads
 * it for itself: they may be read in any way. Else they share one reading, as fast as the slowest
 * reader: up to 64 batches wait for each, and an output that nobody has begun to read by then fails
 * the others with `ERR_GYRE_MEMORY`. The rows of an output that was left early are dropped.
 *
 * Difference from Flink ML: the split is that of one subtask, whatever the parallelism. Cost: one
 * draw and one copy a row, on the calling thread.
 *
 * @see RandomSplitter of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ id: Int32Array.from({ length: 1000 }, (_, i) => i) });
 * const [train, test] = await new RandomSplitter({ weights: [0.8, 0.2], seed: 1 }).transform(table);
 * console.log(train.numRows + test.numRows); // 1000
 * console.log(test.column('id').toArray().slice(0, 4)); // [ 5, 9, 15, 17 ]
 * ```
 */
export class RandomSplitter extends AlgoOperator<RandomSplitterParams, Table[]> {
  static readonly className = 'RandomSplitter';
  static readonly params: ParamTable<RandomSplitterParams> = randomSplitterParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<RandomSplitter> {
    return loadAs(RandomSplitter, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<RandomSplitterParams>): RandomSplitter {
    return new RandomSplitter(params);
  }

  /** The parts of a table; or, of a stream, the stream of each part. */
  override transform(table: Table, options?: StageOptions): Promise<Table[]>;
  override transform(stream: TableStream, options?: StageOptions): TableStream[];
  override transform(
    input: Table | TableStream,
    options: StageOptions = {},
  ): Promise<Table[]> | TableStream[] {
    if (!(input instanceof TableStream)) return super.transform(input, options);
    checkCall(WHO, input, 'table or stream', options);
    return dealStream(WHO, withSignal(input, options.signal), this.params.weights.length, () =>
      this.#newDeal(),
    );
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table[]> {
    // Who aborts in the turn of the call must not get a split.
    await null;
    if (options.signal?.aborted) throw abortError(WHO, options.signal);
    const parts = this.#newDeal()(table).map((rows) => table.take(rows));
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return parts;
  }

  #newDeal(): Deal {
    const random = new JavaRandom(subtaskSeed(this.params.seed ?? DEFAULT_SEED));
    const bounds = upperBounds(this.params.weights);
    const last = bounds.length - 1;
    return ({ numRows }) => {
      const parts = new Uint32Array(numRows);
      const sizes = new Int32Array(bounds.length);
      for (let row = 0; row < numRows; row++) {
        const u = random.nextDouble();
        let part = 0;
        while (part < last && bounds[part]! < u) part++;
        parts[row] = part;
        sizes[part]!++;
      }
      const dealt = Array.from(sizes, (size) => int32(size));
      const filled = new Int32Array(bounds.length);
      for (let row = 0; row < numRows; row++) {
        const part = parts[row]!;
        dealt[part]![filled[part]!++] = row;
      }
      return dealt;
    };
  }
}

function withSignal(stream: TableStream, signal: AbortSignal | undefined): TableStream {
  const { timestampCol, watermarkDelayMs } = stream;
  if (signal === undefined) return stream;
  return TableStream.from(stream, {
    signal,
    watermarkDelayMs,
    ...(timestampCol !== undefined && { timestampCol }),
  });
}

/** (w_0 + ... + w_k) / Σw for each k. */
function upperBounds(shares: readonly number[]): Float64Array {
  const sums = new Float64Array(shares.length);
  shares.forEach((share, k) => {
    sums[k] = (sums[k - 1] ?? 0) + share;
  });
  const total = sums.at(-1)!;
  return sums.map((sum) => sum / total);
}

/** The seed of Flink ML's first subtask: 31 times Java's hash of the long. */
function subtaskSeed(seed: number): number {
  const bits = BigInt.asUintN(64, BigInt(seed));
  const hash = Number(BigInt.asIntN(32, bits ^ (bits >> 32n)));
  return Math.imul(31, hash);
}
