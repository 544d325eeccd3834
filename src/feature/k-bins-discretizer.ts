/** KBinsDiscretizer: learns edges that cut the values of each entry of vectors into bins. */
import { aggregate } from '../algorithm/aggregate.js';
import { DataError } from '../core/errors.js';
import { int, oneOf, type ParamOptions, type ParamTable } from '../core/params.js';
import { reservoirSample } from '../core/random.js';
import { requireRows, storedEntries } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { kMeansEdges, quantileEdges, uniformEdges } from './k-bins-discretizer-edges.js';
import {
  KBinsDiscretizerModel,
  type KBinsDiscretizerModelParams,
  kBinsDiscretizerModelParams,
} from './k-bins-discretizer-model.js';
import type { MinMax, MinMaxAggregationParams } from './min-max-scaler-aggregation.js';
import { orderStatistics } from './quantile.js';
import { sizeOf, vectorsToLearn } from './scaling.js';

const WHO = 'KBinsDiscretizer.fit';
/** `"org.apache.flink.ml.feature.kbinsdiscretizer.KBinsDiscretizer".hashCode()` in Java. */
const SEED = -1_047_057_973;

/** Params of {@link KBinsDiscretizer}. */
export interface KBinsDiscretizerParams extends KBinsDiscretizerModelParams {
  /**
   * How bins are cut: of equal width, of about equal counts, or around the centroids of k-means.
   * **Default:** `'quantile'`.
   */
  readonly strategy: 'uniform' | 'quantile' | 'kmeans';
  /** Bins of each entry; there may be fewer where values repeat. At least 2. **Default:** 5. */
  readonly numBins: number;
  /**
   * Rows that are learned from at most, but for `'uniform'`: a sample of so many when there are
   * more. At least 2. **Default:** 200000.
   */
  readonly subSamples: number;
}

const kBinsDiscretizerParams: ParamTable<KBinsDiscretizerParams> = {
  ...kBinsDiscretizerModelParams,
  strategy: oneOf(['uniform', 'quantile', 'kmeans'], 'quantile'),
  numBins: int(5, { min: 2 }),
  subSamples: int(200_000, { min: 2 }),
};

/**
 * Learns to make small integers of the entries of vectors: the bins that values fall in.
 *
 * With n sorted values f of an entry, edges are by `strategy`:
 *
 * - `'uniform'`: numBins intervals of equal width from the smallest to the largest value.
 * - `'quantile'`: f[⌊k · n / numBins⌋] for k = 0 .. numBins - 1, and f[n - 1]. A value that comes up
 *   more than once as edge is kept twice, and one of the two moves half way to the next edge.
 * - `'kmeans'`: half way between the centroids of Lloyd's algorithm in one dimension, from the
 *   same start. An entry with no more than numBins different values is cut as by `'uniform'`.
 *
 * An entry that is constant has one bin, from -Infinity to Infinity.
 *
 * Features: vectors, dense (float64; float32 is made float64) or sparse, where what is not stored
 * is 0 and counts; null is an error. NaN is left out, entry by entry; infinities, and an entry that
 * is NaN in every row, are errors. A sample has the rows that Flink ML takes on one subtask.
 * Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: NaN is left out, where it becomes an edge; a cluster without values
 * is left out, where its centroid and an edge become NaN; vectors longer than those learned from,
 * and shorter ones, are refused by `transform`; -0 is 0.
 *
 * Cost: one pass for `'uniform'`, two to three for `'quantile'`, O(rows · dim) each; a sort of the
 * sample, O(k log rows) an entry and round, for `'kmeans'`.
 *
 * @see KBinsDiscretizer of Flink ML.
 *
 * @example
 * ```ts
 * const input = [[1], [2], [2], [3], [8], [9]];
 * const table = Table.fromColumns({ input }, { input: 'vector' });
 * const model = await new KBinsDiscretizer({ numBins: 3 }).fit(table);
 * console.log(model.modelData.binEdges[0].join(' ')); // 1 2 8 9
 * const binned = await model.transform(table);
 * console.log(binned.column('output').toArray().join(' ')); // [0.0] [1.0] [1.0] [1.0] [2.0] [2.0]
 * ```
 */
