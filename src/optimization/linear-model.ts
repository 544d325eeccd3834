/** What the models of all linear stages share: margins of rows, and what a stage makes of them. */
import { type MappedRows, mapFewRows, mapRows, type RowMapping } from '../algorithm/map-rows.js';
import { DimensionMismatchError, ModelDataError } from '../core/errors.js';
import { vectorColumn } from '../stage/features.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { rowOfData } from './linear-data.js';
import { featureColumn } from './linear-problem.js';
import type { LinearWeights } from './margins.js';
import type { TrainingSummary } from './summary.js';

/** Numbers that a mapping makes of a row. */
type Outputs = Readonly<Record<string, { readonly type: 'float64'; readonly width: number }>>;

/** How a model predicts: a mapping for any thread. */
export interface LinearMapping<Params extends LinearWeights = LinearWeights> {
  /** The module that exports `make`, and its name there. */
  readonly module: string;
  readonly name: string;
  readonly make: (params: Params & { readonly featuresCol: string }) => RowMapping;
  readonly params: Params;
  readonly outputs: Outputs;
}

/** A linear model. A subclass says what its data must be, and how they predict. */
export abstract class LinearModel<
  V extends { readonly featuresCol: string },
  Data extends object,
  Params extends LinearWeights = LinearWeights,
> extends Model<V, Data> {
  #data: Data | null = null;
  #mapping: LinearMapping<Params> | null = null;
  /** The mapping on this thread: made once, since rows may be served one by one. */
  #rowMapping: RowMapping | null = null;
  #summary: TrainingSummary | null = null;

  get modelData(): Data {
    if (this.#data === null) throw this.#noData();
    return this.#data;
  }

  /**
   * Gives the model its data.
   *
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: Data): this {
    this.#data = this.checked(data);
    this.#mapping = this.mappingBy(this.#data);
    const { make, params } = this.#mapping;
    this.#rowMapping = make({ ...params, featuresCol: this.params.featuresCol });
    this.#summary = null;
    return this;
  }

  /** How it was trained; null when it was loaded or given its data. */
  get summary(): TrainingSummary | null {
    return this.#summary;
  }

  /** @internal The model, with how it was trained. */
  withSummary(summary: TrainingSummary): this {
    this.#summary = summary;
    return this;
  }

  /** The data, without what else the given object has. Throws when they cannot be used. */
  protected abstract checked(data: Data): Data;

  /** How data predict. */
  protected abstract mappingBy(data: Data): LinearMapping<Params>;

  /** The columns of what the mapping made. */
  protected abstract columnsOf(mapped: MappedRows<Outputs>): NewColumns['columns'];

  protected override savedData(): Table | null {
    return this.#data === null ? null : rowOfData(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { outputs } = this.#mappingNow;
    const mapped = mapFewRows(this.#rowMapping!, this.#features(table), outputs, scope);
    return { columns: this.columnsOf(mapped) };
  }

  protected override workOf(table: Table): number {
    const column = vectorColumn(this.#who, table, this.params.featuresCol);
    return column.values.length * this.#mappingNow.params.classes;
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const { module, name, params, outputs } = this.#mappingNow;
    const { featuresCol } = this.params;
    const mapped = await mapRows(
      this.#who,
      { module, name, params: { ...params, featuresCol } },
      this.#features(table),
      outputs,
      this.workOf(table),
      options,
    );
    return addNewColumns(table, { columns: this.columnsOf(mapped) }, this.columnsRead);
  }

  get #mappingNow(): LinearMapping<Params> {
    if (this.#mapping === null) throw this.#noData();
    return this.#mapping;
  }

  get #who(): string {
    return `${this.stageClass.className}.transform`;
  }

  #noData(): ModelDataError {
    const { className } = this.stageClass;
    return new ModelDataError(`${className}: it has no data; call setModelData or load a model.`);
  }

  #features(table: Table): Table {
    const { featuresCol } = this.params;
    const { coefficient, classes } = this.#mappingNow.params;
    const features = featureColumn(this.#who, table, featuresCol);
    const size = features.layout === 'sparse' ? features.size : features.dim;
    const expected = coefficient.length / classes;
    if (table.numRows > 0 && size !== expected) {
      throw new DimensionMismatchError(
        `${this.#who}: column "${featuresCol}" must have vectors of size ${expected}, got ${size}.`,
        { details: { column: featuresCol, expected, got: size } },
      );
    }
    return Table.over(new Map([[featuresCol, features]]));
  }
}
