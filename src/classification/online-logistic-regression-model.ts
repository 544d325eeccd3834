/** The model of {@link OnlineLogisticRegression}: predicts with the newest version. */
import { type MappedRows, mapFewRows, mapRows } from '../algorithm/map-rows.js';
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { nullable, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { denseColumn, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { int64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { PrequentialBatch } from './ftrl-learner.js';
import type { LearningRun } from './learning-run.js';
import { type LogisticMappingParams, logisticMapping } from './logistic-mapping.js';

const WHO = 'OnlineLogisticRegressionModel.transform';

const OUTPUTS = {
  prediction: { type: 'float64', width: 1 },
  raw: { type: 'float64', width: 2 },
} as const;

const FEW_ROWS = 1024;

/** Params of {@link OnlineLogisticRegressionModel}. */
export interface OnlineLogisticRegressionModelParams {
  /** Column of the features: vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the predicted label, 0 or 1: float64. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Column for [P(0), P(1)]: vector; null for none. **Default:** `'rawPrediction'`. */
  readonly rawPredictionCol: string | null;
  /** Column for the version that predicted: int64. **Default:** `'modelVersion'`. */
  readonly modelVersionCol: string;
}

export const onlineLogisticRegressionModelParams: ParamTable<OnlineLogisticRegressionModelParams> =
  {
    featuresCol: string('features'),
    predictionCol: string('prediction'),
    rawPredictionCol: { ...nullable(string('rawPrediction')), default: 'rawPrediction' },
    modelVersionCol: string('modelVersion'),
  };

/** What {@link OnlineLogisticRegression} learns. */
export interface OnlineLogisticRegressionModelData {
  /** The weight w of each feature. */
  readonly coefficient: DenseVector;
  /** 0 before anything was learned, then one more per batch. */
  readonly modelVersion: number;
  /** FTRL's z of each feature: to go on learning; not needed to predict. */
  readonly z?: DenseVector | undefined;
  /** Sum of the squared gradients of each feature, likewise. */
  readonly n?: DenseVector | undefined;
}

/**
 * Predicts P(label = 1) = 1 / (1 + exp(-x·w)), with the newest version of the model.
 *
 * A model that {@link OnlineLogisticRegression}`.fit` made of a stream is live: it goes on learning
 * while it predicts. `transform` takes a snapshot: the version after all batches that the stream
 * has delivered so far, and waits for the first version. A loaded model, or one that was given its
 * data, is as it is.
 *
 * Cost of `transform`: O(rows · non-zeros). Null in the features is an error; NaN gives NaN.
 *
 * @see OnlineLogisticRegressionModel of Flink ML.
 */
export class OnlineLogisticRegressionModel extends Model<
  OnlineLogisticRegressionModelParams,
  OnlineLogisticRegressionModelData
> {
  static readonly className = 'OnlineLogisticRegressionModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<OnlineLogisticRegressionModelParams> =
    onlineLogisticRegressionModelParams;
  #data: OnlineLogisticRegressionModelData | null = null;
  #run: LearningRun | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OnlineLogisticRegressionModel> {
    return loadAs(OnlineLogisticRegressionModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<OnlineLogisticRegressionModelParams>,
    data: Table | null,
  ): OnlineLogisticRegressionModel {
    const model = new OnlineLogisticRegressionModel(params);
    if (data === null) return model;
    const { schema } = data;
    const isVector = (name: string) => schema[name] === 'vector' && data.numRows === 1;
    if (!isVector('coefficient') || !isVector('z') || !isVector('n') || !data.has('modelVersion')) {
      throw new FormatError(
        'OnlineLogisticRegressionModel.load: the data must be one row of coefficient, z, n and ' +
          'modelVersion.',
        { details: { schema, rows: data.numRows } },
      );
    }
    const vector = (name: string) =>
      new DenseVector(data.column(name, 'vector').toArray()[0]!.values);
    return model.setModelData({
      coefficient: vector('coefficient'),
      z: vector('z'),
      n: vector('n'),
      modelVersion: Number(data.column('modelVersion').get(0)),
    });
  }

  /** @internal A model that learns on. */
  static live(
    params: ParamOptions<OnlineLogisticRegressionModelParams>,
    run: LearningRun,
  ): OnlineLogisticRegressionModel {
    const model = new OnlineLogisticRegressionModel(params);
    model.#run = run;
    return model;
  }

  /** The newest version that this thread has seen; see {@link snapshot}. */
  get modelData(): OnlineLogisticRegressionModelData {
    const data = this.#run?.latest ?? this.#data;
    if (data === null) {
      throw new ModelDataError(
        'OnlineLogisticRegressionModel: it has no data yet; await snapshot(), call setModelData ' +
          'or load a model.',
      );
    }
    return data;
  }

  /** Gives the model its data, in place of what it learned. A live model stops following. */
  setModelData(data: OnlineLogisticRegressionModelData): this {
    const { size } = data.coefficient;
    for (const vector of [data.z, data.n]) {
      if (vector === undefined || vector.size === size) continue;
      throw new DimensionMismatchError(
        `OnlineLogisticRegressionModel.setModelData: z and n must have the size of coefficient, ` +
          `${size}, got ${vector.size}.`,
      );
    }
    this.#data = data;
    this.#run = null;
    return this;
  }

  /** Number of batches learned from, as far as this thread knows; 0 before the first. */
  get version(): number {
    return this.#run?.version ?? this.#data?.modelVersion ?? 0;
  }

  /**
   * The model after all batches that the stream has delivered so far. Waits for the first version
   * when there is none, and rejects when learning has failed.
   */
  async snapshot(): Promise<OnlineLogisticRegressionModelData> {
    return this.#run === null ? this.modelData : this.#run.snapshot();
  }

  /** Every version from now on, in order. The stream waits for its reader. */
  updates(): AsyncIterableIterator<OnlineLogisticRegressionModelData> {
    return this.#live('updates').updates();
  }

  /**
   * Predictions of every batch, made before it was learned from; for a model that was fitted with
   * `prequential: true`. The stream waits for its reader.
   */
  predictions(): AsyncIterable<PrequentialBatch> {
    return this.#live('predictions').predictions();
  }

  /** Resolves when the stream has ended and the model is final; rejects when learning failed. */
  async completed(): Promise<this> {
    await this.#run?.completed;
    return this;
  }

  /** Ends learning: the stream is closed, and what was learned stays. */
  async stop(): Promise<this> {
    await this.#run?.stop();
    return this;
  }

  /** @internal The data as one row; null when there is none yet. */
  toTable(): Table | null {
    const data = this.#run?.latest ?? this.#data;
    if (data === null) return null;
    const zeros = new DenseVector(new Float64Array(data.coefficient.size));
    return Table.fromColumns(
      {
        coefficient: [data.coefficient],
        z: [data.z ?? zeros],
        n: [data.n ?? zeros],
        modelVersion: [data.modelVersion],
      },
      { coefficient: 'vector', z: 'vector', n: 'vector' },
    );
  }

  protected override savedData(): Table | null {
    return this.toTable();
  }

  /** Saves the newest version, with what FTRL needs to go on learning from it. */
  override async save(path: string): Promise<void> {
    if (this.#run !== null) await this.snapshot();
    await super.save(path);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /** @internal With the newest version that this thread has seen. */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { modelData } = this;
    const features = this.#features(table, modelData);
    const mapping = logisticMapping(this.#mappingParams(modelData));
    return this.#newColumns(mapFewRows(mapping, features, OUTPUTS, scope), modelData);
  }

  /** @internal Waits for the newest version that the stream has delivered. */
  override async ready(): Promise<void> {
    await this.snapshot();
  }

  protected override workOf(table: Table): number {
    const column = vectorColumn(WHO, table, this.params.featuresCol);
    return column.values.length;
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const { modelData } = this;
    const features = this.#features(table, modelData);
    const ref = {
      module: new URL('./logistic-mapping.js', import.meta.url).href,
      name: 'logisticMapping',
      params: this.#mappingParams(modelData),
    };
    const mapped = await mapRows(WHO, ref, features, OUTPUTS, this.workOf(table), options);
    return addNewColumns(table, this.#newColumns(mapped, modelData), this.columnsRead);
  }

  #mappingParams({ coefficient }: OnlineLogisticRegressionModelData): LogisticMappingParams {
    return { featuresCol: this.params.featuresCol, coefficient: coefficient.values };
  }

  #features(table: Table, { coefficient }: OnlineLogisticRegressionModelData): Table {
    const { featuresCol } = this.params;
    const vectors = vectorColumn(WHO, table, featuresCol);
    const features = vectors.layout === 'sparse' ? vectors : denseColumn(WHO, table, featuresCol);
    const size = features.layout === 'sparse' ? features.size : features.dim;
    if (table.numRows > 0 && size !== coefficient.size) {
      throw new DimensionMismatchError(
        `${WHO}: column "${featuresCol}" must have vectors of size ${coefficient.size}, got ${size}.`,
        { details: { column: featuresCol, expected: coefficient.size, got: size } },
      );
    }
    return Table.over(new Map([[featuresCol, features]]));
  }

  #newColumns(
    { prediction, raw }: MappedRows<typeof OUTPUTS>,
    { modelVersion }: OnlineLogisticRegressionModelData,
  ): NewColumns {
    const { predictionCol, rawPredictionCol, modelVersionCol } = this.params;
    const rows = prediction.length;
    // Shared memory is dear where a request of a few rows is answered, and of no use there.
    const versions = rows < FEW_ROWS ? new BigInt64Array(rows) : int64(rows);
    versions.fill(BigInt(modelVersion));
    return {
      columns: {
        [predictionCol]: Column.numeric(prediction),
        ...(rawPredictionCol !== null && { [rawPredictionCol]: Column.dense(raw, 2) }),
        [modelVersionCol]: Column.numeric(versions),
      },
    };
  }

  #live(what: string): LearningRun {
    if (this.#run !== null) return this.#run;
    throw new ModelDataError(
      `OnlineLogisticRegressionModel.${what}: the model does not learn; fit one on a stream.`,
    );
  }
}
