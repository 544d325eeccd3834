// @timeout 120
/** Online models that go on where they were: after a failure, and in another process. */
import { channel } from 'node:diagnostics_channel';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RestartEvent } from '../../src/core/diagnostics.js';
import { JavaRandom } from '../../src/core/random.js';
import type { CheckpointOptions } from '../../src/engine/checkpoint/options.js';
import { OnlineLogisticRegression, Session, TableStream } from '../../src/index.js';
import type { Table } from '../../src/table/table.js';
import { readable } from '../conformance/readable.js';
import { removeAll, scratch } from '../engine/faults/disturbed.js';
import { rejectsError } from '../table/expect-error.js';
import { Batches, digest, LEARNERS, type Learner, numberOf, streamOf } from './learners.js';
import { type Ended, runVictim } from './run-victim.js';

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const KILLS = Number(process.env.GYRE_KILLS ?? 3);
const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const root = scratch('resume');
const sessions = [0, 2].map((threads) => new Session({ threads }));
test.after(async () => {
  for (const session of sessions) await session.close();
  removeAll(root);
});

/** Checkpoints that jobs went on from. */
const restarts: (number | null)[] = [];
channel('gyre:restart').subscribe((event) => restarts.push((event as RestartEvent).checkpoint));

async function versionsOf(
  learner: Learner,
  source: AsyncIterable<Table>,
  options: Parameters<Learner['fit']>[1],
): Promise<string[]> {
  const model = await learner.fit(streamOf(learner, source), options);
  const versions: string[] = [];
  for await (const version of model.updates()) versions.push(digest(version));
  versions.push(digest(model.modelData));
  return versions;
}

for (const [name, learner] of Object.entries(LEARNERS)) {
  it(`${name}: failures change neither a version nor their order`, async () => {
    const random = new JavaRandom(SEED);
    const expected = await versionsOf(learner, new Batches(learner.batches), {
      session: sessions[0]!,
    });
    assert.is(expected.length, learner.versions + 1);
    restarts.length = 0;
    for (const session of sessions) {
      const failures = Array.from({ length: 3 }, () => random.nextInt(learner.batches.length));
      const folder = join(root, `${name} ${session.threads}`);
      const source = new Batches(learner.batches, failures, 1);
      const checkpoint = { folder, everyRows: 300 + random.nextInt(2000), backoffMs: 1 };
      const versions = await versionsOf(learner, source, { session, checkpoint });
      assert.equal(versions, expected, `seed ${SEED}: ${failures} on ${session.threads} workers`);
    }
    assert.ok(
      restarts.some((checkpoint) => checkpoint !== null),
      `seed ${SEED}: ${restarts}`,
    );
  });
}

it('predictions made before learning come once each, through failures', async () => {
  const { batches } = LEARNERS['logistic regression']!;
  const predicted = async (failures: readonly number[], checkpoint: CheckpointOptions | null) => {
    const estimator = new OnlineLogisticRegression({ globalBatchSize: 100 });
    const stream = TableStream.from(new Batches(batches, failures));
    const options = { session: sessions[1]!, prequential: true, checkpoint };
    const rows: number[] = [];
    const progress: number[] = [];
    const onProgress = ({ rows: read }: { readonly rows: number }) => progress.push(read);
    const model = await estimator.fit(stream, { ...options, onProgress });
    for await (const { modelVersion, probabilities } of model.predictions()) {
      rows.push(modelVersion, ...probabilities);
    }
    await model.completed();
    assert.is(progress.at(-1), 6000);
    return rows;
  };
  const expected = await predicted([], null);
  assert.is(expected.length, 6000 + 60);
  const folder = join(root, 'predictions');
  const got = await predicted([9, 20, 33], { folder, everyRows: 700, backoffMs: 1 });
  assert.equal(got, expected);
});

