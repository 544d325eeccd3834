/** Which centroid is closest, for the models that predict with centroids. */
import { mapFewRows, mapRows, type RowMapping } from '../algorithm/map-rows.js';
import { DimensionMismatchError } from '../core/errors.js';
import { denseColumn } from '../stage/features.js';
import type { RowScope } from '../stage/new-columns.js';
import type { StageOptions } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import { type KMeansMappingParams, kmeansMapping } from './kmeans-mapping.js';
import type { DistanceMeasure } from './kmeans-points.js';

const OUTPUTS = { labels: { type: 'int32', width: 1 } } as const;

/** What {@link ClosestCentroid} reads, and how far two points are. */
export interface ClosestCentroidParams {
  readonly featuresCol: string;
  readonly distanceMeasure: DistanceMeasure;
}

/** Centroids in the form that kernels read; made once of a model's data. */
export class ClosestCentroid {
  readonly #params: KMeansMappingParams;
  readonly #mapping: RowMapping;

  /** @param who The call, for messages. @param centroids At least one, of one size. */
  constructor(
    who: string,
    { featuresCol, distanceMeasure }: ClosestCentroidParams,
    centroids: readonly DenseVector[],
  ) {
    const k = centroids.length;
    const dim = centroids[0]!.size;
    const flat = new Float64Array(k * dim);
    centroids.forEach(({ values }, j) => {
      flat.set(values, j * dim);
    });
    this.#params = { who, featuresCol, distanceMeasure, k, dim, centroids: flat };
    this.#mapping = kmeansMapping(this.#params);
  }

  /** Multiplications and additions, roughly. */
  workOf(table: Table): number {
    return table.numRows * this.#params.k * this.#params.dim;
  }

  /** The index of each row's closest centroid, at once on this thread. */
  of(table: Table, scope: RowScope): Int32Array {
    const features = this.#features(table);
    if (features.numRows === 0) return int32(0);
    return mapFewRows(this.#mapping, features, OUTPUTS, scope).labels;
  }

  /** The same, by workers. */
  async ofOnWorkers(table: Table, options: StageOptions): Promise<Int32Array> {
    const ref = {
      module: new URL('./kmeans-mapping.js', import.meta.url).href,
      name: 'kmeansMapping',
      params: this.#params,
    };
    const features = this.#features(table);
    const work = this.workOf(table);
    return (await mapRows(this.#params.who, ref, features, OUTPUTS, work, options)).labels;
  }

  /** @throws DimensionMismatchError `ERR_GYRE_DIMENSION`. */
  #features(table: Table): Table {
    const { who, featuresCol, dim } = this.#params;
    const features = denseColumn(who, table, featuresCol);
    if (table.numRows > 0 && features.dim !== dim) {
      throw new DimensionMismatchError(
        `${who}: column "${featuresCol}" must have vectors of size ${dim}, got ${features.dim}.`,
        { details: { who, column: featuresCol, expected: dim, got: features.dim } },
      );
    }
    return Table.over(new Map([[featuresCol, features]]));
  }
}
