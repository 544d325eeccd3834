/** OnlineStandardScaler: learns mean and standard deviation from a stream, window by window. */
import { DataError, InvalidParamError } from '../core/errors.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import type { Windows } from '../engine/operators/windows.js';
import { defaultSession } from '../engine/session.js';
import { ModelVersions } from '../online/model-versions.js';
import { learningCheckpoint, TrainingSource } from '../online/training-source.js';
import { timesOf } from '../online/version-join.js';
import { checkCall } from '../stage/call.js';
import { denseColumn, requireRows, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { DenseVector } from '../table/vector.js';
import type {
  OnlineStandardScalerModelData,
  OnlineStandardScalerVersion,
} from './online-standard-scaler-data.js';
import {
  OnlineStandardScalerModel,
  type OnlineStandardScalerModelParams,
  onlineStandardScalerModelParams,
} from './online-standard-scaler-model.js';
import {
  FEATURES,
  type LearnedVersion,
  TIME,
  WindowedMoments,
  type WindowedMomentsParams,
} from './windowed-moments.js';
import { windowsParam } from './windows-param.js';

const WHO = 'OnlineStandardScaler.fit';

/** Params of {@link OnlineStandardScaler}. */
export interface OnlineStandardScalerParams extends OnlineStandardScalerModelParams {
  /** How the stream is cut; each window gives a version. **Default:** one, the whole stream. */
  readonly windows: Windows;
}

const onlineStandardScalerParams: ParamTable<OnlineStandardScalerParams> = {
  ...onlineStandardScalerModelParams,
  windows: windowsParam,
};

/**
 * Learns to scale vectors to zero mean and unit variance, z = (x - mean) / std, from a stream.
 *
 * The rows are cut into windows; after each, the mean Σx / n and the standard deviation
 * √(Σ(x - mean)² / (n - 1)) of all rows of all windows so far are a version of the model: 0, 1, 2,
 * ... Windows without rows give none. By `windows`:
 *
 * - `globalWindow()`: one window, which ends with the stream.
 * - `countWindow(n)`: n rows; those left at the end are dropped, or with `partial: 'emit'` are one.
 * - `eventTimeTumbling(ms)`, `eventTimeSession(gapMs)`: by the stream's `timestampCol`. A window
 *   ends when a row is later than its end by `watermarkDelayMs`, or with the stream; rows that come
 *   after that are left out. The version's timestamp is the window's last millisecond.
 * - `processingTimeTumbling(ms)`, `processingTimeSession(gapMs)`: by the clock; the window that is
 *   open when the stream ends is complete then.
 *
 * A stream gives a live model at once, see {@link OnlineStandardScalerModel}; a table, the model when
 * all of it is learned. Vectors are dense (float32 is made float64) or sparse; null is an error, and
 * NaN or infinity makes mean and std of its entry NaN. How the stream is cut into batches does not
 * change a bit of the model.
 *
 * Differences from Flink ML: variance does not cancel, as in {@link StandardScaler}; windows by
 * processing time end with the stream; learning goes on from an initial model. Cost: one pass on the
 * calling thread, O(rows · dim) or O(stored entries + windows · dim); memory for 1024 rows of each
 * open window.
 *
 * @see OnlineStandardScaler of Flink ML; Chan, Golub, LeVeque, Algorithms for computing the sample
 *   variance, 1983.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[1, 5], [3, 5], [2, 9], [2, 1]] }, { input: 'vector' });
 * const scaler = new OnlineStandardScaler({ windows: countWindow(2), withMean: true });
 * const model = await scaler.fit(TableStream.from(table));
 * const means: string[] = [];
 * for await (const { mean } of model.updates()) means.push(String(mean));
 * console.log(means); // [ '[2.0, 5.0]', '[2.0, 5.0]' ]
 * const scaled = await model.transform(table.slice(0, 1));
 * console.log(scaled.column('version').toArray()); // [1]
 * ```
 */
export class OnlineStandardScaler extends Estimator<
  OnlineStandardScalerParams,
  OnlineStandardScalerModel
> {
  static readonly className = 'OnlineStandardScaler';
  static readonly params: ParamTable<OnlineStandardScalerParams> = onlineStandardScalerParams;
  #initial: OnlineStandardScalerVersion | null = null;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OnlineStandardScaler> {
    return loadAs(OnlineStandardScaler, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<OnlineStandardScalerParams>,
    data: Table | null,
  ): OnlineStandardScaler {
    const estimator = new OnlineStandardScaler(params);
    if (data === null) return estimator;
    return estimator.setInitialModelData(OnlineStandardScalerModel.fromSaved({}, data).modelData);
  }

  /**
   * Starts from a model: its rows count, and its version counts on.
   *
   * @param data With `rows` and `squares`, as models that were fitted have them.
   */
  setInitialModelData(data: OnlineStandardScalerModelData): this {
    // The model's own checks.
    const { modelData } = new OnlineStandardScalerModel().setModelData(data);
    if (modelData.rows === undefined) {
      throw new InvalidParamError(
        'OnlineStandardScaler.setInitialModelData: the data must have rows and squares, or it is not ' +
          'known how much they weigh.',
      );
    }
    this.#initial = modelData;
    return this;
  }

  /**
   * Learns from a stream, or from a table as a stream of one batch. `onProgress` reports versions.
   *
   * @returns For a stream, the live model at once; for a table, the model when it is learned.
   * @throws SchemaError, DataError, DimensionMismatchError: of a stream they come from the model's
   *   `completed()`, `snapshot()` and `transform()`.
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for windows by event time and no
   *   `timestampCol`.
   */
  override async fit(
    input: Table | TableStream,
    options: FitOptions = {},
  ): Promise<OnlineStandardScalerModel> {
    checkCall(WHO, input, 'table or stream', options, ['checkpoint']);
    return input instanceof Table ? this.fitTable(input, options) : this.#learn(input, options);
  }

  protected override async fitTable(
    table: Table,
    options: FitOptions,
  ): Promise<OnlineStandardScalerModel> {
    const { windows, inputCol } = this.params;
    vectorColumn(WHO, table, inputCol);
    requireRows(WHO, table);
    const isDropped = windows.kind === 'CountTumblingWindows' && windows.partial === 'drop';
    if (isDropped && table.numRows < windows.size) {
      throw new DataError(
        `${WHO}: the table must have the rows of a window, ${windows.size}, got ${table.numRows}.`,
        { details: { expected: windows.size, got: table.numRows } },
      );
    }
    return this.#learn(TableStream.from(table), options).completed();
  }

  protected override savedData(): Table | null {
    if (this.#initial === null) return null;
    return new OnlineStandardScalerModel().setModelData(this.#initial).dataTable;
  }

  #learn(stream: TableStream, options: FitOptions): OnlineStandardScalerModel {
    const { windows } = this.params;
    if (windows.kind.startsWith('EventTime') && stream.timestampCol === undefined) {
      throw new InvalidParamError(
        `${WHO}: windows by event time need a stream with timestampCol, got one without; see ` +
          'TableStream.from(source, { timestampCol }).',
        { details: { windows } },
      );
    }
    const session = options.session ?? defaultSession();
    const checkpoint = learningCheckpoint(WHO, stream, options.checkpoint, session);
    const source = new TrainingSource(
      stream,
      (table, row) => this.#columnsOf(stream, table, row),
      true,
    );
    // A pass over rows that are here costs no more than sending them to a worker.
    const job = session.job(WHO, { threads: 0, signal: options.signal, checkpoint });
    const learned = job.from(source).process(WindowedMoments, this.#momentsParams(stream));
    // A version is the same whenever it is learned: it need not wait for a checkpoint.
    const output = learned.output({ unconfirmed: true });
    const versions = new ModelVersions(
      { versions: asVersions(output), stop: () => source.stop() },
      ({ version, rows }) => options.onProgress?.({ epoch: version + 1, rows: rows! }),
    );
    return OnlineStandardScalerModel.live(
      sharedParams(this.params, onlineStandardScalerModelParams),
      versions,
    );
  }

  #momentsParams({ watermarkDelayMs }: TableStream): WindowedMomentsParams {
    const { windows, inputCol } = this.params;
    const shared = { watermarkDelayMs, windows, names: { who: WHO, inputCol } };
    if (this.#initial === null) return { ...shared, initial: null };
    const { mean, squares, rows, version } = this.#initial;
    const moments = {
      rows: rows!,
      shift: mean.values,
      offset: new Float64Array(mean.size),
      squares: squares!.values,
    };
    return { ...shared, initial: { moments, version } };
  }

  /** What is learned from a batch: vectors, with their times where windows need them. */
  *#columnsOf(stream: TableStream, table: Table, firstRow: number): Generator<Table> {
    const { inputCol, windows } = this.params;
    const vectors = vectorColumn(WHO, table, inputCol);
    const column = vectors.layout === 'sparse' ? vectors : denseColumn(WHO, table, inputCol);
    if (table.numRows === 0) return;
    yield Table.fromColumns({
      [FEATURES]: column,
      ...(windows.kind.startsWith('EventTime') && {
        [TIME]: Column.numeric(timesOf(WHO, stream, table, firstRow)),
      }),
    });
  }
}

/** Versions once each: a job that begins again at a checkpoint learns some of them once more. */
async function* asVersions(
  learned: AsyncIterable<LearnedVersion>,
): AsyncGenerator<OnlineStandardScalerVersion> {
  let last = -1;
  for await (const { mean, std, version, timestamp, rows, squares } of learned) {
    if (version <= last) continue;
    last = version;
    const [means, stds, sums] = [mean, std, squares].map((values) => new DenseVector(values));
    yield { mean: means!, std: stds!, version, timestamp, rows, squares: sums! };
  }
}