it('a snapshot that is asked for while the source fails is given after it', async () => {
  const learner = LEARNERS['logistic regression']!;
  const source = new Batches(learner.batches, [12], 3);
  const checkpoint = { folder: join(root, 'snapshots'), everyRows: 500, backoffMs: 50 };
  const stream = streamOf(learner, source);
  const model = await learner.fit(stream, { session: sessions[1]!, checkpoint });
  const numbers: number[] = [];
  for (;;) {
    const number = numberOf(await model.snapshot());
    numbers.push(number);
    if (number === learner.versions) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal(
    numbers,
    [...numbers].sort((a, b) => a - b),
  );
  assert.ok(numbers.length > 3, numbers.join());
});

it('a stream that cannot begin again takes no checkpoints, and says so when asked', async () => {
  async function* once() {
    yield* LEARNERS['scaler by count']!.batches;
  }
  const folder = join(root, 'once');
  for (const learner of Object.values(LEARNERS)) {
    const fitting = learner.fit(streamOf(learner, once()), {
      checkpoint: { folder, everyRows: 10 },
    });
    await rejectsError(fitting, 'ERR_GYRE_CHECKPOINT', /stream cannot begin again/);
  }
  // Those of the session are for streams that can.
  const session = new Session({ threads: 0, checkpoint: { folder, everyRows: 10 } });
  const model = await LEARNERS['scaler by count']!.fit(TableStream.from(once()), { session });
  await model.completed();
  assert.is(numberOf(model.modelData), 59);
  await session.close();
});

it('a model that was stopped keeps what it had learned through a failure', async () => {
  const learner = LEARNERS['logistic regression']!;
  const [session] = sessions as [Session];
  const versions = await versionsOf(learner, new Batches(learner.batches), { session });
  const source = new Batches(learner.batches);
  const checkpoint = { folder: join(root, 'stopped'), everyRows: 1000, backoffMs: 1 };
  const model = await learner.fit(streamOf(learner, source), { session, checkpoint });
  for await (const { modelVersion } of model.updates() as AsyncIterable<{ modelVersion: number }>) {
    if (modelVersion >= 20) break;
  }
  await model.stop();
  assert.ok(model.version >= 20 && model.version < 60, String(model.version));
  assert.is(digest(model.modelData), versions[model.version - 1]);
});

for (const [name, learner] of Object.entries(LEARNERS)) {
  it(`${name}: another process has the model of a checkpoint, whatever rows are left`, async () => {
    const [session] = sessions as [Session];
    // Rows that are left make no version: what the checkpoint has is all that there will be.
    const batches = [...learner.batches, learner.batches[0]!.slice(0, 30)];
    const expected = await versionsOf(learner, new Batches(batches), { session });
    const copies: string[] = [];
    const folder = join(root, `${name}, left`);
    const keepCopy = () => {
      copies.push(`${folder} ${copies.length}`);
      cpSync(folder, copies.at(-1)!, { recursive: true });
    };
    channel('gyre:checkpoint').subscribe(keepCopy);
    const checkpoint = { folder, everyRows: 10 };
    await versionsOf(learner, new Batches(batches, [], 2), { session, checkpoint });
    channel('gyre:checkpoint').unsubscribe(keepCopy);
    const random = new JavaRandom(SEED + 2);
    const places = new Set([0, random.nextInt(copies.length), copies.length - 1]);
    for (const place of places) {
      const resumed = { folder: copies[place]!, resume: true };
      const source = new Batches(batches);
      const versions = await versionsOf(learner, source, { session, checkpoint: resumed });
      const why = `seed ${SEED}: checkpoint ${place} of ${copies.length}`;
      assert.equal(versions, expected.slice(expected.length - versions.length), why);
    }
  });
}

for (const name of ['logistic regression', 'scaler by event time', 'k-means from a model']) {
  it(`${name}: a process that is killed goes on in another one, to the same bits`, async () => {
    const learner = LEARNERS[name]!;
    const expected = await versionsOf(learner, new Batches(learner.batches), {
      session: sessions[0]!,
    });
    // Versions of the scaler are counted from 0, those of others from 1.
    const first = Number(expected[0]!.split(' ')[0]);
    const random = new JavaRandom(SEED + 1);
    const folder = join(root, `${name}, killed`);
    let ended: Ended;
    let killed = 0;
    let latest = first - 1;
    do {
      // A process of its own for each: on 2 workers and on none in turn.
      const threads = killed % 2 === 0 ? 2 : 0;
      const kill = killed < KILLS ? 1 + random.nextInt(15) : null;
      ended = await runVictim([name, folder, String(threads)], kill);
      const why = `seed ${SEED}, start ${killed}, killed ${kill} versions later`;
      const numbers = ended.versions.map(({ number }) => number);
      for (const { number, text } of ended.versions) {
        assert.is(text, expected[number - first], why);
      }
      // Some come again: those since the last checkpoint. None is left out.
      assert.ok(numbers.length === 0 || numbers[0]! <= latest + 1, `${why}: ${numbers[0]}`);
      for (let i = 1; i < numbers.length; i++) assert.is(numbers[i], numbers[i - 1]! + 1, why);
      latest = Math.max(latest, ...numbers);
      if (ended.killed) killed++;
    } while (ended.killed);
    assert.is(killed, KILLS);
    assert.is(ended.final, expected.at(-1));
  });
}

test.run();
