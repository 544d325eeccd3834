/** Stages of Flink ML's own tests of pipelines and graphs, and one that drops rows. */
import { DataError, ModelDataError } from '../../src/core/errors.js';
import { double, type ParamOptions, type ParamTable, string } from '../../src/core/params.js';
import { numberColumn } from '../../src/stage/features.js';
import { loadAs } from '../../src/stage/load.js';
import type { NewColumns, RowScope } from '../../src/stage/new-columns.js';
import { AlgoOperator, Estimator, Model, Transformer } from '../../src/stage/stage.js';
import { Column } from '../../src/table/column.js';
import { Table } from '../../src/table/table.js';

type None = Record<never, never>;

/** A table of the one column that these stages know. */
export const numbers = (...values: number[]): Table =>
  Table.fromColumns({ value: Float64Array.from(values) });

/** The numbers of such a table. */
export const valuesOf = (table: Table): number[] => [...table.column('value', 'float64').values];

/** Adds a number that was learned to every value. */
export class SumModel extends Model<None, { readonly delta: number }> {
  static readonly className: string = 'SumModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<None> = {};
  #delta: number | null = null;

  static of(delta: number): SumModel {
    return new SumModel().setModelData({ delta });
  }

  static load(path: string): Promise<SumModel> {
    return loadAs(SumModel, path);
  }

  static fromSaved(params: ParamOptions<None>, data: Table | null): SumModel {
    const model = new SumModel(params);
    return data === null ? model : model.setModelData(data.row(0) as { delta: number });
  }

  get modelData(): { readonly delta: number } {
    if (this.#delta === null) throw new ModelDataError('SumModel: it has no data.');
    return { delta: this.#delta };
  }

  setModelData({ delta }: { readonly delta: number }): this {
    this.#delta = delta;
    return this;
  }

  override get columnsRead(): readonly string[] {
    return ['value'];
  }

  override transformRows(table: Table): NewColumns {
    const { delta } = this.modelData;
    const values = numberColumn('SumModel.transform', table, 'value');
    return { columns: { value: Column.numeric(values.map((value) => value + delta)) } };
  }

  protected override savedData(): Table | null {
    return this.#delta === null ? null : Table.fromRows([{ delta: this.#delta }]);
  }
}

/** Learns the sum of all values. */
export class SumEstimator extends Estimator<None, SumModel> {
  static readonly className = 'SumEstimator';
  static readonly params: ParamTable<None> = {};
  /** Tables that were learned from. */
  static readonly fitted: Table[] = [];

  static fromSaved(): SumEstimator {
    return new SumEstimator();
  }

  protected override async fitTable(table: Table): Promise<SumModel> {
    SumEstimator.fitted.push(table);
    return SumModel.of(valuesOf(table).reduce((sum, value) => sum + value, 0));
  }
}

/** Puts two tables end to end. */
export class Union extends AlgoOperator<None, Table, readonly Table[]> {
  static readonly className = 'Union';
  static readonly params: ParamTable<None> = {};

  static fromSaved(): Union {
    return new Union();
  }

  override get inputKind(): 'tables' {
    return 'tables';
  }

  protected override async transformTable(tables: readonly Table[]): Promise<Table> {
    return Table.concat(tables);
  }
}

/** Two tables of one: the values below a bound, and the others. */
export class SplitAt extends AlgoOperator<{ readonly bound: number }, Table[]> {
  static readonly className = 'SplitAt';
  static readonly params: ParamTable<{ readonly bound: number }> = { bound: double(0) };

  static fromSaved(params: ParamOptions<{ readonly bound: number }>): SplitAt {
    return new SplitAt(params);
  }

  protected override async transformTable(table: Table): Promise<Table[]> {
    const { bound } = this.params;
    const values = valuesOf(table);
    return [
      numbers(...values.filter((value) => value < bound)),
      numbers(...values.filter((value) => value >= bound)),
    ];
  }
}

interface DropParams {
  readonly modulus: number;
  readonly outputCol: string;
}

/** Drops the rows whose value is a multiple of `modulus`, adds the rest of the division, refuses NaN. */
export class DropMultiples extends Transformer<DropParams> {
  static readonly className: string = 'DropMultiples';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<DropParams> = {
    modulus: double(2),
    outputCol: string('rest'),
  };

  static fromSaved(params: ParamOptions<DropParams>): DropMultiples {
    return new DropMultiples(params);
  }

  override get columnsRead(): readonly string[] {
    return ['value'];
  }

  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const { modulus, outputCol } = this.params;
    const values = numberColumn('DropMultiples.transform', table, 'value');
    const stray = values.findIndex(Number.isNaN);
    if (stray >= 0) {
      const row = firstRow + stray;
      throw new DataError(`DropMultiples.transform: got NaN in row ${row}.`, { details: { row } });
    }
    const kept = Int32Array.from(values.keys()).filter((row) => values[row]! % modulus !== 0);
    const rests = Float64Array.from(kept, (row) => values[row]! % modulus);
    return { columns: { [outputCol]: Column.numeric(rests) }, kept };
  }
}

/** Drops even values alone, and lets NaN pass. */
export class DropEven extends DropMultiples {
  static override readonly className: string = 'DropEven';

  static override fromSaved(params: ParamOptions<DropParams>): DropEven {
    return new DropEven(params);
  }

  override transformRows(table: Table, scope: RowScope): NewColumns {
    const values = valuesOf(table).map((value) => (Number.isNaN(value) ? 1 : value));
    return super.transformRows(numbers(...values), scope);
  }
}

/** Appends a text of every value: a column that no worker can write in place. */
export class Spell extends Transformer<None> {
  static readonly className = 'Spell';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<None> = {};

  static fromSaved(): Spell {
    return new Spell();
  }

  override get columnsRead(): readonly string[] {
    return ['value'];
  }

  override transformRows(table: Table): NewColumns {
    const values = numberColumn('Spell.transform', table, 'value');
    return { columns: { text: Column.from(Array.from(values, String), 'string') } };
  }
}

/** Appends the value itself, where it is at most 1000; else null: no shard but the first can be placed. */
export class SmallOnly extends Transformer<None> {
  static readonly className = 'SmallOnly';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<None> = {};

  static fromSaved(): SmallOnly {
    return new SmallOnly();
  }

  override get columnsRead(): readonly string[] {
    return ['value'];
  }

  override transformRows(table: Table): NewColumns {
    const values = numberColumn('SmallOnly.transform', table, 'value');
    const small = Array.from(values, (value) => (value <= 1000 ? value : null));
    return { columns: { small: Column.from(small, 'float64') } };
  }
}
