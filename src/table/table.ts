import type { Table as ArrowTable } from 'apache-arrow';
import { DimensionMismatchError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ArrowTableLike, columnsFromArrow } from './arrow-in.js';
import { type ArrowLibrary, columnsToArrow } from './arrow-out.js';
import { BaseColumn } from './base-column.js';
import type { Column, ColumnOf } from './column.js';
import { type ColumnValues, columnFrom } from './column-from.js';
import { concatColumns } from './concat-columns.js';
import { DESCRIPTION, describeColumn } from './describe-table.js';
import { type TableTextOptions, tableText } from './print-table.js';
import {
  type ColumnType,
  checkSchema,
  orList,
  type Schema,
  schemasEqual,
  showSchema,
} from './schema.js';
import { takeColumn } from './take-columns.js';

/** A row as an object: one property a column. */
export type Row = Record<string, unknown>;

/**
 * Columns of equal length under their names. Immutable: what changes a table returns a new one,
 * which shares the columns that stay.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ id: 1, label: 'a' }, { id: 2, label: null }]);
 * table.schema; // { id: 'float64', label: 'string' }
 * ```
 */
export class Table {
  /** The number of rows. */
  readonly numRows: number;
  readonly #columns: ReadonlyMap<string, Column>;
  // Made when they are asked for: tables of one row come and go by the thousand.
  #columnNames: readonly string[] | undefined;
  #schema: Schema | undefined;

  private constructor(columns: ReadonlyMap<string, Column>) {
    let rows = -1;
    for (const { length } of columns.values()) {
      if (rows >= 0 && length !== rows) throw differentLengths(columns);
      rows = length;
    }
    this.numRows = Math.max(rows, 0);
    this.#columns = columns;
  }

  /** The names of the columns, in order. */
  get columnNames(): readonly string[] {
    this.#columnNames ??= Object.freeze([...this.#columns.keys()]);
    return this.#columnNames;
  }

