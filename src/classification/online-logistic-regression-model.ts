/** The model of {@link OnlineLogisticRegression}: predicts with the newest version. */
import { type MappedRows, mapFewRows, mapRows, type RowMapping } from '../algorithm/map-rows.js';
import { DimensionMismatchError, FormatError } from '../core/errors.js';
import { nullable, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { OnlineModel } from '../online/online-model.js';
import { type Numbers, type SharedModelHandle, sharedParamsOf } from '../online/shared-model.js';
import { denseColumn, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import type { StageOptions } from '../stage/stage.js';
import { int64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { PrequentialBatch } from './ftrl-messages.js';
import { LearningRun, noPredictions } from './learning-run.js';
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

type Data = OnlineLogisticRegressionModelData;

/**
 * Predicts P(label = 1) = 1 / (1 + exp(-x·w)), with the newest version of the model.
 *
 * A model that {@link OnlineLogisticRegression}`.fit` made of a stream is live: it goes on learning
 * while it predicts. `transform` takes a snapshot: the version after all batches that the stream
 * has delivered so far, and waits for the first version. A loaded model, or one that was given its
 * data, is as it is; one that was given a stream of data follows that.
 *
 * Cost of `transform`: O(rows · non-zeros). Null in the features is an error; NaN gives NaN.
 *
 * @see OnlineLogisticRegressionModel of Flink ML.
 */
export class OnlineLogisticRegressionModel extends OnlineModel<
  OnlineLogisticRegressionModelParams,
  Data
> {
  static readonly className = 'OnlineLogisticRegressionModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<OnlineLogisticRegressionModelParams> =
    onlineLogisticRegressionModelParams;
  /** What it last predicted with. */
  #known: { readonly data: Data; readonly mapping: RowMapping } | null = null;

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
    return new OnlineLogisticRegressionModel(params).follow(run);
  }

  /**
   * A model that follows one that another thread shares; see {@link OnlineModel.share}. It has what
   * predicts, not z and n. Stopped, it keeps the version it has.
   *
   * @throws ModelDataError `ERR_GYRE_MODEL` for the handle of another class.
   */
  static fromShared(handle: SharedModelHandle): OnlineLogisticRegressionModel {
    const params = sharedParamsOf<OnlineLogisticRegressionModelParams>(
      OnlineLogisticRegressionModel.className,
      handle,
    );
    return new OnlineLogisticRegressionModel(params).attach(handle);
  }

  protected override checkedData(data: Data): Data {
    const { size } = data.coefficient;
    for (const vector of [data.z, data.n]) {
      if (vector === undefined || vector.size === size) continue;
      throw new DimensionMismatchError(
        `OnlineLogisticRegressionModel.setModelData: z and n must have the size of coefficient, ` +
          `${size}, got ${vector.size}.`,
      );
    }
    return data;
  }

  protected override versionOf(version: Data | null): number {
    return version?.modelVersion ?? 0;
  }

  protected override get noModel(): string {
    return (
      'the stream ended before a batch was complete, so there is no model; use a smaller ' +
      'globalBatchSize or set an initial model'
    );
  }

  protected override pack({ modelVersion, coefficient }: Data): Numbers {
    return [modelVersion, coefficient.values];
  }

  protected override unpack(numbers: Float64Array): Data {
    return { modelVersion: numbers[0]!, coefficient: new DenseVector(numbers.subarray(1)) };
  }

  protected override tableOf({ coefficient, z, n, modelVersion }: Data): Table {
    const zeros = new DenseVector(new Float64Array(coefficient.size));
    return Table.fromColumns(
      {
        coefficient: [coefficient],
        z: [z ?? zeros],
        n: [n ?? zeros],
        modelVersion: [modelVersion],
      },
      { coefficient: 'vector', z: 'vector', n: 'vector' },
    );
  }

  /**
   * Predictions of every batch, made before it was learned from; for a model that was fitted with
   * `prequential: true`. The stream waits for its reader.
   */
  predictions(): AsyncIterable<PrequentialBatch> {
    const run = this.requireLive('predictions');
    if (run instanceof LearningRun) return run.predictions();
    throw noPredictions();
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /** @internal With the newest version that this thread has seen. */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const data = this.current;
    const features = this.#features(table, data);
    return this.#newColumns(mapFewRows(this.#mappingOf(data), features, OUTPUTS, scope), data);
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

  #mappingOf(data: Data): RowMapping {
    if (this.#known?.data === data) return this.#known.mapping;
    const mapping = logisticMapping(this.#mappingParams(data));
    this.#known = { data, mapping };
    return mapping;
  }

  #mappingParams({ coefficient }: OnlineLogisticRegressionModelData): LogisticMappingParams {
    const { featuresCol } = this.params;
    return { featuresCol, coefficient: coefficient.values, intercept: null, classes: 1 };
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
}
