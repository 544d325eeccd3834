/** AgglomerativeClustering: clusters that are merged from the bottom up. */
import {
  abortError,
  DataError,
  DimensionMismatchError,
  InvalidParamError,
} from '../core/errors.js';
import {
  boolean,
  int,
  nullable,
  oneOf,
  type Param,
  type ParamOptions,
  type ParamTable,
  real,
  string,
} from '../core/params.js';
import type { Windows } from '../engine/operators/windows.js';
import { windowsParam } from '../feature/windows-param.js';
import { checkCall } from '../stage/call.js';
import { denseColumn, requireNoNull, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { nameIsTaken } from '../stage/new-columns.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { Column } from '../table/column.js';
import type { DistanceMeasureName } from '../table/distance-measure.js';
import type { Schema } from '../table/schema.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { mergesOf } from './agglomerative-merges.js';
import { LINKAGES, type Linkage } from './linkage.js';
import { clustersAfter, type MergeTree, mergesWithin, mergeTree } from './merge-tree.js';
import { pairedStreams } from './paired-streams.js';
import { rowWindows } from './row-windows.js';

const WHO = 'AgglomerativeClustering.transform';

/** Params of {@link AgglomerativeClustering}. */
export interface AgglomerativeClusteringParams {
  /** Column of vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Name of the new column, int32: the cluster. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /**
   * `'euclidean'`: ‖x - y‖; `'manhattan'`: Σ |x - y|; `'cosine'`: 1 - the cosine of the angle between
   * x and y. **Default:** `'euclidean'`.
   */
  readonly distanceMeasure: DistanceMeasureName;
  /**
   * How far apart clusters are, by the distances of their points: `'ward'`: how much their union
   * adds to the variance, for the euclidean measure only; `'complete'`: the largest; `'average'`:
   * the mean; `'single'`: the smallest. **Default:** `'ward'`.
   */
  readonly linkage: Linkage;
  /**
   * How many clusters are left, an integer >= 1; null when `distanceThreshold` is given.
   * **Default:** 2.
   */
  readonly numClusters: number | null;
  /**
   * Clusters are merged that are not farther apart than this; null when `numClusters` is given.
   * **Default:** null.
   */
  readonly distanceThreshold: number | null;
  /** Whether the second output has all merges, also those not applied. **Default:** false. */
  readonly computeFullTree: boolean;
  /** Rows are clustered window by window. **Default:** one, all rows at once. */
  readonly windows: Windows;
}

const numClusters: Param<number | null> = { ...nullable(int(2, { min: 1 })), default: 2 };

const agglomerativeClusteringParams: ParamTable<AgglomerativeClusteringParams> = {
  featuresCol: string('features'),
  predictionCol: string('prediction'),
  distanceMeasure: oneOf(['euclidean', 'manhattan', 'cosine'], 'euclidean'),
  linkage: oneOf(LINKAGES, 'ward'),
  numClusters,
  distanceThreshold: nullable(real(0)),
  computeFullTree: boolean(false),
  windows: windowsParam,
};

/** The merges of no points. */
const NO_MERGES: Table = Table.empty({
  clusterId1: 'int32',
  clusterId2: 'int32',
  distance: 'float64',
  sizeOfMergedCluster: 'int32',
});

/**
 * Clusters points hierarchically: each begins as a cluster of its own, and the two closest clusters
 * are merged, again and again.
 *
 * The distance of the union of clusters x and y, of n_x and n_y points, to a cluster i of n_i is
 *
 * - single: min(d_xi, d_yi); complete: max(d_xi, d_yi)
 * - average: (n_x d_xi + n_y d_yi) / (n_x + n_y)
 * - ward: √(((n_x + n_i) d_xi² + (n_y + n_i) d_yi² - n_i d_xy²) / (n_x + n_y + n_i))
 *
 * Outputs, two tables:
 *
 * 0. the input with `predictionCol`, int32: the cluster, numbered 0, 1, 2, ... as clusters first appear.
 *    Either `numClusters` are left, or no two within `distanceThreshold`; exactly one is not null.
 * 1. the merges, in ascending distance: `clusterId1` < `clusterId2` (int32), `distance` (float64) and
 *    `sizeOfMergedCluster` (int32, in points). Points are clusters 0 to n - 1, in row order, and the
 *    i-th merge makes cluster n + i. Only the merges that were applied, or, with `computeFullTree`,
 *    all n - 1.
 *
 * Ties are those of SciPy, and so are heights: a chain of nearest neighbours begins at the first
 * cluster that is left; the cluster it came from wins a tie, else the one with the smallest place (a
 * union has that of its later part); merges of one distance stay in the order in which they were
 * found. Single linkage grows a spanning tree from the first point, by the first of the nearest.
 *
 * With `windows`, each window is clustered on its own, and its ids begin at 0. A stream gives two
 * streams, of a table for every window. A table is a stream of one batch: windows by processing time
 * have all of it, and windows by event time need a stream with `timestampCol`. Rows in an incomplete
 * count window and rows that come too late are left out. Two streams of an input that can be read
 * again (a table, a file) read it each for itself; of another one they share one reading, and the
 * reading of both must begin before the first window is complete. One that is never read costs nothing.
 *
 * Vectors with null, NaN or infinities, and, by cosine, those of zeros, are errors that name the row. A
 * table without rows gives two without rows; a window of fewer rows than `numClusters` leaves every
 * point its own cluster.
 *
 * Differences from Flink ML: `sizeOfMergedCluster` is right where merges were renumbered; a window of
 * fewer rows than `numClusters` does not fail; ties do not depend on the order of a hash set.
 *
 * Cost: O(n² · dim) for the distances and O(n²) for the merges, on one worker; distances of vectors
 * of more than 64 entries are measured on all workers. The same bits on any number. Memory: up to 8 bytes
 * for each of the n (n - 1) / 2 pairs, for random points a half of that, at most 4 GiB, so n is up to
 * about 32,600; the same again for vectors of more than 64 entries where there is room. Single
 * linkage keeps no distances, only the points.
 *
 * @see AgglomerativeClustering of Flink ML; Müllner, Modern hierarchical, agglomerative clustering
 *   algorithms, 2011; `scipy.cluster.hierarchy.linkage`.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 1], [1, 4], [1, 0], [4, 1.5], [4, 4], [4, 0]] },
 *   { features: 'vector' },
 * );
 * const clustering = new AgglomerativeClustering({ numClusters: 2 });
 * const [clustered, merges] = await clustering.transform(table);
 * console.log(clustered.column('prediction').toArray()); // [0, 1, 0, 0, 1, 0]
 * console.log(merges.row(0)); // { clusterId1: 0, clusterId2: 2, distance: 1, sizeOfMergedCluster: 2 }
 * ```
 */
export class AgglomerativeClustering extends AlgoOperator<
  AgglomerativeClusteringParams,
  [Table, Table]
> {
  static readonly className = 'AgglomerativeClustering';
  static readonly params: ParamTable<AgglomerativeClusteringParams> = agglomerativeClusteringParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<AgglomerativeClustering> {
    return loadAs(AgglomerativeClustering, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<AgglomerativeClusteringParams>): AgglomerativeClustering {
    return new AgglomerativeClustering(params);
  }

  /**
   * The clusters of the rows, and the merges. `onProgress` reports windows.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for params that do not go together;
   *   SchemaError, DataError, DimensionMismatchError for the column; MemoryLimitError
   *   `ERR_GYRE_MEMORY` for more pairs than fit. Of a stream, errors come when it is read, but for
   *   those of params.
   */
  override transform(table: Table, options?: StageOptions): Promise<[Table, Table]>;
  override transform(stream: TableStream, options?: StageOptions): [TableStream, TableStream];
  override transform(
    input: Table | TableStream,
    options: StageOptions = {},
  ): Promise<[Table, Table]> | [TableStream, TableStream] {
    if (!(input instanceof TableStream)) return super.transform(input, options);
    checkCall(WHO, input, 'table or stream', options);
    this.#checkParams(input.timestampCol);
    return pairedStreams({
      who: WHO,
      open: () => this.#windows(input, options),
      schemas: [async () => this.#outputSchema(await input.schema()), async () => NO_MERGES.schema],
      replayable: input.replayable,
    });
  }

  protected override async transformTable(
    table: Table,
    options: StageOptions,
  ): Promise<[Table, Table]> {
    // Who aborts in the turn of the call must not get clusters.
    await null;
    this.#checkParams(undefined);
    this.#outputSchema(table.schema);
    this.#checkPoints(table, 0);
    const none: [Table, Table] = [
      this.#withClusters(table.slice(0, 0), new Int32Array()),
      NO_MERGES,
    ];
    const [clustered, merges]: [Table[], Table[]] = [[none[0]], [none[1]]];
    for await (const pair of this.#windows(TableStream.from(table), options)) {
      clustered.push(pair[0]);
      merges.push(pair[1]);
    }
    const whole = (tables: Table[]) => (tables.length === 2 ? tables[1]! : Table.concat(tables));
    return [whole(clustered), whole(merges)];
  }

  /** @param timestampCol That of the input. */
  #checkParams(timestampCol: string | undefined): void {
    const { numClusters, distanceThreshold, linkage, distanceMeasure, windows } = this.params;
    if ((numClusters === null) === (distanceThreshold === null)) {
      throw new InvalidParamError(
        `${WHO}: exactly one of numClusters and distanceThreshold must be null, got ${numClusters} and ` +
          `${distanceThreshold}.`,
        { details: { numClusters, distanceThreshold } },
      );
    }
    if (linkage === 'ward' && distanceMeasure !== 'euclidean') {
      throw new InvalidParamError(
        `${WHO}: linkage 'ward' needs the distanceMeasure 'euclidean', got '${distanceMeasure}'.`,
        { details: { linkage, distanceMeasure } },
      );
    }
    if (windows.kind.startsWith('EventTime') && timestampCol === undefined) {
      throw new InvalidParamError(
        `${WHO}: windows by event time need a stream with timestampCol, got one without; see ` +
          'TableStream.from(source, { timestampCol }).',
        { details: { windows } },
      );
    }
  }

  #outputSchema(schema: Schema): Schema {
    const { predictionCol } = this.params;
    if (Object.hasOwn(schema, predictionCol)) throw nameIsTaken(predictionCol, Object.keys(schema));
    return { ...schema, [predictionCol]: 'int32' };
  }

  /** The outputs of every window. */
  async *#windows(
    stream: TableStream,
    options: StageOptions,
  ): AsyncGenerator<readonly [Table, Table], undefined> {
    const { signal } = options;
    let [epoch, rows] = [0, 0];
    for await (const window of rowWindows(
      WHO,
      this.#checked(stream, signal),
      this.params.windows,
      options,
    )) {
      const pair = await this.#clusterWindow(window, options);
      if (signal?.aborted) throw abortError(WHO, signal);
      rows += window.numRows;
      options.onProgress?.({ epoch: ++epoch, rows });
      yield pair;
    }
    return undefined;
  }

  /** The batches of a stream, whose points have been looked at. */
  #checked(stream: TableStream, signal: AbortSignal | undefined): TableStream {
    const { timestampCol, watermarkDelayMs } = stream;
    let [rows, dim] = [0, 0];
    const check = (table: Table): Table => {
      if (signal?.aborted) throw abortError(WHO, signal);
      this.#outputSchema(table.schema);
      const size = this.#checkPoints(table, rows);
      if (rows > 0 && size !== dim) throw this.#otherSize(dim, size, rows);
      [rows, dim] = [rows + table.numRows, size];
      return table;
    };
    return TableStream.from(stream, {
      watermarkDelayMs,
      ...(timestampCol !== undefined && { timestampCol }),
      ...(signal !== undefined && { signal }),
    }).map(check);
  }

  async #clusterWindow(window: Table, options: StageOptions): Promise<[Table, Table]> {
    const { featuresCol, distanceMeasure, linkage, numClusters, distanceThreshold } = this.params;
    const column = denseColumn(WHO, window, featuresCol);
    const values = column.values as Float64Array;
    const { dim, length: count } = column;
    const points = distanceMeasure === 'cosine' ? unitVectors(values, dim) : values;
    const merges = await mergesOf(
      WHO,
      { values: points, count, dim, measure: distanceMeasure },
      linkage,
      options,
    );
    if (merges.heights.some((height) => !Number.isFinite(height))) {
      throw new DataError(
        `${WHO}: column "${featuresCol}" must have vectors whose distances are finite, got some beyond ` +
          `${Number.MAX_VALUE}.`,
        { details: { who: WHO, column: featuresCol } },
      );
    }
    const tree = mergeTree(merges);
    const applied =
      distanceThreshold === null
        ? Math.max(0, count - numClusters!)
        : mergesWithin(tree, distanceThreshold);
    const shown = this.params.computeFullTree ? count - 1 : applied;
    return [this.#withClusters(window, clustersAfter(tree, applied)), mergeTable(tree, shown)];
  }

  #withClusters(table: Table, clusters: Int32Array): Table {
    return table.withColumn(this.params.predictionCol, Column.numeric(clusters));
  }

  /** Refuses points that have no distances. Returns their size. */
  #checkPoints(table: Table, firstRow: number): number {
    const { featuresCol, distanceMeasure } = this.params;
    if (table.has(featuresCol))
      requireNoNull(WHO, featuresCol, table.column(featuresCol), firstRow);
    const column = vectorColumn(WHO, table, featuresCol);
    const isCosine = distanceMeasure === 'cosine';
    for (let row = 0; row < column.length; row++) {
      const [start, end] =
        column.layout === 'dense'
          ? [row * column.dim, (row + 1) * column.dim]
          : [column.offsets[row]!, column.offsets[row + 1]!];
      let isZero = true;
      for (let at = start; at < end; at++) {
        const value = column.values[at]!;
        if (!Number.isFinite(value)) throw this.#badPoint('be finite', value, firstRow + row);
        if (value !== 0) isZero = false;
      }
      if (isZero && isCosine) {
        throw this.#badPoint(
          'not have vectors of zeros, which have no cosine',
          'one',
          firstRow + row,
        );
      }
    }
    return column.layout === 'dense' ? column.dim : column.size;
  }

  #badPoint(what: string, got: unknown, row: number): DataError {
    const { featuresCol } = this.params;
    return new DataError(
      `${WHO}: column "${featuresCol}" must ${what}, got ${got} in row ${row}.`,
      {
        details: { who: WHO, column: featuresCol, row },
      },
    );
  }

  #otherSize(expected: number, got: number, row: number): DimensionMismatchError {
    const { featuresCol } = this.params;
    return new DimensionMismatchError(
      `${WHO}: column "${featuresCol}" must have vectors of size ${expected}, got ${got} in row ${row}.`,
      { details: { who: WHO, column: featuresCol, expected, got, row } },
    );
  }
}

function mergeTable({ firstIds, secondIds, heights, sizes }: MergeTree, merges: number): Table {
  return Table.fromColumns({
    clusterId1: firstIds.slice(0, merges),
    clusterId2: secondIds.slice(0, merges),
    distance: heights.slice(0, merges),
    sizeOfMergedCluster: sizes.slice(0, merges),
  });
}

/** The vectors at length 1. Entries relative to the largest one: no square overflows or vanishes. */
function unitVectors(values: Float64Array, dim: number): Float64Array {
  const units = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += dim) {
    let largest = 0;
    for (let t = 0; t < dim; t++) largest = Math.max(largest, Math.abs(values[start + t]!));
    let squares = 0;
    for (let t = 0; t < dim; t++) squares += (values[start + t]! / largest) ** 2;
    const norm = Math.sqrt(squares);
    for (let t = 0; t < dim; t++) units[start + t] = values[start + t]! / largest / norm;
  }
  return units;
}
