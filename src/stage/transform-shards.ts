/** Runs transformers on the shards of a table: the stages are made anew on every worker. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import { defaultSession, type Session } from '../engine/session.js';
import type { Shard } from '../engine/shard.js';
import type { Column } from '../table/column.js';
import { type ColumnParts, columnFromParts, columnToParts, columnViews } from '../table/parts.js';
import { Table } from '../table/table.js';
import { addNewColumns, columnsReadByAny, type NewColumns, newColumnsOf } from './new-columns.js';
import {
  allocatePlaced,
  type Placement,
  place,
  placedColumn,
  placementOf,
} from './placed-columns.js';
import type { Transformer } from './stage.js';

/** A transformer as workers make it: its class, params and data as plain data. */
export interface TransformerRecipe {
  readonly module: string;
  readonly name: string;
  readonly params: object;
  readonly data: readonly (readonly [string, ColumnParts])[] | null;
}

/** What a shard gives beside the columns that it wrote in place. */
interface ShardColumns {
  readonly index: number;
  readonly rowStart: number;
  /** New columns, and those that could not be placed. */
  readonly columns: Table;
  /** Which of its rows are kept, by their index in the whole table; null: all. */
  readonly kept: Int32Array | null;
}

interface TransformShardsParams {
  readonly recipes: readonly TransformerRecipe[];
  /** Columns to be written in place, into the job's buffers of their names. */
  readonly placed: Readonly<Record<string, Placement>>;
}

interface TransformerClass {
  fromSaved(params: never, data: Table | null): Transformer<unknown>;
}

async function makeStage(recipe: TransformerRecipe): Promise<Transformer<unknown>> {
  const { module, name, params, data } = recipe;
  const exports = (await import(module)) as Readonly<Record<string, TransformerClass>>;
  const columns = data?.map(([column, parts]) => [column, columnFromParts(parts)] as const);
  const table = columns === undefined ? null : Table.fromColumns(new Map(columns));
  return exports[name]!.fromSaved(params as never, table);
}

/** In: shards. Out: the columns that all stages, one after the other, add. */
export class TransformShards implements ProcessOperator<Shard, ShardColumns> {
  static readonly module: string = import.meta.url;
  readonly #params: TransformShardsParams;
  #context!: OperatorContext;
  #stages!: readonly Transformer<unknown>[];

  constructor(params: TransformShardsParams) {
    this.#params = params;
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context;
    this.#stages = await Promise.all(this.#params.recipes.map(makeStage));
  }

  process({ index, rowStart, table }: Shard, out: Collector<ShardColumns>): void {
    const { kernels, arena, buffers } = this.#context;
    const scope = { kernels, arena, firstRow: rowStart };
    const { columns, kept } = newColumnsOf(this.#stages, table, scope);
    const rest = Object.entries(columns).filter(([name, column]) => {
      const placement = this.#params.placed[name];
      return placement === undefined || !place(column, placement, buffers[name]!, rowStart);
    });
    // On this thread a record is taken as it is, and the memory of a shard is soon another's.
    const own = rest.map(([name, column]) => [name, ownColumn(column, kernels.buffer)] as const);
    out.emit({
      index,
      rowStart,
      columns: Table.fromColumns(new Map(own)),
      kept: kept?.map((row) => rowStart + row) ?? null,
    });
  }
}

/** The column without views of that memory. */
function ownColumn(column: Column, memory: ArrayBufferLike): Column {
  const own = ({ arrays, child, ...rest }: ColumnParts): ColumnParts => ({
    ...rest,
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => {
        return [name, array.buffer === memory ? array.slice() : array];
      }),
    ),
    ...(child && { child: own(child) }),
  });
  if (!isWithin(columnViews(column), memory)) return column;
  return columnFromParts(own(columnToParts(column)));
}

function isWithin({ arrays, child }: ColumnParts, memory: ArrayBufferLike): boolean {
  if (Object.values(arrays).some(({ buffer }) => buffer === memory)) return true;
  return child !== undefined && isWithin(child, memory);
}

/** What stages make of a few rows: of which form their columns are, and what they cost. */
export interface Sample {
  readonly made: NewColumns;
  /** Of the whole table: multiplications and additions, or bytes looked at, roughly. */
  readonly work: number;
}

/** Rows of a sample. */
const SAMPLE_ROWS = 64;

