/** Stages that make one column of vectors, row by row. */
import { mapRows, type RowMapping } from '../algorithm/map-rows.js';
import { InternalError } from '../core/errors.js';
import { entriesColumn, storedEntries } from '../stage/features.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { type StageOptions, Transformer } from '../stage/stage.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { Table } from '../table/table.js';

/** How the rows of a table become dense vectors of one size. */
export interface DenseRows {
  /** Entries of each vector. */
  readonly dim: number;
  /** The rows that have a vector; null: all. */
  readonly validity: Uint8Array | null;
  /** Writes the vectors of all rows, `dim` entries a row, to an array of zeros in any memory. */
  write(out: Float64Array, scope: RowScope): void;
}

/**
 * A transformer of numbers and vectors to one column of vectors. Dense ones are written by the
 * workers straight into the new column; all else travels as any new column does.
 */
export abstract class VectorTransformer<
  V extends { readonly outputCol: string },
> extends Transformer<V> {
  /**
   * @internal How the vectors are made, the columns checked; null when they are not dense, or rows
   * may be dropped. Which of the two depends on params and column types alone.
   */
  abstract denseRows(table: Table): DenseRows | null;

  /** The new columns where {@link denseRows} is null. */
  protected otherRows(_table: Table, _scope: RowScope): NewColumns {
    throw new InternalError(`${this.stageClass.className}: its vectors are always dense.`);
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const rows = this.denseRows(table);
    if (rows === null) return this.otherRows(table, scope);
    const values = new Float64Array(table.numRows * rows.dim);
    rows.write(values, scope);
    return { columns: { [this.params.outputCol]: denseColumn(rows, values, table) } };
  }

  protected override workOf(table: Table): number {
    const rows = this.denseRows(table);
    const { className } = this.stageClass;
    let entries = rows === null ? 0 : table.numRows * rows.dim;
    for (const name of this.columnsRead) {
      entries += storedEntries(entriesColumn(className, table, name));
    }
    return entries;
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const rows = this.denseRows(table);
    if (rows === null) return super.transformOnWorkers(table, options);
    const { className, module } = this.stageClass;
    const ref = {
      module: import.meta.url,
      name: 'denseRowsMapping',
      params: { module, name: className, params: this.params as object },
    };
    const read = table.select(this.columnsRead);
    const outputs = { vectors: { type: 'float64', width: rows.dim } } as const;
    const work = this.workOf(table);
    const mapped = await mapRows(`${className}.transform`, ref, read, outputs, work, options);
    return addNewColumns(
      table,
      {
        columns: { [this.params.outputCol]: denseColumn(rows, mapped.vectors, table) },
      },
      this.columnsRead,
    );
  }
}

function denseColumn(
  { dim, validity }: DenseRows,
  values: Float64Array,
  { numRows }: Table,
): DenseVectorColumn {
  return new DenseVectorColumn(values, dim, numRows, validity);
}

/** Where workers find the stage. */
interface StageRef {
  readonly module: string;
  readonly name: string;
  readonly params: object;
}

interface VectorTransformerClass {
  fromSaved(params: never): VectorTransformer<{ readonly outputCol: string }>;
}

/** Rows to the output `vectors`, by the stage made anew. */
export async function denseRowsMapping({ module, name, params }: StageRef): Promise<RowMapping> {
  const exports = (await import(module)) as Readonly<Record<string, VectorTransformerClass>>;
  const stage = exports[name]!.fromSaved(params as never);
  return {
    apply({ table, rowStart }, { vectors }, scope) {
      const rows = stage.denseRows(table)!;
      rows.write(vectors as Float64Array, { ...scope, firstRow: rowStart });
    },
  };
}
