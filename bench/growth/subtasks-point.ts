/** Measures a pass over a table with any number of subtasks. */
import { AggregateShards } from '../../src/algorithm/aggregate.js';
import { Session, type Table } from '../../src/index.js';
import { answer, type Measured, measure } from './ask.js';
import { FITS, inputOf } from './fits.js';

export interface SubtasksPoint {
  readonly subtasks: number;
  readonly threads: number;
  readonly rows: number;
  readonly features: number;
  readonly seconds: number;
}

await answer(async (point: SubtasksPoint): Promise<Measured> => {
  const { subtasks, threads, rows, features, seconds } = point;
  await using session = new Session({ threads });
  const table = (inputOf(FITS.StandardScaler!, rows, features) as Table).select(['features']);
  const ref = {
    module: new URL('../../src/feature/standard-scaler-aggregation.js', import.meta.url).href,
    name: 'standardScalerAggregation',
    params: { inputCol: 'features' },
  };
  const pass = (): Promise<unknown> => {
    const job = session.job('growth', { parallelism: subtasks });
    const shards = job.table(table, { passing: true });
    return shards.process(AggregateShards, ref).gather().output().toArray();
  };
  await pass();
  return await measure(pass, seconds);
});