/** Transforms the first rows on this thread, which finds columns that are missing or wrong, too. */
export function takeSample(
  stages: readonly Transformer<unknown>[],
  table: Table,
  { inline: { kernels, arena } }: Session,
): Sample {
  const rows = Math.min(table.numRows, SAMPLE_ROWS);
  const scope = { kernels, arena, firstRow: 0 };
  // Copies: the cost of a slice of strings would be that of all the bytes that it lies in.
  const sample = table.take(Int32Array.from({ length: rows }, (_, i) => i));
  let running = sample;
  let work = 0;
  for (const stage of stages) {
    work += stage.estimateWork(running);
    const made = stage.transformRows(running, scope);
    running = addNewColumns(running, made, stage.columnsRead);
  }
  return { made: newColumnsOf(stages, sample, scope), work: (work * table.numRows) / (rows || 1) };
}

/**
 * A table with the new columns of transformers, made on the workers in one job.
 *
 * @param table What is transformed; only the columns that the stages read go to the workers.
 * @param work Multiplications and additions, or bytes looked at, roughly.
 * @param made What the stages make of some rows, where that is known.
 */
export async function transformShards(
  who: string,
  stages: readonly Transformer<unknown>[],
  table: Table,
  work: number,
  options: RunOptions,
  made?: NewColumns,
): Promise<Table> {
  const job = openJob(who, work, options);
  const forms = made ?? takeSample(stages, table, options.session ?? defaultSession()).made;
  const placed = placementsOf(forms);
  const buffers = new Map<string, SharedArrayBuffer>();
  for (const [name, placement] of Object.entries(placed)) {
    const buffer = allocatePlaced(placement, table.numRows);
    buffers.set(name, buffer);
    job.buffer(name, buffer);
  }
  const recipes = stages.map(({ recipe }) => recipe);
  const params: TransformShardsParams = { recipes, placed };
  const read = columnsReadBy(stages, table);
  const shards = job.table(read, { passing: true }).process(TransformShards, params);
  const parts = await shards.gather().output().toArray();
  parts.sort((a, b) => a.index - b.index);
  const columns: Record<string, Column> = {};
  for (const name of Object.keys(forms.columns)) {
    const placement = placed[name];
    const whole = placement && placedColumn(placement, buffers.get(name)!, table.numRows);
    columns[name] = joined(name, parts, whole);
  }
  const kept = keptOf(parts);
  const all = kept === null ? { columns } : { columns, kept };
  return addNewColumns(table, all, columnsReadByAny(stages));
}

/** Columns that can be written in place: of rows of one width, when no row is dropped. */
function placementsOf({ columns, kept }: NewColumns): Record<string, Placement> {
  const placed: Record<string, Placement> = {};
  if (kept !== undefined) return placed;
  for (const [name, column] of Object.entries(columns)) {
    const placement = placementOf(column);
    if (placement !== null) placed[name] = placement;
  }
  return placed;
}

/** The columns that stages read of their input; what a later one reads may be made on the way. */
function columnsReadBy(stages: readonly Transformer<unknown>[], table: Table): Table {
  const [first, ...later] = stages;
  const names = new Set(first!.columnsRead);
  for (const { columnsRead } of later) {
    for (const name of columnsRead) if (table.has(name)) names.add(name);
  }
  return table.select([...names]);
}

/** A column of all shards: `whole` has the rows that were written in place. */
function joined(name: string, parts: readonly ShardColumns[], whole: Column | undefined): Column {
  if (whole !== undefined && !parts.some(({ columns }) => columns.has(name))) return whole;
  return Table.concat(
    parts.map(({ columns, rowStart }, i) => {
      if (columns.has(name)) return columns.select([name]);
      const column = whole!.slice(rowStart, parts[i + 1]?.rowStart ?? whole!.length);
      return Table.fromColumns({ [name]: column as Column });
    }),
  ).column(name);
}

/** All shards of a stage keep rows by name, or none does. */
function keptOf(parts: readonly ShardColumns[]): Int32Array | null {
  if (parts.every(({ kept }) => kept === null)) return null;
  const kept = new Int32Array(parts.reduce((rows, part) => rows + part.kept!.length, 0));
  let at = 0;
  for (const part of parts) {
    kept.set(part.kept!, at);
    at += part.kept!.length;
  }
  return kept;
}