  /** The types of the columns by name, in order. */
  get schema(): Schema {
    this.#schema ??= Object.freeze(
      Object.fromEntries(Array.from(this.#columns, ([name, column]) => [name, column.type])),
    );
    return this.#schema;
  }

  /**
   * Makes a table of rows.
   *
   * @param rows Objects by column name. A property that is missing, null or undefined is null.
   * @param schema The types of some or all columns. Its columns come first, in its order, also when
   *   no row has them; those it does not name follow, with their types told from the values (see
   *   `Column.from`).
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for a value of another type, with row and column.
   * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for vectors of different sizes.
   */
  static fromRows(rows: Iterable<object>, schema: Schema = {}): Table {
    checkSchema('Table.fromRows', schema);
    const all = Array.isArray(rows) ? (rows as readonly Row[]) : (Array.from(rows) as Row[]);
    const names = new Set(Object.keys(schema));
    all.forEach((row, i) => {
      if (row === null || typeof row !== 'object' || Array.isArray(row)) {
        throw new SchemaError(
          `Table.fromRows: row ${i} must be an object, got ${showValue(row)}.`,
          {
            details: { row: i },
          },
        );
      }
      for (const name of Object.keys(row)) names.add(name);
    });
    const columns = new Map<string, Column>();
    for (const name of names) {
      const values = all.map((row) => (Object.hasOwn(row, name) ? row[name] : null));
      columns.set(name, columnFrom(values, typeOf(schema, name), where(name)));
    }
    return new Table(columns);
  }

  /**
   * Makes a table of columns.
   *
   * @param columns By name: a `Column` and a typed array are taken as they stand, other lists of
   *   values as by `Column.from`.
   * @param schema The types of some or all columns; its columns come first, in its order.
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for a value of another type, or when the schema
   *   names a column that is not given.
   * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for columns of different lengths.
   */
  static fromColumns(
    columns: Readonly<Record<string, ColumnValues>> | ReadonlyMap<string, ColumnValues>,
    schema: Schema = {},
  ): Table {
    checkSchema('Table.fromColumns', schema);
    const given = columns instanceof Map ? columns : new Map(Object.entries(columns));
    const made = new Map<string, Column>();
    const first = Object.keys(schema);
    for (const name of first.length === 0 ? given.keys() : new Set([...first, ...given.keys()])) {
      const values = given.get(name);
      if (values === undefined) {
        throw new SchemaError(
          `Table.fromColumns: the schema names the column ${JSON.stringify(name)}, which is not given; there are ${listNames(given.keys())}.`,
          { details: { column: name, columns: [...given.keys()] } },
        );
      }
      made.set(name, columnOf(schema, name, values));
    }
    return new Table(made);
  }

  /** @internal Takes the map as it is: nobody changes it any more. */
  static over(columns: ReadonlyMap<string, Column>): Table {
    return new Table(columns);
  }

  /** A table of no rows with the columns of a schema. */
  static empty(schema: Schema): Table {
    return Table.fromRows([], schema);
  }

  /**
   * Joins tables of one schema end to end, in new memory. Without tables: no columns, no rows.
   *
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` when names, types or their order differ.
   */
  static concat(tables: readonly Table[]): Table {
    const [first] = tables;
    if (first === undefined) return new Table(new Map());
    tables.forEach((table, i) => {
      if (schemasEqual(table.schema, first.schema)) return;
      throw new SchemaError(
        `Table.concat: table ${i} must have the schema ${showSchema(first.schema)}, got ${showSchema(table.schema)}.`,
        { details: { table: i, expected: first.schema, got: table.schema } },
      );
    });
    const columns = first.columnNames.map((name): [string, Column] => [
      name,
      concatColumns(
        tables.map((table) => table.column(name)),
        name,
      ),
    ]);
    return new Table(new Map(columns));
  }

  /**
   * Makes a table of an Arrow table or record batch, over the same memory where the layouts agree.
   *
   * Zero-copy: Int32, Int64, Float32, Float64, Bool, Utf8, Timestamp, List of such, Dictionary with
   * Int32 codes, FixedSizeList of floats (a vector), and the struct that {@link toArrow} writes for
   * sparse vectors. Copied: other integers, Decimal, Date, LargeUtf8, Utf8View, and columns of
   * more than one chunk.
   *
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for an Arrow type that no column type holds.
   */
  static fromArrow(arrow: ArrowTableLike): Table {
    return new Table(columnsFromArrow(arrow));
  }

  /**
   * This table as a table of `apache-arrow`, over the same memory. The first call loads that
   * library (about a fifth of a second).
   *
   * Vectors become FixedSizeList, sparse vectors `Struct<size: Int32, indices: List<Int32>,
   * values: List<Float64>>` (the sizes are written, all else shares memory). Timestamps have no
   * time zone.
   *
   * @param arrow The library, for those who load its CommonJS copy: `require('apache-arrow')`.
   *   **Default:** the ES module.
   */
  toArrow(arrow?: ArrowLibrary): ArrowTable {
    return columnsToArrow(this.#columns, this.numRows, arrow);
  }

  /** The rows as objects. For small tables: loops over many rows should read columns. */
  toRows(): Row[] {
    return Array.from({ length: this.numRows }, (_, i) => this.row(i));
  }

  /** Row `i` as an object. */
  row(i: number): Row {
    return Object.fromEntries(Array.from(this.#columns, ([name, column]) => [name, column.get(i)]));
  }

  /** Tells whether there is a column of this name. */
  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /**
   * The column of a name.
   *
   * @param types The types it may have; without any, all are allowed. They give the result the
   *   type of their layouts: `table.column('x', 'vector').dim`.
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` when there is none, or of another type.
   */
  column(name: string): Column;
  column<T extends ColumnType>(name: string, ...types: readonly T[]): ColumnOf<T>;
  column(name: string, ...types: readonly ColumnType[]): Column {
    const column = this.#columns.get(name);
    if (column === undefined) {
      throw new SchemaError(
        `The table has no column ${JSON.stringify(name)}; it has ${listNames(this.columnNames)}.`,
        { details: { column: name, columns: this.columnNames } },
      );
    }
    if (types.length > 0 && !types.includes(column.type)) {
      throw new SchemaError(
        `column ${JSON.stringify(name)} must be ${orList(types)}, got ${column.type}.`,
        { details: { column: name, expected: types, got: column.type } },
      );
    }
    return column;
  }

  /** The columns of these names, in this order. */
  select(names: readonly string[]): Table {
    return new Table(new Map(names.map((name) => [name, this.column(name)])));
  }

  /** This table with a column more at the end, or with another one in the place of its name. */
  withColumn(name: string, values: ColumnValues, type?: ColumnType): Table {
    return this.withColumns({ [name]: values }, type === undefined ? {} : { [name]: type });
  }

  /**
   * This table with several columns added or replaced.
   *
   * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` when one has another length.
   */
  withColumns(columns: Readonly<Record<string, ColumnValues>>, schema: Schema = {}): Table {
    checkSchema('Table.withColumns', schema);
    const all = new Map(this.#columns);
    for (const [name, values] of Object.entries(columns)) {
      const column = columnOf(schema, name, values);
      if (this.#columns.size > 0 && column.length !== this.numRows) {
        throw new DimensionMismatchError(
          `column ${JSON.stringify(name)} has ${column.length} rows, expected ${this.numRows} as in the table.`,
          { details: { column: name, got: column.length, expected: this.numRows } },
        );
      }
      all.set(name, column);
    }
    return new Table(all);
  }

  /** Rows `start` to `end` (as in `Array.prototype.slice`) over the same memory. */
  slice(start = 0, end: number = this.numRows): Table {
    return new Table(
      new Map(Array.from(this.#columns, ([name, column]) => [name, column.slice(start, end)])),
    );
  }

  /**
   * The given rows, in the given order, in new memory. Rows may repeat.
   *
   * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` when there is no such row.
   */
  take(rows: Int32Array | readonly number[]): Table {
    const taken = rows instanceof Int32Array ? rows : Int32Array.from(rows);
    const stray = taken.findIndex((row, i) => row < 0 || row >= this.numRows || row !== rows[i]);
    if (stray >= 0) {
      throw new InvalidParamError(
        `Table.take: rows must be integers in [0, ${this.numRows}), got ${showValue(rows[stray])}.`,
        { details: { rows: this.numRows, got: rows[stray] } },
      );
    }
    return new Table(
      new Map(Array.from(this.#columns, ([name, column]) => [name, takeColumn(column, taken)])),
    );
  }

  /**
   * A table that describes this one, a row a column: `column`, `type`, `count` (values that are
   * neither null nor NaN), `nulls`, `nans`, `mean`, `std` (of a sample: divided by n - 1), `min`,
   * `q25`, `median`, `q75` (between the two nearest values in proportion), `max`, and of strings
   * `distinct`. What does not apply is null.
   *
   * Booleans count as 0 and 1, timestamps as milliseconds since 1970, int64 to the nearest double. Of
   * vectors and lists there are counts alone. It sorts a copy of every column, on the calling thread.
   *
   * @example
   * ```ts
   * const table = Table.fromColumns({ x: [1, 2, 4, null] });
   * const [x] = table.describe().toRows();
   * console.log(x?.count, x?.nulls, x?.median); // 3 1 2
   * ```
   */
  describe(): Table {
    const rows = this.columnNames.map((name) => describeColumn(name, this.column(name)));
    return Table.fromRows(rows, DESCRIPTION);
  }

  /**
   * The first rows as aligned text, for people: a line of names, one of types, then the rows, and
   * how many rows and columns there are. Numbers are rounded to six digits, long cells cut, columns
   * that do not fit left out and named.
   */
  toText(options?: TableTextOptions): string {
    return tableText(this, options);
  }

  /** Writes {@link toText} to the standard output, as wide as the terminal is. */
  print(options: TableTextOptions = {}): void {
    const width = options.width ?? process.stdout.columns ?? 100;
    process.stdout.write(`${this.toText({ ...options, width })}\n`);
  }

  /** One line for messages and debuggers: `Table(3 rows, { id: int64 })`. */
  toString(): string {
    return `Table(${this.numRows} rows, ${showSchema(this.schema)})`;
  }
}

const where = (name: string): string => `column ${JSON.stringify(name)}`;

function columnOf(schema: Schema, name: string, values: ColumnValues): Column {
  const type = typeOf(schema, name);
  // Most are columns already, which cannot fail and need no words for it.
  if (type === undefined && values instanceof BaseColumn) return values as Column;
  return columnFrom(values, type, where(name));
}

function differentLengths(columns: ReadonlyMap<string, Column>): DimensionMismatchError {
  const [[first, { length: expected }], ...rest] = [...columns] as [[string, Column]];
  const [name, { length: got }] = (rest as [string, Column][]).find(
    ([, column]) => column.length !== expected,
  )!;
  return new DimensionMismatchError(
    `${where(name)} has ${got} rows, expected ${expected} as in ${where(first)}.`,
    { details: { column: name, got, expected } },
  );
}

/** The type that a schema gives a column; names like `toString` must not reach the prototype. */
function typeOf(schema: Schema, name: string): ColumnType | undefined {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

function listNames(names: Iterable<string>): string {
  return [...names].map((name) => JSON.stringify(name)).join(', ') || 'no columns';
}
