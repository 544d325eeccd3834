/** Stages: what the library offers, by Flink ML's names: transformers, models and estimators. */
import type { CheckpointedOptions, RunOptions } from '../algorithm/run.js';
import { abortError } from '../core/errors.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { resolveParams } from '../core/params.js';
import { defaultSession } from '../engine/session.js';
import { columnToParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { checkCall } from './call.js';
import { addNewColumns, type NewColumns, type RowScope } from './new-columns.js';
import { writeStage } from './save.js';
import { Servable, type ServableOptions } from './servable.js';
import { type TransformerRecipe, transformShards } from './transform-shards.js';

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

/** What the class of a transformer says of itself: workers make the stage by it. */
export interface TransformerClass<V> extends StageClass<V> {
  /** `import.meta.url` of the module that exports the class under its `className`. */
  readonly module: string;
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
    const { className } = this.stageClass;
    return writeStage(path, { className, params: this.params as object, data: this.savedData() });
  }

  /** What is saved beside the params; null when there is nothing. */
  protected savedData(): Table | null {
    return null;
  }
}

/**
 * A stage that makes tables of tables: not row by row, and not always one of one.
 *
 * @typeParam Out A table, or an array of them.
 * @typeParam In A table, or an array of them.
 */
export abstract class AlgoOperator<
  V,
  Out extends Table | Table[] = Table,
  In extends Table | readonly Table[] = Table,
> extends Stage<V> {
  /** What `transform` takes; a stage that takes several tables says `'tables'`. */
  get inputKind(): 'table' | 'tables' {
    return 'table';
  }

  /**
   * What the stage makes of the whole table, or of several.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA` when a column is missing or has another type.
   */
  async transform(input: In, options: StageOptions = {}): Promise<Out> {
    checkCall(`${this.stageClass.className}.transform`, input, this.inputKind, options);
    return this.transformTable(input, options);
  }

  /** The call has been checked. */
  protected abstract transformTable(input: In, options: StageOptions): Promise<Out>;
}

/** A stage that looks at every row alone: the input's columns, with new ones appended. */
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

  override get stageClass(): TransformerClass<V> {
    return this.constructor as unknown as TransformerClass<V>;
  }

  /** Names of the columns that are read; only these go to the workers. */
  abstract get columnsRead(): readonly string[];

  /**
   * The new columns of some rows: pure, at once, on whatever thread the rows are. All
   * that {@link transform} does, on workers or not, and what a servable runs.
   *
   * @param table Has at least the columns read, wherever their arrays lie; it may have no rows.
   */
  abstract transformRows(table: Table, scope: RowScope): NewColumns;

  /** @internal What workers make the stage of. */
  get recipe(): TransformerRecipe {
    const { className, module } = this.stageClass;
    const data = this.savedData();
    return {
      module,
      name: className,
      params: this.params as object,
      data: data?.columnNames.map((name) => [name, columnToParts(data.column(name))]) ?? null,
    };
  }

  /**
   * @internal Whether {@link transformRows} is all that `transform` does, so that it can be one
   * step of several in one job.
   */
  get isRowWise(): boolean {
    return this.transformTable === Transformer.prototype.transformTable;
  }

  /** @internal Waits until there is something to transform with; models that learn override it. */
  async ready(): Promise<void> {}

  /** @internal {@link workOf}, for pipelines. */
  estimateWork(table: Table): number {
    return this.workOf(table);
  }

  /**
   * This stage for serving: a row or a table is transformed at once on the calling thread, with the
   * results of {@link transform}. It follows the stage: a model's newest data serve.
   */
  toServable(options: ServableOptions = {}): Servable {
    return new Servable(`${this.stageClass.className}.toServable`, [this], options);
  }

  /** What a table costs, in multiplications or bytes looked at: small ones stay on this thread. */
  protected workOf(table: Table): number {
    return table.numRows * this.columnsRead.length * 8;
  }

  /** Transforms a large table. A stage that can have its columns written in place overrides it. */
  protected transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const who = `${this.stageClass.className}.transform`;
    return transformShards(who, [this], table, this.workOf(table), options);
  }

  /** Transforms one table, or one batch of a stream. */
  protected async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const who = `${this.stageClass.className}.transform`;
    if (options.signal?.aborted) throw abortError(who, options.signal);
    await this.ready();
    const session = options.session ?? defaultSession();
    if (table.numRows === 0 || this.workOf(table) < session.inlineWork) {
      const { kernels, arena } = session.inline;
      const made = this.transformRows(table, { kernels, arena, firstRow: 0 });
      return addNewColumns(table, made, this.columnsRead);
    }
    return this.transformOnWorkers(table, options);
  }
}

/** A transformer with data that was learned. */
export abstract class Model<V, Data> extends Transformer<V> {
  /** @internal The data as the table that `save` writes; null when there are none yet. */
  get dataTable(): Table | null {
    return this.savedData();
  }

  /** What was learned. @throws ModelDataError `ERR_GYRE_MODEL` when the model has no data yet. */
  abstract get modelData(): Data;
  /** Gives the model its data, checked. Returns the model. */
  abstract setModelData(data: Data): this;
}

/** A stage that learns a model. */
export abstract class Estimator<V, M> extends Stage<V> {
  /**
   * Learns from a table, or from a stream to its end: batch by batch where one look at each row is
   * enough, else as the table of all its rows.
   *
   * @throws InvalidParamError for an unknown option.
   */
  async fit(input: Table | TableStream, options: FitOptions = {}): Promise<M> {
    const who = `${this.stageClass.className}.fit`;
    checkCall(who, input, 'table or stream', options, ['checkpoint']);
    if (input instanceof Table) return this.fitTable(input, options);
    const { signal } = options;
    if (signal?.aborted) throw abortError(who, signal);
    const stream = signal === undefined ? input : TableStream.from(input, { signal });
    return this.fitStream(stream, options);
  }

  /** Learns from the table; the call has been checked. */
  protected abstract fitTable(table: Table, options: FitOptions): Promise<M>;

  /** Learns from a stream that heeds the signal; the call has been checked. */
  protected async fitStream(stream: TableStream, options: FitOptions): Promise<M> {
    return this.fitTable(await stream.collect(), options);
  }
}

/** The params that a model shares with its estimator. */
export function sharedParams<V, W extends V>(values: W, params: ParamTable<V>): ParamOptions<V> {
  const names = Object.keys(params) as (keyof V)[];
  return Object.fromEntries(
    names.map((name) => [name, values[name]]),
  ) as unknown as ParamOptions<V>;
}
