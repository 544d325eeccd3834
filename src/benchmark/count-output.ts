/** Running a stage to the end of its output, of which the rows are counted. */
import { OnlineModel } from '../online/online-model.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { Estimator, type StageOptions, Transformer } from '../stage/stage.js';
import { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';
import type { BenchmarkStage } from './benchmark-stage.js';
import type { GeneratedRows } from './generated-rows.js';

/** Other stages that take a stream and keep none of it. */
const STREAMED: readonly string[] = [
  'OnlineKMeans',
  'OnlineLogisticRegression',
  'OnlineStandardScaler',
  'RandomSplitter',
  'SQLTransformer',
  'StringIndexer',
];

/** Any output of `transform`. */
type Output = Table | TableStream | readonly (Table | TableStream)[];

/**
 * Fits an estimator, and counts the rows of its model's data, of an online one the versions; or
 * transforms, and counts the rows of all outputs.
 *
 * The input is a stream where the stage takes one: it need not fit into memory.
 */
export async function countOutput(
  stage: BenchmarkStage,
  rows: GeneratedRows,
  options: StageOptions,
): Promise<number> {
  const isStreamed =
    stage instanceof Transformer ||
    stage instanceof OnePassEstimator ||
    STREAMED.includes(stage.stageClass.className);
  const input = isStreamed ? rows.stream() : rows.table();
  if (stage instanceof Estimator) {
    const model: unknown = await stage.fit(input as Table, options);
    if (model instanceof OnlineModel) return countVersions(model);
    return (model as { readonly dataTable: Table | null }).dataTable?.numRows ?? 0;
  }
  const output: Output = await (stage as { transform: Transform }).transform(input, options);
  const counts = [output].flat().map(countRows);
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

type Transform = (input: Table | TableStream, options: StageOptions) => Output | Promise<Output>;

async function countRows(output: Table | TableStream): Promise<number> {
  if (output instanceof Table) return output.numRows;
  let count = 0;
  for await (const { numRows } of output) count += numRows;
  return count;
}

/** To the end of learning. */
async function countVersions(model: OnlineModel<unknown, object>): Promise<number> {
  let count = 0;
  for await (const _ of model.updates()) count++;
  await model.completed();
  return count;
}
