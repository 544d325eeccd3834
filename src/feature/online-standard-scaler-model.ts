/** The model of {@link OnlineStandardScaler}: scales by the statistics of all windows so far. */
import { FormatError } from '../core/errors.js';
import {
  boolean,
  int,
  nullable,
  type ParamOptions,
  type ParamTable,
  string,
} from '../core/params.js';
import type { LiveVersions } from '../online/live-versions.js';
import { OnlineModel } from '../online/online-model.js';
import { type Numbers, type SharedModelHandle, sharedParamsOf } from '../online/shared-model.js';
import { joinVersions } from '../online/version-join.js';
import { checkCall } from '../stage/call.js';
import { storedEntries } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import type { StageOptions } from '../stage/stage.js';
import { int64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { DenseVector } from '../table/vector.js';
import {
  checkedVersion,
  type OnlineStandardScalerModelData,
  type OnlineStandardScalerVersion,
} from './online-standard-scaler-data.js';
import { scaleOnWorkers, scaleVectors, type VectorColumn, vectorsOfSize } from './scaling.js';
import type { Scaling } from './scaling-mapping.js';
import type { StandardScalerParams } from './standard-scaler-model.js';

const WHO = 'OnlineStandardScalerModel.transform';

/** Params of {@link OnlineStandardScalerModel}. */
export interface OnlineStandardScalerModelParams extends StandardScalerParams {
  /** Column for the version that scaled: int64; null for none. **Default:** `'version'`. */
  readonly modelVersionCol: string | null;
  /**
   * How much older than a row, in milliseconds of event time, the model that scales it may be; an
   * integer >= 0. **Default:** 0.
   */
  readonly maxAllowedModelDelayMs: number;
}

export const onlineStandardScalerModelParams: ParamTable<OnlineStandardScalerModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  withMean: boolean(false),
  withStd: boolean(true),
  modelVersionCol: { ...nullable(string('version')), default: 'version' },
  maxAllowedModelDelayMs: int(0, { min: 0 }),
};

type Data = OnlineStandardScalerModelData;
type Version = OnlineStandardScalerVersion;

/**
 * Scales vectors, z = (x - mean) / std, by the statistics of all windows so far; see
 * {@link StandardScalerModel} for zeros, sparse vectors and NaN.
 *
 * A model that {@link OnlineStandardScaler}`.fit` made of a stream is live: it goes on learning while
 * it scales. So is one that was given a stream of data. A table is scaled by the newest version,
 * and so is each batch of a stream without a `timestampCol`; both wait for the first version.
 *
 * In a stream with event times, a row of time t is scaled by the newest version as soon as that has
 * t - `maxAllowedModelDelayMs` <= its timestamp. Until then it waits, while rows that need not wait
 * pass it: the version may be newer than needed, but is never older than allowed. Batches are
 * cut where some rows must wait; up to a million rows wait before the stream is not asked for more.
 *
 * Differences from Flink ML: rows that still wait when no version will come any more are an error,
 * `ERR_GYRE_DATA`, where they are dropped silently there; `save` keeps the newest version.
 *
 * @see OnlineStandardScalerModel of Flink ML.
 */
export class OnlineStandardScalerModel extends OnlineModel<
  OnlineStandardScalerModelParams,
  Data,
  Version
