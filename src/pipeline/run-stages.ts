/** Transforms by several stages. Those that look at every row alone run as one job. */
import { abortError, DataError, InvalidParamError } from '../core/errors.js';
import { defaultSession } from '../engine/session.js';
import { addNewColumns, columnsReadByAny, newColumnsOf } from '../stage/new-columns.js';
import { type StageOptions, Transformer } from '../stage/stage.js';
import { takeSample, transformShards } from '../stage/transform-shards.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { nameOf, type Tables, type TransformingStage, transformWith } from './composite.js';

type RowWise = Transformer<unknown>;

const isRowWise = (stage: unknown): stage is RowWise =>
  stage instanceof Transformer && stage.isRowWise;

/** Hands the input from stage to stage. Without stages the output is the input. */
export async function runStages(
  who: string,
  stages: readonly TransformingStage[],
  input: Tables,
  options: StageOptions,
): Promise<Tables> {
  if (input instanceof TableStream) return streamThrough(who, stages, input, options);
  let running: Table | readonly Table[] = input;
  for (let i = 0; i < stages.length; ) {
    const run = rowWiseRun(stages, i);
    if (run.length > 1 && running instanceof Table) {
      running = await transformTogether(who, run, running, options);
      i += run.length;
    } else {
      const output = await transformWith(stages[i++]!, running, options);
      running = output as Table | readonly Table[];
    }
  }
  return running;
}

/**
 * The stream of the batches after all stages.
 *
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a stage that looks at whole tables.
 */
export function streamThrough(
  who: string,
  stages: readonly TransformingStage[],
  stream: TableStream,
  options: StageOptions,
): TableStream {
  const stray = stages.find((stage) => !(stage instanceof Transformer));
  if (stray !== undefined) {
    throw new InvalidParamError(
      `${who}: ${nameOf(stray)} looks at whole tables, got a TableStream; await stream.collect() ` +
        'makes a Table.',
      { details: { who, stage: nameOf(stray) } },
    );
  }
  let running = stream;
  for (let i = 0; i < stages.length; ) {
    const run = rowWiseRun(stages, i);
    if (run.length > 1) {
      running = running.map((batch) => transformTogether(who, run, batch, options));
      i += run.length;
    } else {
      running = (stages[i++] as RowWise).transform(running, options);
    }
  }
  return running;
}

/** The stages from `start` on that look at every row alone. */
function rowWiseRun(stages: readonly TransformingStage[], start: number): RowWise[] {
  const run: RowWise[] = [];
  for (let i = start; i < stages.length; i++) {
    const stage: unknown = stages[i];
    if (!isRowWise(stage)) break;
    run.push(stage);
  }
  return run;
}

/**
 * What the stages do one after the other, in one job: a worker applies all of them to its shard.
 *
 * Bad data shows itself wherever a worker finds it first, and rows are counted as they came: so that
 * an error is that of the first stage that minds, with the row of the table that it got, the stages
 * then run one by one.
 */
async function transformTogether(
  who: string,
  stages: readonly RowWise[],
  table: Table,
  options: StageOptions,
): Promise<Table> {
  if (options.signal?.aborted) throw abortError(who, options.signal);
  for (const stage of stages) await stage.ready();
  try {
    return await inOneJob(who, stages, table, options);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    let running = table;
    for (const stage of stages) running = await stage.transform(running, options);
    return running;
  }
}

async function inOneJob(
  who: string,
  stages: readonly RowWise[],
  table: Table,
  options: StageOptions,
): Promise<Table> {
  const session = options.session ?? defaultSession();
  const { kernels, arena } = session.inline;
  const scope = { kernels, arena, firstRow: 0 };
  const { made, work } = takeSample(stages, table, session);
  if (table.numRows === 0 || work < session.inlineWork) {
    return addNewColumns(table, newColumnsOf(stages, table, scope), columnsReadByAny(stages));
  }
  return transformShards(who, stages, table, work, options, made);
}
