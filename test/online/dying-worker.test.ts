// @timeout 120
/** Workers that die while a model learns. */
import { channel } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RestartEvent } from '../../src/core/diagnostics.js';
import { JavaRandom } from '../../src/core/random.js';
import { Session } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { removeAll, scratch } from '../engine/faults/disturbed.js';
import { within } from '../engine/support.js';
import { rejectsError } from '../table/expect-error.js';
import { Batches, digest, LEARNERS, type Learner, numberOf, streamOf } from './learners.js';

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const DEATHS = Number(process.env.GYRE_KILLS ?? 2);
const LIMIT_MS = 30_000;
const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const root = scratch('dying');
const lent = fileURLToPath(new URL('../engine/lent-worker.js', import.meta.url));
const pool = new Piscina({ filename: lent, minThreads: 2, maxThreads: 2 });
const session = new Session({ threads: 2, pool, inlineWork: 0 });
/** An idle thread does not keep the process while it is ended. */
const awake = setInterval(() => {}, 1000);
test.after(async () => {
  await session.destroy();
  await pool.destroy();
  clearInterval(awake);
  removeAll(root);
});

const restarts: RestartEvent[] = [];
channel('gyre:restart').subscribe((event) => restarts.push(event as RestartEvent));

/** Ends one of the workers. They are at work: Node 20 aborts when a thread dies while it loads modules. */
async function endWorker(random: JavaRandom): Promise<void> {
  const { threads } = pool;
  await threads[random.nextInt(threads.length)]?.terminate();
}

async function undisturbed(learner: Learner): Promise<string[]> {
  const inline = new Session({ threads: 0 });
  const source = new Batches(learner.batches);
  const model = await learner.fit(streamOf(learner, source), { session: inline });
  const versions: string[] = [];
  for await (const version of model.updates()) versions.push(digest(version));
  await inline.close();
  return versions;
}

/** The scaler learns on the calling thread, whatever the workers do. */
const onWorkers = (name: string): boolean => !name.startsWith('scaler');

for (const [name, learner] of Object.entries(LEARNERS)) {
  it(`${name}: workers that die change neither a version nor their order`, async () => {
    const random = new JavaRandom(SEED);
    const expected = await undisturbed(learner);
    const checkpoint = { folder: join(root, name), everyRows: 500, backoffMs: 1, restarts: 100 };
    const source = new Batches(learner.batches, [], 2);
    restarts.length = 0;
    const model = await learner.fit(streamOf(learner, source), { session, checkpoint });
    const died: number[] = [];
    const versions: string[] = [];
    let next = 1 + random.nextInt(3);
    const learn = async () => {
      for await (const version of model.updates()) {
        versions.push(digest(version));
        if (died.length === DEATHS || versions.length < next) continue;
        await endWorker(random);
        died.push(numberOf(version));
        next = versions.length + 1 + random.nextInt(Math.ceil(learner.versions / 4));
      }
      await model.completed();
    };
    await within(LIMIT_MS, learn());
    const why = `seed ${SEED}: workers died at the versions ${died}, ${restarts.length} restarts`;
    assert.is(died.length, DEATHS, why);
    assert.equal(versions, expected, why);
    assert.is(digest(model.modelData), expected.at(-1), why);
    const codes = restarts.map(({ error }) => (error as { code?: string }).code);
    if (!onWorkers(name)) assert.is(restarts.length, 0, why);
    else assert.ok(codes.length > 0 && codes.every((code) => code === 'ERR_GYRE_WORKER'), why);
  });
}

for (const [name, learner] of Object.entries(LEARNERS).filter(([name]) => onWorkers(name))) {
  it(`${name}: without checkpoints, the death of a worker is told to all who wait`, async () => {
    const random = new JavaRandom(SEED);
    // No more than some batches: the others never come.
    let given = 0;
    async function* endless() {
      for (; given < learner.batches.length / 2; given++) yield learner.batches[given]!;
      await new Promise(() => {});
    }
    const model = await learner.fit(streamOf(learner, endless()), { session });
    const updates = model.updates();
    await within<unknown>(LIMIT_MS, updates.next());
    const read = (async () => {
      while (!(await updates.next()).done);
    })();
    const completed = model.completed();
    await endWorker(random);
    const tells = (promise: Promise<unknown>) =>
      rejectsError(within<unknown>(LIMIT_MS, promise), 'ERR_GYRE_WORKER', /worker/i);
    await tells(completed);
    await tells(read);
    await tells(model.stop());
    await tells(model.snapshot());
    const rows = learner.batches[0]!.slice(0, 1);
    await tells(model.transform(rows));
    assert.ok(model.isComplete);
  });
}

test.run();
