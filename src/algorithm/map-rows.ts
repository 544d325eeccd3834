/** Runs a row-wise mapping: every shard writes its rows of the new columns, in place. */
import type { OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Shard } from '../engine/shard.js';
import { float64, int32 } from '../table/buffers.js';
import type { Table } from '../table/table.js';
import { openJob, type RunOptions } from './run.js';
import { type AlgorithmRef, importAlgorithm, type KernelScope } from './training.js';

/** A new column of numbers, `width` a row. */
export interface RowOutput {
  readonly type: 'float64' | 'int32';
  readonly width: number;
  /** Zeros before the values of the first row, that no shard sees: 1 for offsets. **Default:** 0. */
  readonly before?: number;
}

/** The rows of the new columns that belong to one shard, to be filled. */
export type RowViews = Readonly<Record<string, Float64Array | Int32Array>>;

/** The arrays of new columns by name, `before + numRows * width` values each. */
export type MappedRows<O extends Readonly<Record<string, RowOutput>>> = {
  [K in keyof O]: O[K]['type'] extends 'int32' ? Int32Array : Float64Array;
};

/** A row-wise function: output rows depend on the same input rows alone. */
export interface RowMapping {
  apply(shard: Shard, outputs: RowViews, scope: KernelScope): void;
}

interface MapShardsParams {
  readonly ref: AlgorithmRef;
  readonly outputs: Readonly<Record<string, RowOutput>>;
}

/** In: shards. Out: nothing; the results are in the job's buffers. */
export class MapShards implements ProcessOperator<Shard, never> {
  static readonly module: string = import.meta.url;
  readonly #params: MapShardsParams;
  #context!: OperatorContext;
  #mapping!: RowMapping;

  constructor(params: MapShardsParams) {
    this.#params = params;
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context;
    this.#mapping = await importAlgorithm<RowMapping>(this.#params.ref);
  }

  process(shard: Shard): void {
    const { kernels, arena, buffers } = this.#context;
    const views: Record<string, Float64Array | Int32Array> = {};
    for (const [name, { type, width, before = 0 }] of Object.entries(this.#params.outputs)) {
      const buffer = buffers[name]!;
      const all = type === 'float64' ? new Float64Array(buffer) : new Int32Array(buffer);
      const start = before + shard.rowStart * width;
      views[name] = all.subarray(start, start + shard.table.numRows * width);
    }
    this.#mapping.apply(shard, views, { kernels, arena });
  }
}

/**
 * Maps the rows of a table to new columns.
 *
 * @param who The call, for messages: `'KMeansModel.transform'`.
 * @param table Only the columns that the mapping reads; at least one.
 * @param work Multiplications and additions, roughly: small ones run on this thread.
 */
export async function mapRows<const O extends Readonly<Record<string, RowOutput>>>(
  who: string,
  ref: AlgorithmRef,
  table: Table,
  outputs: O,
  work: number,
  options: RunOptions,
): Promise<MappedRows<O>> {
  const job = openJob(who, work, options);
  const arrays: Record<string, Float64Array<SharedArrayBuffer> | Int32Array<SharedArrayBuffer>> =
    {};
  for (const [name, { type, width, before = 0 }] of Object.entries(outputs)) {
    const allocate = type === 'float64' ? float64 : int32;
    const array = allocate(before + table.numRows * width);
    arrays[name] = array;
    job.buffer(name, array.buffer);
  }
  job.table(table, { passing: true }).process(MapShards, { ref, outputs });
  await job.run();
  return arrays as never;
}

/** {@link mapRows} of a few rows, at once on this thread, wherever their arrays lie. */
export function mapFewRows<const O extends Readonly<Record<string, RowOutput>>>(
  mapping: RowMapping,
  table: Table,
  outputs: O,
  scope: KernelScope & { readonly firstRow: number },
): MappedRows<O> {
  const arrays: Record<string, Float64Array | Int32Array> = {};
  for (const name in outputs) {
    const { type, width } = outputs[name]!;
    const Values = type === 'float64' ? Float64Array : Int32Array;
    arrays[name] = new Values(table.numRows * width);
  }
  mapping.apply({ index: 0, count: 1, rowStart: scope.firstRow, table }, arrays, scope);
  return arrays as never;
}
