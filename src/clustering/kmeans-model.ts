/** The model of {@link KMeans}: centroids, and which is closest. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import {
  int,
  oneOf,
  type ParamOptions,
  type ParamTable,
  showValue,
  string,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import { ClosestCentroid } from './closest-centroid.js';
import type { DistanceMeasure } from './kmeans-points.js';
import type { KMeansSummary } from './kmeans-summary.js';

const WHO = 'KMeansModel.transform';

/** Params of {@link KMeansModel}. */
export interface KMeansModelParams {
  /** How far two points are. **Default:** `'euclidean'`. */
  readonly distanceMeasure: DistanceMeasure;
  /** Column of the points: vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the index of the closest centroid: int32. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Number of clusters, >= 2; model data may have fewer. **Default:** 2. */
  readonly k: number;
}

export const kmeansModelParams: ParamTable<KMeansModelParams> = {
  distanceMeasure: oneOf(['euclidean', 'manhattan', 'cosine'], 'euclidean'),
  featuresCol: string('features'),
  predictionCol: string('prediction'),
  k: int(2, { min: 2 }),
};

/** What {@link KMeans} learns. */
export interface KMeansModelData {
  /** k centroids of one size. */
  readonly centroids: readonly DenseVector[];
  /** Number of points of each cluster in the last round, or the sums of their weights. */
  readonly weights: DenseVector;
}

/** @internal The data as a table: a row for each centroid. */
export function kmeansDataTable({ centroids, weights }: KMeansModelData): Table {
  return Table.fromColumns(
    { centroid: [...centroids], weight: weights.values },
    { centroid: 'vector' },
  );
}

/**
 * Assigns each point to its closest centroid; ties go to the lowest index.
 *
 * Made by {@link KMeans}`.fit`, loaded with `KMeansModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(rows · k · dim), no copy of dense 64-bit features on
 * one thread, one on workers. Null or NaN in the features is an error.
 *
 * @see KMeansModel of Flink ML.
 */
export class KMeansModel extends Model<KMeansModelParams, KMeansModelData> {
  static readonly className = 'KMeansModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<KMeansModelParams> = kmeansModelParams;
  #data: KMeansModelData | null = null;
  #predictor: ClosestCentroid | null = null;
  #summary: KMeansSummary | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KMeansModel> {
    return loadAs(KMeansModel, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KMeansModelParams>, data: Table | null): KMeansModel {
    const model = new KMeansModel(params);
    if (data === null) return model;
    if (data.schema.centroid !== 'vector' || data.schema.weight !== 'float64') {
      throw new FormatError('KMeansModel.load: the data must have centroid and weight columns.');
    }
    return model.setModelData({
      centroids: data.column('centroid', 'vector').toArray() as DenseVector[],
      weights: new DenseVector(data.column('weight', 'float64').values),
    });
  }

  get modelData(): KMeansModelData {
    if (this.#data === null) {
      throw new ModelDataError('KMeansModel: it has no data; call setModelData or load a model.');
    }
    return this.#data;
  }

  /** @internal */
  get dataOrNull(): KMeansModelData | null {
    return this.#data;
  }

  /** How the model was learned; null for one that was loaded or was given its data. */
  get summary(): KMeansSummary | null {
    return this.#summary;
  }

  /** @internal What `fit` tells of it. */
  setSummary(summary: KMeansSummary): this {
    this.#summary = summary;
    return this;
  }

  /**
   * @param data At least one centroid and at most k; one weight for each.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ centroids, weights }: KMeansModelData): this {
    checkModelData('KMeansModel.setModelData', this.params.k, { centroids, weights });
    this.#data = { centroids, weights };
    this.#predictor = null;
    this.#summary = null;
    return this;
  }

  protected override savedData(): Table | null {
    return this.#data === null ? null : kmeansDataTable(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    return this.#newColumns(this.#closest.of(table, scope));
  }

  protected override workOf(table: Table): number {
    return this.#closest.workOf(table);
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const labels = await this.#closest.ofOnWorkers(table, options);
    return addNewColumns(table, this.#newColumns(labels), this.columnsRead);
  }

  /** Made of the data when it is first needed. */
  get #closest(): ClosestCentroid {
    this.#predictor ??= new ClosestCentroid(WHO, this.params, this.modelData.centroids);
    return this.#predictor;
  }

  #newColumns(labels: Int32Array): NewColumns {
    return { columns: { [this.params.predictionCol]: Column.numeric(labels) } };
  }
}

/** @internal Throws what {@link KMeansModel.setModelData} says of data that fit no model of k clusters. */
export function checkModelData(
  who: string,
  k: number,
  { centroids, weights }: KMeansModelData,
): void {
  if (centroids.length < 1 || centroids.length > k) {
    throw new ModelDataError(
      `${who}: there must be 1 to k = ${k} centroids, got ${centroids.length}.`,
      { details: { k, got: centroids.length } },
    );
  }
  const stranger = [...centroids, weights].find((vector) => !(vector instanceof DenseVector));
  if (stranger !== undefined) {
    throw new ModelDataError(
      `${who}: centroids and weights must be DenseVectors, see Vectors.dense, ` +
        `got ${showValue(stranger)}.`,
      { details: { got: showValue(stranger) } },
    );
  }
  const [{ size }] = centroids as readonly [DenseVector];
  const other = centroids.find((centroid) => centroid.size !== size);
  if (other !== undefined || weights.size !== centroids.length) {
    throw new DimensionMismatchError(
      `${who}: centroids must have one size and one weight each, got sizes ` +
        `${size} and ${other?.size ?? size}, ${weights.size} weights for ${centroids.length}.`,
    );
  }
}
