/** What the models of `Knn` and `KnnRegression` share: they keep rows, and find the nearest. */
import { setImmediate } from 'node:timers/promises';
import type { KernelScope } from '../algorithm/training.js';
import { abortError, DataError, InvalidParamError, ModelDataError } from '../core/errors.js';
import { int, oneOf, type ParamTable, showValue, string } from '../core/params.js';
import { defaultSession } from '../engine/session.js';
import { checkCall } from '../stage/call.js';
import { numberColumn, requireRows } from '../stage/features.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { type FitOptions, Model, type StageOptions } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { ListColumn } from '../table/list-column.js';
import { Table } from '../table/table.js';
import { blocksOf, type RowBlocks } from './knn-blocks.js';
import {
  checkModelData,
  type KnnModelData,
  modelDataOf,
  modelDataOfTable,
  modelDataToTable,
} from './knn-model-data.js';
import { type Points, pointsOf, requireDim, unitPoints } from './knn-points.js';
import { BLOCK_ROWS } from './knn-search.js';
import type { NeighbourWeighting } from './knn-vote.js';
import {
  findNeighbours,
  findNeighboursHere,
  type NeighbourDistance,
  type Neighbours,
  type Queries,
} from './neighbours.js';

/** Params of {@link KnnModel} and {@link KnnRegressionModel}. */
export interface NeighbourModelParams {
  /** Column of the points: vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the prediction: float64. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Number of neighbours, >= 1; all rows where there are fewer. **Default:** 5. */
  readonly k: number;
  /**
   * How much a neighbour counts: `'uniform'`, or `'distance'`: one over its distance, and where some
   * are at distance 0, these alone. **Default:** `'uniform'`.
   */
  readonly weighting: NeighbourWeighting;
  /** How far two points are. **Default:** `'euclidean'`. */
  readonly distanceMeasure: NeighbourDistance;
}

export const neighbourModelParams: ParamTable<NeighbourModelParams> = {
  featuresCol: string('features'),
  predictionCol: string('prediction'),
  k: int(5, { min: 1 }),
  weighting: oneOf(['uniform', 'distance'], 'uniform'),
  distanceMeasure: oneOf(['euclidean', 'manhattan', 'cosine'], 'euclidean'),
};

/**
 * The rows of a table as model data.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for no rows, null, NaN or an
 *   infinity, and with `'cosine'` a vector of zeros; AbortError `ERR_GYRE_ABORTED`.
 */
export async function learnRows(
  who: string,
  table: Table,
  params: NeighbourModelParams & { readonly labelCol: string },
  { signal }: FitOptions,
): Promise<KnnModelData> {
  // All that takes long is one pass: whoever wants to stop it does so before.
  await setImmediate();
  if (signal?.aborted) throw abortError(who, signal);
  const { featuresCol, labelCol, distanceMeasure } = params;
  requireRows(who, table);
  const labels = numberColumn(who, table, labelCol);
  const row = labels.findIndex((label) => !Number.isFinite(label));
  if (row >= 0) {
    throw new DataError(
      `${who}: column "${labelCol}" must be finite, got ${labels[row]} in row ${row}.`,
      { details: { who, column: labelCol, row, got: labels[row] } },
    );
  }
  return modelDataOf(pointsOf(who, table, featuresCol, distanceMeasure), labels);
}

/** A model that predicts a row from those that are nearest to it. */
export abstract class NeighbourModel<V extends NeighbourModelParams> extends Model<
  V,
  KnnModelData
