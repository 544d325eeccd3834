/** Stages: what the library offers, by Flink ML's names: transformers, models and estimators. */
import type { CheckpointedOptions, RunOptions } from '../algorithm/run.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { resolveParams } from '../core/params.js';
import type { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { checkCall } from './call.js';
import { writeStage } from './save.js';

/** What a long call reports while it runs. */
export interface Progress {
  /** Rounds that have ended, or batches that have been learned from. */
  readonly epoch: number;
  /** Rows read so far. */
  readonly rows: number;
  /** The loss or cost, where the stage has one. */
  readonly loss?: number;
}

/** Options of every long call. */
export interface StageOptions extends RunOptions {
  /** Called on the calling thread after every round or batch. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of `fit`. */
export interface FitOptions extends StageOptions, CheckpointedOptions {}

/** What a stage's class says of itself. */
export interface StageClass<V> {
  /** The name in saved stages and messages. */
  readonly className: string;
  readonly params: ParamTable<V>;
}

/** A stage: its class and its params. Immutable; a model's data can be set. */
export abstract class Stage<V> {
  /** The values of all params, as given or by default. */
  readonly params: Readonly<V>;

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for an unknown name or an invalid value. */
  constructor(options: ParamOptions<V> = {}) {
    const { className, params } = this.stageClass;
    this.params = resolveParams(className, params, options);
  }

  /** The class of the stage, with the static members that every stage has. */
  get stageClass(): StageClass<V> {
    return this.constructor as unknown as StageClass<V>;
  }

  /**
   * Saves the stage to a folder: `metadata.json`, and `data/` for a model. Complete or not at all.
   *
   * @throws FormatError `ERR_GYRE_FORMAT` when there is something at the path already.
   */
  save(path: string): Promise<void> {
    return writeStage(path, this.stageClass.className, this.params as object, this.savedData());
  }

  /** What is saved beside the params; null when there is nothing. */
  protected savedData(): Table | null {
    return null;
  }
}

/** A stage that gives one row for one: the input's columns, with new ones appended. */
export abstract class Transformer<V> extends Stage<V> {
  /**
   * The table with the stage's columns appended; or, of a stream, the stream of its batches.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA` when a column is missing or has another type.
   */
  transform(table: Table, options?: StageOptions): Promise<Table>;
  transform(stream: TableStream, options?: StageOptions): TableStream;
  transform(input: Table | TableStream, options: StageOptions = {}): Promise<Table> | TableStream {
    checkCall(`${this.stageClass.className}.transform`, input, 'table or stream', options);
    if (input instanceof TableStream) {
      return input.map((table) => this.transformTable(table, options));
    }
    return this.transformTable(input, options);
  }

  /** Transforms one table, or one batch of a stream. */
  protected abstract transformTable(table: Table, options: StageOptions): Promise<Table>;
}

/** A transformer with data that was learned. */
export abstract class Model<V, Data> extends Transformer<V> {
  /** What was learned. @throws ModelDataError `ERR_GYRE_MODEL` when the model has no data yet. */
  abstract get modelData(): Data;
  /** Gives the model its data, checked. Returns the model. */
  abstract setModelData(data: Data): this;
}

/** A stage that learns a model from a table. */
export abstract class Estimator<V, M> extends Stage<V> {
  /** Learns from the table. @throws InvalidParamError for an unknown option. */
  async fit(table: Table, options: FitOptions = {}): Promise<M> {
    checkCall(`${this.stageClass.className}.fit`, table, 'table', options, ['checkpoint']);
    return this.fitTable(table, options);
  }

  /** Learns from the table; the call has been checked. */
  protected abstract fitTable(table: Table, options: FitOptions): Promise<M>;
}

/** The params that a model shares with its estimator. */
export function sharedParams<V, W extends V>(values: W, params: ParamTable<V>): ParamOptions<V> {
  const names = Object.keys(params) as (keyof V)[];
  return Object.fromEntries(
    names.map((name) => [name, values[name]]),
  ) as unknown as ParamOptions<V>;
}
