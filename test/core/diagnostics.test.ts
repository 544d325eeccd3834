import diagnostics from 'node:diagnostics_channel';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Session } from '../../src/engine/session.js';
import {
  type JobEvent,
  KMeans,
  type LearnEvent,
  OnlineLogisticRegression,
  type RoundEvent,
  Table,
} from '../../src/index.js';

const test = suite('diagnostics');

const points = Table.fromColumns(
  { features: Array.from({ length: 8 }, (_, i) => [i, i % 2]), label: [0, 1, 0, 1, 0, 1, 0, 1] },
  { features: 'vector' },
);

/** The messages of a channel while `call` runs. */
async function published<T>(name: string, call: () => Promise<unknown>): Promise<T[]> {
  const messages: T[] = [];
  const listen = (message: unknown) => messages.push(message as T);
  diagnostics.subscribe(name, listen);
  try {
    await call();
  } finally {
    diagnostics.unsubscribe(name, listen);
  }
  return messages;
}

test('each round of a training is published with its epoch and metrics', async () => {
  const rounds = await published<RoundEvent>('gyre:train:round', () =>
    new KMeans({ k: 2, maxIter: 3 }).fit(points),
  );
  assert.equal(
    rounds.map(({ job, epoch }) => [job, epoch]),
    [
      ['KMeans.fit', 0],
      ['KMeans.fit', 1],
      ['KMeans.fit', 2],
    ],
  );
  assert.ok(rounds.every(({ metrics }) => Number.isFinite(metrics.cost)));
});

test('an online learner publishes its version, rows and loss', async () => {
  const events = await published<LearnEvent>('gyre:learn:progress', async () => {
    const session = new Session({ threads: 0 });
    await new OnlineLogisticRegression({ globalBatchSize: 4 }).fit(points, { session });
    await session.close();
  });
  const last = events.at(-1)!;
  assert.is(last.modelVersion, 2);
  assert.is(last.rows, 8);
  assert.ok(last.loss > 0);
});

test('a job that fails publishes its error, also when nobody awaits it', async () => {
  const session = new Session({ threads: 0 });
  const failed = new Error('no good');
  const events = await published<JobEvent>('tracing:gyre:job:error', async () => {
    const job = session.job('failing');
    const output = job
      .of([1])
      .map(() => {
        throw failed;
      })
      .output();
    await output.toArray().catch(() => {});
    await session.close();
  });
  assert.is(events.length, 1);
  assert.is(events[0]!.job, 'failing');
  assert.is((events[0]!.error as Error).cause, failed);
});

test('the start and the end of a job are published once each', async () => {
  const session = new Session({ threads: 0 });
  const run = () => session.job('short').of([1]).output().toArray();
  const starts = await published<JobEvent>('tracing:gyre:job:start', run);
  const ends = await published<JobEvent>('tracing:gyre:job:asyncEnd', run);
  await session.close();
  assert.equal(
    [starts, ends].map((events) => events.map(({ job, threads }) => [job, threads])),
    [[['short', 0]], [['short', 0]]],
  );
});

test.run();