> {
  #data: KnnModelData | null = null;
  /** The rows as they are searched; made when they are first. */
  #blocks: RowBlocks | null = null;

  get modelData(): KnnModelData {
    if (this.#data !== null) return this.#data;
    throw new ModelDataError(
      `${this.stageClass.className}: it has no data; call setModelData or load a model.`,
    );
  }

  /**
   * @param data Finite features and labels, of at least one row; the arrays are taken as they are.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: KnnModelData): this {
    checkModelData(this.stageClass.className, data);
    const { packedFeatures, featureNormSquares, labels } = data;
    this.#data = { packedFeatures, featureNormSquares, labels };
    this.#blocks = null;
    this.learned(labels.values);
    return this;
  }

  /** Gives the data of a saved table. */
  protected setSavedData(data: Table | null): this {
    if (data === null) return this;
    return this.setModelData(modelDataOfTable(this.stageClass.className, data));
  }

  protected override savedData(): Table | null {
    return this.#data === null ? null : modelDataToTable(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /**
   * The nearest rows that the model keeps, for each row of a table: exactly those of the least
   * distances in 64-bit arithmetic, nearest first; of equal distances, the earlier row.
   *
   * @param table Has the column `featuresCol`.
   * @param k Neighbours of a row, >= 1; all rows where there are fewer. By default the param.
   * @returns A row for each: `indices`, the positions of its neighbours in the table that was
   *   learned from (int32[]), and `distances` (float64[]).
   */
  async nearest(
    table: Table,
    k: number = this.params.k,
    options: StageOptions = {},
  ): Promise<Table> {
    const who = `${this.stageClass.className}.nearest`;
    checkCall(who, table, 'table', options);
    if (!Number.isSafeInteger(k) || k < 1) {
      throw new InvalidParamError(`${who}: k must be an integer >= 1, got ${showValue(k)}.`, {
        details: { who, k },
      });
    }
    const queries = this.#queries(who, table, 0);
    const session = options.session ?? defaultSession();
    const isSmall = table.numRows === 0 || this.workOf(table) < session.inlineWork;
    const found = isSmall
      ? this.#findHere(queries, k, session.inline)
      : await this.#find(who, queries, k, options);
    const offsets = int32(table.numRows + 1);
    for (let row = 0; row <= table.numRows; row++) offsets[row] = row * found.k;
    return Table.fromColumns({
      indices: new ListColumn(offsets, Column.numeric(found.indices)),
      distances: new ListColumn(offsets, Column.numeric(found.distances)),
    });
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const who = `${this.stageClass.className}.transform`;
    const queries = this.#queries(who, table, scope.firstRow);
    return { columns: this.predict(this.#findHere(queries, this.params.k, scope)) };
  }

  protected override workOf(table: Table): number {
    return table.numRows * (this.modelData.packedFeatures.values.length + 1);
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const who = `${this.stageClass.className}.transform`;
    const found = await this.#find(who, this.#queries(who, table, 0), this.params.k, options);
    return addNewColumns(table, { columns: this.predict(found) }, this.columnsRead);
  }

  /** Takes over the labels of new model data. */
  protected abstract learned(labels: Float64Array): void;

  /** The new columns of rows, from their neighbours. */
  protected abstract predict(neighbours: Neighbours): Readonly<Record<string, Column>>;

  #find(who: string, queries: Queries, k: number, options: StageOptions): Promise<Neighbours> {
    const { distanceMeasure } = this.params;
    const blocks = this.#rows();
    return findNeighbours(who, blocks, distanceMeasure, queries, clipped(k, blocks), options);
  }

  #findHere(queries: Queries, k: number, scope: KernelScope): Neighbours {
    const blocks = this.#rows();
    const { distanceMeasure } = this.params;
    return findNeighboursHere(blocks, distanceMeasure, queries, clipped(k, blocks), scope);
  }

  #rows(): RowBlocks {
    if (this.#blocks !== null) return this.#blocks;
    const { numRows: dim, numCols: numRows, values } = this.modelData.packedFeatures;
    const points = this.#asPoints({ values, dim, numRows });
    this.#blocks = blocksOf(points.values, numRows, dim, BLOCK_ROWS);
    return this.#blocks;
  }

  #queries(who: string, table: Table, firstRow: number): Queries {
    const { featuresCol, distanceMeasure } = this.params;
    const { packedFeatures } = this.modelData;
    const points = pointsOf(who, table, featuresCol, distanceMeasure, firstRow);
    if (points.numRows > 0) requireDim(who, featuresCol, points, packedFeatures.numRows);
    return this.#asPoints(points);
  }

  #asPoints(points: Points): Points {
    return this.params.distanceMeasure === 'cosine' ? unitPoints(points) : points;
  }
}

const clipped = (k: number, { numRows }: RowBlocks): number => Math.min(k, numRows);