> {
  static readonly className = 'OnlineStandardScalerModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<OnlineStandardScalerModelParams> =
    onlineStandardScalerModelParams;
  /** What it last scaled with. */
  #known: { readonly data: Version; readonly scaling: Scaling } | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OnlineStandardScalerModel> {
    return loadAs(OnlineStandardScalerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<OnlineStandardScalerModelParams>,
    data: Table | null,
  ): OnlineStandardScalerModel {
    const model = new OnlineStandardScalerModel(params);
    if (data === null) return model;
    const { mean, std, version, timestamp } = data.schema;
    const isRow = mean === 'vector' && std === 'vector' && data.numRows === 1;
    if (!isRow || version !== 'float64' || timestamp !== 'float64') {
      throw new FormatError(
        'OnlineStandardScalerModel.load: the data must be one row of mean, std, version and ' +
          'timestamp.',
        { details: { schema: data.schema, rows: data.numRows } },
      );
    }
    const vector = (name: string) => data.column(name, 'vector').get(0)!;
    const number = (name: string) => data.column(name, 'float64').get(0)!;
    return model.setModelData({
      mean: vector('mean'),
      std: vector('std'),
      version: number('version'),
      timestamp: number('timestamp'),
      ...(data.has('rows') && { rows: number('rows'), squares: vector('squares') }),
    });
  }

  /** @internal A model that learns on. */
  static live(
    params: ParamOptions<OnlineStandardScalerModelParams>,
    versions: LiveVersions<Version>,
  ): OnlineStandardScalerModel {
    return new OnlineStandardScalerModel(params).follow(versions);
  }

  /**
   * A model that follows one that another thread shares; see {@link OnlineModel.share}. Stopped, it
   * keeps the version it has.
   *
   * @throws ModelDataError `ERR_GYRE_MODEL` for the handle of another class.
   */
  static fromShared(handle: SharedModelHandle): OnlineStandardScalerModel {
    const params = sharedParamsOf<OnlineStandardScalerModelParams>(
      OnlineStandardScalerModel.className,
      handle,
    );
    return new OnlineStandardScalerModel(params).attach(handle);
  }

  protected override checkedData(data: Data): Version {
    return checkedVersion(data);
  }

  protected override versionOf(version: Version | null): number {
    return version?.version ?? -1;
  }

  protected override timestampOf({ timestamp }: Version): number {
    return timestamp;
  }

  protected override get noModel(): string {
    return 'the stream ended before a window was complete, so there is no model; use smaller windows';
  }

  protected override pack({ version, timestamp, mean, std }: Version): Numbers {
    return [version, timestamp, mean.values, std.values];
  }

  protected override unpack(numbers: Float64Array): Version {
    const size = (numbers.length - 2) / 2;
    return {
      version: numbers[0]!,
      timestamp: numbers[1]!,
      mean: new DenseVector(numbers.subarray(2, 2 + size)),
      std: new DenseVector(numbers.subarray(2 + size)),
    };
  }

  protected override tableOf({ mean, std, version, timestamp, rows, squares }: Version): Table {
    return Table.fromColumns({
      mean: [mean],
      std: [std],
      version: [version],
      timestamp: [timestamp],
      ...(rows !== undefined && squares !== undefined && { rows: [rows], squares: [squares] }),
    });
  }

  override transform(table: Table, options?: StageOptions): Promise<Table>;
  override transform(stream: TableStream, options?: StageOptions): TableStream;
  override transform(
    input: Table | TableStream,
    options: StageOptions = {},
  ): Promise<Table> | TableStream {
    if (!(input instanceof TableStream)) return super.transform(input, options);
    if (input.timestampCol === undefined) return super.transform(input, options);
    checkCall(WHO, input, 'table or stream', options);
    const { timestampCol, watermarkDelayMs, replayable } = input;
    const open = () => this.#join(input, options);
    return new TableStream(
      { open, replayable },
      {
        timestampCol,
        watermarkDelayMs,
        ...(options.signal !== undefined && { signal: options.signal }),
      },
    );
  }

  #join(stream: TableStream, options: StageOptions): AsyncGenerator<Table, undefined> {
    const model = this;
    const { versions } = this;
    let known: { readonly data: Version; readonly scale: VersionOf } | null = null;
    const feed = {
      get latest() {
        const data = versions === null ? model.newest : versions.latest;
        if (data !== null && known?.data !== data) {
          known = { data, scale: model.#fixed(data, options) };
        }
        return known?.scale ?? null;
      },
      get ended() {
        return versions?.ended ?? true;
      },
      get news() {
        return versions?.news ?? Promise.resolve();
      },
      get completed() {
        return model.snapshot();
      },
    };
    return joinVersions(WHO, stream, feed, this.params.maxAllowedModelDelayMs);
  }

  /** A version that stays as it is. */
  #fixed(data: Version, options: StageOptions): VersionOf {
    const model = new OnlineStandardScalerModel(this.params).setModelData(data);
    const { timestamp } = data;
    return { timestamp, transform: (table) => model.transform(table, options) };
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal With the newest version that this thread has seen. */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const data = this.current;
    const scaled = scaleVectors(this.#input(table, data), this.#scaling(data), scope);
    return this.#newColumns(scaled, data);
  }

  protected override workOf(table: Table): number {
    return storedEntries(this.#input(table, this.current));
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const data = this.modelData;
    const input = this.#input(table, data);
    const scaled = await scaleOnWorkers(WHO, input, this.#scaling(data), options);
    return addNewColumns(table, this.#newColumns(scaled, data), this.columnsRead);
  }

  #input(table: Table, { mean }: Version): VectorColumn {
    return vectorsOfSize(WHO, table, this.params.inputCol, mean.size);
  }

  #scaling(data: Version): Scaling {
    if (this.#known?.data === data) return this.#known.scaling;
    const { withMean, withStd } = this.params;
    const { mean, std } = data;
    const scaling: Scaling = {
      shift: withMean ? mean.values : null,
      scale: withStd ? std.values.map((value) => (value === 0 ? 0 : 1 / value)) : null,
    };
    this.#known = { data, scaling };
    return scaling;
  }

  #newColumns(scaled: VectorColumn, { version }: Version): NewColumns {
    const { outputCol, modelVersionCol } = this.params;
    const versions = () => Column.numeric(int64(scaled.length).fill(BigInt(version)));
    return {
      columns: {
        [outputCol]: scaled,
        ...(modelVersionCol !== null && { [modelVersionCol]: versions() }),
      },
    };
  }
}

interface VersionOf {
  readonly timestamp: number;
  transform(table: Table): Promise<Table>;
}
