/** Runs a transformer on the shards of a table: the stage is made anew on every worker. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Shard } from '../engine/shard.js';
import type { Column } from '../table/column.js';
import { type ColumnParts, columnFromParts, columnToParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import { addNewColumns, type NewColumns } from './new-columns.js';
import type { Transformer } from './stage.js';

/** A transformer as workers make it: its class, params and data as plain data. */
interface TransformerRef {
  readonly module: string;
  readonly name: string;
  readonly params: object;
  readonly data: readonly (readonly [string, ColumnParts])[] | null;
}

/** What a shard gives: its new columns, and which of its rows are kept, by their global index. */
interface ShardColumns {
  readonly index: number;
  readonly columns: Table;
  readonly kept: Int32Array | null;
}

interface TransformerClass {
  fromSaved(params: never, data: Table | null): Transformer<unknown>;
}

/** In: shards. Out: their new columns. */
export class TransformShards implements ProcessOperator<Shard, ShardColumns> {
  static readonly module: string = import.meta.url;
  readonly #ref: TransformerRef;
  #context!: OperatorContext;
  #stage!: Transformer<unknown>;

  constructor(ref: TransformerRef) {
    this.#ref = ref;
  }

  async open(context: OperatorContext): Promise<void> {
    const { module, name, params, data } = this.#ref;
    this.#context = context;
    const exports = (await import(module)) as Readonly<Record<string, TransformerClass>>;
    const table =
      data === null
        ? null
        : Table.fromColumns(
            new Map(data.map(([column, parts]) => [column, columnFromParts(parts)])),
          );
    this.#stage = exports[name]!.fromSaved(params as never, table);
  }

  process({ index, rowStart, table }: Shard, out: Collector<ShardColumns>): void {
    const { kernels, arena } = this.#context;
    const scope = { kernels, arena, firstRow: rowStart };
    const { columns, kept } = this.#stage.transformRows(table, scope);
    out.emit({
      index,
      columns: Table.fromColumns(columns),
      kept: kept?.map((row) => rowStart + row) ?? null,
    });
  }
}

/**
 * A table with a transformer's new columns, made on the workers.
 *
 * @param table What is transformed; only the columns that the stage reads go to the workers.
 * @param work Multiplications and additions, or bytes looked at, roughly.
 */
export async function transformShards(
  stage: Transformer<unknown>,
  data: Table | null,
  table: Table,
  work: number,
  options: RunOptions,
): Promise<Table> {
  const { className, module } = stage.stageClass;
  const ref: TransformerRef = {
    module,
    name: className,
    params: stage.params as object,
    data:
      data?.columnNames.map((name) => [name, columnToParts(data.column(name))] as const) ?? null,
  };
  const job = openJob(`${className}.transform`, work, options);
  const shards = job.table(table.select(stage.columnsRead)).process(TransformShards, ref);
  const parts = await shards.gather().output().toArray();
  parts.sort((a, b) => a.index - b.index);
  return addNewColumns(table, joined(parts));
}

function joined(parts: readonly ShardColumns[]): NewColumns {
  const table = Table.concat(parts.map(({ columns }) => columns));
  const columns: Record<string, Column> = {};
  for (const name of table.columnNames) columns[name] = table.column(name);
  if (parts.every(({ kept }) => kept === null)) return { columns };
  const kept = new Int32Array(table.numRows);
  let at = 0;
  for (const part of parts) {
    // All shards of a stage keep rows by name, or none does.
    kept.set(part.kept!, at);
    at += part.kept!.length;
  }
  return { columns, kept };
}
