/** Rows as tables of one row, without what tables of many rows are worth. */
import { SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Column } from '../table/column.js';
import { columnFrom } from '../table/column-from.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import type { ColumnType, Schema } from '../table/schema.js';
import { type Row, Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';

/** Makes tables of one row of the columns that are read. */
export class RowReader {
  readonly #columns: readonly (readonly [name: string, type: ColumnType | undefined])[];

  constructor(schema: Schema, names: readonly string[]) {
    this.#columns = names.map((name) => [
      name,
      Object.hasOwn(schema, name) ? schema[name] : undefined,
    ]);
  }

  /**
   * The columns read, as far as the row has them.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA` for what is no row, or a value of another type.
   */
  read(row: Row): Table {
    if (row === null || typeof row !== 'object' || Array.isArray(row)) {
      throw new SchemaError(`Servable.transform takes a row or a Table, got ${showValue(row)}.`);
    }
    const columns = new Map<string, Column>();
    for (const [name, type] of this.#columns) {
      if (type === undefined && !Object.hasOwn(row, name)) continue;
      const value = Object.hasOwn(row, name) ? row[name] : null;
      columns.set(name, quickColumn(value, type) ?? columnFrom([value], type, `column "${name}"`));
    }
    return Table.over(columns);
  }
}

/** A column of one number or dense vector, which most rows are made of; null: of something else. */
function quickColumn(value: unknown, type: ColumnType | undefined): Column | null {
  if (typeof value === 'number' && (type === undefined || type === 'float64')) {
    return new NumericColumn(Float64Array.of(value)) as Column;
  }
  if (type !== undefined && type !== 'vector') return null;
  if (value instanceof DenseVector) return new DenseVectorColumn(value.values, value.size, 1);
  if (type !== 'vector') return null;
  if (value instanceof Float64Array) return new DenseVectorColumn(value, value.length, 1);
  return Array.isArray(value) ? vectorColumn(value) : null;
}

/** Of an array of numbers; null when it has something else, which is to be refused with a name. */
function vectorColumn(numbers: readonly unknown[]): Column | null {
  const values = new Float64Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i];
    if (typeof value !== 'number') return null;
    values[i] = value;
  }
  return new DenseVectorColumn(values, values.length, 1);
}
