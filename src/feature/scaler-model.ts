/** What the models of all scalers share: vectors scaled entry by entry, by data that are vectors. */

import { storedEntries, vectorColumn } from '../stage/features.js';
import type { RowScope } from '../stage/new-columns.js';
import { addNewColumns, type NewColumns } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import {
  keepsSparse,
  scaleOnWorkers,
  scaleVectors,
  sizeOf,
  type VectorColumn,
  vectorsOfSize,
} from './scaling.js';
import { noData, vectorsToTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

/** Params that every model of a scaler has. */
interface ScalerColumns {
  readonly inputCol: string;
  readonly outputCol: string;
}

/** A model that scales vectors. A subclass says what its data must be, and how they scale. */
export abstract class ScalerModel<V extends ScalerColumns, Data extends object> extends Model<
  V,
  Data
> {
  #data: Data | null = null;
  #scaling: Scaling | null = null;

  get modelData(): Data {
    if (this.#data === null) throw noData(this.stageClass.className);
    return this.#data;
  }

  /**
   * Gives the model its data: vectors of one size.
   *
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: Data): this {
    this.#data = this.checked(data);
    this.#scaling = this.scalingBy(this.#data);
    return this;
  }

  /** The data, without what else the given object has. Throws when they cannot be used. */
  protected abstract checked(data: Data): Data;

  /** What data do to a vector of their {@link sizeIn | size}. */
  protected abstract scalingBy(data: Data): Scaling;

  /** Entries of the vectors that were learned from. */
  protected abstract sizeIn(data: Data): number;

  protected override savedData(): Table | null {
    return this.#data === null ? null : vectorsToTable(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const scaled = scaleVectors(this.#input(table), this.#scalingNow, scope);
    return { columns: { [this.params.outputCol]: scaled } };
  }

  protected override workOf(table: Table): number {
    const column = vectorColumn(this.#who, table, this.params.inputCol);
    return keepsSparse(this.#scalingNow) ? storedEntries(column) : table.numRows * sizeOf(column);
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const scaled = await scaleOnWorkers(this.#who, this.#input(table), this.#scalingNow, options);
    return addNewColumns(table, { columns: { [this.params.outputCol]: scaled } }, this.columnsRead);
  }

  get #scalingNow(): Scaling {
    if (this.#scaling === null) throw noData(this.stageClass.className);
    return this.#scaling;
  }

  get #who(): string {
    return `${this.stageClass.className}.transform`;
  }

  #input(table: Table): VectorColumn {
    return vectorsOfSize(this.#who, table, this.params.inputCol, this.sizeIn(this.modelData));
  }
}