export class KBinsDiscretizer extends Estimator<KBinsDiscretizerParams, KBinsDiscretizerModel> {
  static readonly className = 'KBinsDiscretizer';
  static readonly params: ParamTable<KBinsDiscretizerParams> = kBinsDiscretizerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KBinsDiscretizer> {
    return loadAs(KBinsDiscretizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KBinsDiscretizerParams>): KBinsDiscretizer {
    return new KBinsDiscretizer(params);
  }

  /**
   * Learns the edges. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, no rows, an infinity,
   *   or an entry that is always NaN.
   */
  protected override async fitTable(
    table: Table,
    options: FitOptions,
  ): Promise<KBinsDiscretizerModel> {
    const { inputCol, strategy, subSamples } = this.params;
    const column = vectorsToLearn(WHO, table, inputCol);
    requireRows(WHO, table);
    let rows = Table.fromColumns({ [inputCol]: column });
    if (strategy !== 'uniform' && rows.numRows > subSamples) {
      rows = rows.take(reservoirSample(rows.numRows, subSamples, SEED).sort());
    }
    const binEdges = await this.#edgesBy(strategy, rows, sizeOf(column), options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    const shared = sharedParams(this.params, kBinsDiscretizerModelParams);
    return new KBinsDiscretizerModel(shared).setModelData({ binEdges });
  }

  #edgesBy(
    strategy: KBinsDiscretizerParams['strategy'],
    rows: Table,
    size: number,
    options: FitOptions,
  ): Promise<Float64Array[]> {
    if (strategy === 'uniform') return this.#uniform(rows, options);
    if (strategy === 'quantile') return this.#quantile(rows, size, options);
    return this.#kMeans(rows, size, options);
  }

  async #uniform(rows: Table, options: FitOptions): Promise<Float64Array[]> {
    const { inputCol, numBins } = this.params;
    const params: MinMaxAggregationParams = { inputCol };
    const module = new URL('./min-max-scaler-aggregation.js', import.meta.url).href;
    const ref = { module, name: 'minMaxAggregation', params };
    const work = storedEntries(rows.column(inputCol, 'vector', 'sparseVector'));
    const { min, max } = await aggregate<MinMax, MinMax>(WHO, ref, rows, work, options);
    return Array.from(min, (low, t) => {
      const high = max[t]!;
      requireFinite(inputCol, t, low, high, low <= high);
      return uniformEdges(low, high, numBins);
    });
  }

  async #quantile(rows: Table, size: number, options: FitOptions): Promise<Float64Array[]> {
    const { inputCol, numBins } = this.params;
    const rule = { kind: 'bins', bins: numBins } as const;
    const entries = await orderStatistics(WHO, rows, size, rule, options);
    return entries.map(({ count, values }, t) => {
      requireFinite(inputCol, t, values[0]!, values.at(-1)!, count > 0);
      return quantileEdges(values);
    });
  }

  async #kMeans(rows: Table, size: number, options: FitOptions): Promise<Float64Array[]> {
    const { inputCol, numBins } = this.params;
    const module = new URL('./k-bins-discretizer-aggregation.js', import.meta.url).href;
    const ref = { module, name: 'sortedEntries', params: null };
    const work = rows.numRows * size * 16;
    const entries = await aggregate<Float64Array[], Float64Array[]>(WHO, ref, rows, work, options);
    return entries.map((sorted, t) => {
      requireFinite(inputCol, t, sorted[0]!, sorted.at(-1)!, sorted.length > 0);
      return kMeansEdges(sorted, numBins);
    });
  }
}

function requireFinite(name: string, entry: number, min: number, max: number, any: boolean): void {
  const where = `in entry ${entry}`;
  const details = { who: WHO, column: name, entry };
  if (!any) {
    throw new DataError(
      `${WHO}: column "${name}" must have a number in every entry, got NaN alone ${where}.`,
      { details },
    );
  }
  if (Number.isFinite(min) && Number.isFinite(max)) return;
  const got = Number.isFinite(min) ? max : min;
  throw new DataError(`${WHO}: column "${name}" must not be infinite, got ${got} ${where}.`, {
    details: { ...details, got },
  });
}
