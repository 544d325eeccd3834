/** OnlineLogisticRegression: learns from a stream, batch by batch, without end. */
import { type LearnEvent, learnChannel } from '../core/diagnostics.js';
import { DataError, DimensionMismatchError } from '../core/errors.js';
import {
  double,
  int,
  nullable,
  oneOf,
  type ParamOptions,
  type ParamTable,
  string,
} from '../core/params.js';
import { defaultSession } from '../engine/session.js';
import { learningCheckpoint, TrainingSource } from '../online/training-source.js';
import { checkCall } from '../stage/call.js';
import { denseColumn, numberColumn, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import type { FtrlParams } from './ftrl-messages.js';
import { LearningRun } from './learning-run.js';
import {
  OnlineLogisticRegressionModel,
  type OnlineLogisticRegressionModelData,
  type OnlineLogisticRegressionModelParams,
  onlineLogisticRegressionModelParams,
} from './online-logistic-regression-model.js';
import { FEATURES, LABEL, WEIGHT } from './row-queue.js';

/** Params of {@link OnlineLogisticRegression}. */
export interface OnlineLogisticRegressionParams extends OnlineLogisticRegressionModelParams {
  /** Column of the labels, 0 or 1: numbers. **Default:** `'label'`. */
  readonly labelCol: string;
  /** Column of the rows' weights, numbers >= 0; null: all 1. **Default:** null. */
  readonly weightCol: string | null;
  /** How batches are cut. **Default:** `'count'`: by number of rows. */
  readonly batchStrategy: 'count';
  /** Rows of a batch, >= 1; a batch gives a model version. **Default:** 32. */
  readonly globalBatchSize: number;
  /** Regularisation, >= 0. **Default:** 0. */
  readonly reg: number;
  /** Share of L1 in the regularisation, 0 to 1; the rest is L2. **Default:** 0. */
  readonly elasticNet: number;
  /** Scale of the learning rate, > 0. **Default:** 0.1. */
  readonly alpha: number;
  /** What softens the learning rate at first, > 0. **Default:** 0.1. */
  readonly beta: number;
}

const onlineLogisticRegressionParams: ParamTable<OnlineLogisticRegressionParams> = {
  ...onlineLogisticRegressionModelParams,
  labelCol: string('label'),
  weightCol: nullable(string('weight')),
  batchStrategy: oneOf(['count'], 'count'),
  globalBatchSize: int(32, { min: 1, max: 2 ** 24 }),
  reg: double(0, { min: 0 }),
  elasticNet: double(0, { min: 0, max: 1 }),
  alpha: double(0.1, { above: 0 }),
  beta: double(0.1, { above: 0 }),
};

const WHO = 'OnlineLogisticRegression.fit';

/** Options of {@link OnlineLogisticRegression.fit}. */
export interface OnlineFitOptions extends FitOptions {
  /** Emit predictions of each batch before it is learned from; see the model's `predictions()`. */
  readonly prequential?: boolean | undefined;
}

/**
 * Logistic regression that learns from a stream with FTRL-proximal, one step a batch.
 *
 * For a batch, q = 1 / (1 + exp(-x·w)) of each row gives the gradient g_i = Σ (q - label)·x_i over
 * the rows, divided by the weight of the rows that have feature i (all rows for dense vectors,
 * where weights do not count); then, with l1 = elasticNet·reg and l2 = (1 - elasticNet)·reg,
 *
 * ```text
 * σ_i = (√(n_i + g_i²) - √n_i) / alpha;  z_i += g_i - σ_i·w_i;  n_i += g_i²
 * w_i = 0 if |z_i| <= l1, else (sign(z_i)·l1 - z_i) / ((beta + √n_i) / alpha + l2)
 * ```
 *
 * A stream gives a live model at once, see {@link OnlineLogisticRegressionModel}; a table gives the
 * model after its last complete batch. The rows left at the end of a stream are never learned from.
 * Bit-identical models on any number of workers. Null, NaN and labels other than 0 and 1 are errors.
 * There is no intercept: add a feature that is always 1.
 *
 * Differences from Flink ML: the version and FTRL's z and n go on from an initial model that has
 * them; batches are not cut by parallelism.
 *
 * Cost per batch: O(non-zeros), one exchange between the workers; 64 bytes per feature.
 *
 * @see McMahan et al., Ad click prediction: a view from the trenches, 2013, algorithm 1;
 *   OnlineLogisticRegression of Flink ML.
 *
 * @example
 * ```ts
 * const rows = [[0.1, 2, 0], [0.3, 2, 0], [11, 12, 1], [13, 12, 1]];
 * const table = Table.fromColumns(
 *   { features: rows.map((row) => row.slice(0, 2)), label: rows.map((row) => row[2]) },
 *   { features: 'vector' },
 * );
 * const model = await new OnlineLogisticRegression({ globalBatchSize: 2 }).fit(table);
 * const predicted = await model.transform(table);
 * console.log(model.version, predicted.column('prediction').toArray()); // 2 [...]
 * ```
 */
export class OnlineLogisticRegression extends Estimator<
  OnlineLogisticRegressionParams,
  OnlineLogisticRegressionModel
> {
  static readonly className = 'OnlineLogisticRegression';
  static readonly params: ParamTable<OnlineLogisticRegressionParams> =
    onlineLogisticRegressionParams;
  #initial: OnlineLogisticRegressionModelData | null = null;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OnlineLogisticRegression> {
    return loadAs(OnlineLogisticRegression, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<OnlineLogisticRegressionParams>,
    data: Table | null,
  ): OnlineLogisticRegression {
    const estimator = new OnlineLogisticRegression(params);
    if (data === null) return estimator;
    const model = OnlineLogisticRegressionModel.fromSaved({}, data);
    return estimator.setInitialModelData(model.modelData);
  }

  /** Starts from a model. Its version counts on; without `z` and `n`, FTRL starts afresh. */
  setInitialModelData(data: OnlineLogisticRegressionModelData): this {
    // The model's own checks.
    this.#initial = new OnlineLogisticRegressionModel().setModelData(data).modelData;
    return this;
  }

  /**
   * Learns from a stream, or from a table as one batch after the other.
   *
   * @returns For a stream, the live model at once; for a table, the model when it is learned.
   * @throws SchemaError, DataError, DimensionMismatchError: of a stream they come from the model's
   *   `completed()`, `snapshot()` and `transform()`.
   */
  override async fit(
    input: Table | TableStream,
    options: OnlineFitOptions = {},
  ): Promise<OnlineLogisticRegressionModel> {
    checkCall(WHO, input, 'table or stream', options, ['prequential', 'checkpoint']);
    return input instanceof Table ? this.fitTable(input, options) : this.#learn(input, options);
  }

  protected override async fitTable(
    table: Table,
    options: OnlineFitOptions,
  ): Promise<OnlineLogisticRegressionModel> {
    const { globalBatchSize } = this.params;
    if (table.numRows < globalBatchSize) {
      throw new DataError(
        `${WHO}: the table must have the rows of a batch, globalBatchSize = ${globalBatchSize}, ` +
          `got ${table.numRows}.`,
        { details: { globalBatchSize, rows: table.numRows } },
      );
    }
    return this.#learn(TableStream.from(table), options).completed();
  }

  #learn(stream: TableStream, options: OnlineFitOptions): OnlineLogisticRegressionModel {
    const session = options.session ?? defaultSession();
    const checkpoint = learningCheckpoint(WHO, stream, options.checkpoint, session);
    const job = session.job(WHO, { signal: options.signal, checkpoint });
    const { onProgress } = options;
    const run = new LearningRun(job, {
      rows: new TrainingSource(stream, (table) => this.#chunksOf(table)),
      params: this.#ftrlParams(options.prequential === true),
      initial: this.#initial,
      onProgress: ({ modelVersion, rows, loss }) => {
        if (learnChannel.hasSubscribers) {
          learnChannel.publish({ job: WHO, modelVersion, rows, loss } satisfies LearnEvent);
        }
        onProgress?.({ epoch: modelVersion, rows, loss });
      },
    });
    return OnlineLogisticRegressionModel.live(
      sharedParams(this.params, onlineLogisticRegressionModelParams),
      run,
    );
  }

  protected override savedData(): Table | null {
    if (this.#initial === null) return null;
    return new OnlineLogisticRegressionModel().setModelData(this.#initial).dataTable;
  }

  #ftrlParams(prequential: boolean): FtrlParams {
    const { featuresCol, labelCol, weightCol, globalBatchSize } = this.params;
    const { alpha, beta, reg, elasticNet } = this.params;
    const initial = this.#initial && {
      coefficient: this.#initial.coefficient.values,
      z: this.#initial.z?.values,
      n: this.#initial.n?.values,
      modelVersion: this.#initial.modelVersion,
    };
    return {
      names: { who: WHO, featuresCol, labelCol, weightCol },
      ...{ globalBatchSize, alpha, beta, prequential, initial },
      l1: elasticNet * reg,
      l2: (1 - elasticNet) * reg,
    };
  }

  /** The columns that learners read, under their own names, in pieces that fit a ring. */
  *#chunksOf(table: Table): Generator<Table> {
    const { featuresCol, labelCol, weightCol } = this.params;
    const vectors = vectorColumn(WHO, table, featuresCol);
    const features = vectors.layout === 'sparse' ? vectors : denseColumn(WHO, table, featuresCol);
    this.#checkSize(features.layout === 'sparse' ? features.size : features.dim);
    const label = Column.numeric(numberColumn(WHO, table, labelCol));
    const columns = Table.fromColumns({
      [FEATURES]: features,
      [LABEL]: label,
      ...(weightCol !== null && { [WEIGHT]: numberColumn(WHO, table, weightCol) }),
    });
    const step = chunkRows(columns, features.values.length);
    for (let start = 0; start < columns.numRows; start += step) {
      yield columns.slice(start, start + step);
    }
  }

  #checkSize(size: number): void {
    const expected = this.#initial?.coefficient.size ?? size;
    if (size === expected) return;
    throw new DimensionMismatchError(
      `${WHO}: column "${this.params.featuresCol}" must have vectors of the initial model's size ` +
        `${expected}, got ${size}.`,
      { details: { column: this.params.featuresCol, expected, got: size } },
    );
  }
}

/** Bytes of a chunk, so that several fit a ring. */
const CHUNK_BYTES = 1 << 18;

function chunkRows({ numRows }: Table, entries: number): number {
  const bytes = (12 * entries) / Math.max(numRows, 1) + 24;
  return Math.max(1, Math.floor(CHUNK_BYTES / bytes));
}
