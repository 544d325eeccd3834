// @timeout 240
/** Workers that run out of memory, and workers that are ended from outside, at any time. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointChannel } from '../../../src/core/diagnostics.js';
import { JavaRandom } from '../../../src/core/random.js';
import { Session } from '../../../src/engine/session.js';
import { assertSame, closeSessions, sessionOf, within } from '../support.js';
import { disturbed, listen, removeAll, scratch, triggers, undisturbed } from './disturbed.js';
import { GRAPHS, slowly } from './graphs.js';
import type { Place, PlannedFault } from './planned.js';
import { cluster } from './victim.js';

const root = scratch('memory');
const lent = fileURLToPath(new URL('../lent-worker.js', import.meta.url));
const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

/** Lends a session a pool of its own. */
async function withPool(
  threads: number,
  limits: object,
  use: (session: Session, pool: Piscina) => Promise<void>,
): Promise<void> {
  const pool = new Piscina({ filename: lent, minThreads: threads, maxThreads: threads, ...limits });
  const session = new Session({ threads, pool, inlineWork: 0 });
  try {
    await use(session, pool);
  } finally {
    await session.destroy();
    await pool.destroy();
  }
}

const PLACES: readonly (readonly [string, Place])[] = [
  ['stream', 'process'],
  ['sync', 'after snapshot'],
  ['keyed', 'open'],
  ['unbounded', 'process'],
  ['perRound', 'onEpochEnd'],
];

test('a worker that runs out of memory is replaced, and nothing changes', async () => {
  const limits = { resourceLimits: { maxOldGenerationSizeMb: 32 } };
  await withPool(2, limits, async (session) => {
    for (const [i, [graph, place]] of PLACES.entries()) {
      const fault: PlannedFault = {
        marker: join(root, `fault-${i}`),
        place,
        kind: 'memory',
        subtask: i % 3,
        after: 0,
        sinceEpoch: 0,
      };
      const build = GRAPHS[graph]!;
      const { result, log } = await disturbed(build, {
        session,
        folder: root,
        faults: [fault],
        checkpoint: { everyMs: 2, everyEpochs: 1 },
        numbers: slowly,
      });
      assertSame(result, await undisturbed(build), `${graph}, ${place}`);
      assert.is(log.restarts.length, 1, `${graph}, ${place}`);
      const { code, message } = log.restarts[0]!.error as Error & { code?: string };
      assert.is(code, 'ERR_GYRE_WORKER', message);
    }
  });
});

/**
 * Ends so many of the pool's threads, one now and then; what it returns stops that. Each time once a
 * checkpoint shows that all are at work: Node 20 itself aborts the process when a thread is ended in the
 * middle of loading its modules.
 */
function endThreads(pool: Piscina, random: JavaRandom, times: number, maxMs: number) {
  const controller = new AbortController();
  const { signal } = controller;
  const ending = (async () => {
    for (let i = 0; i < times; i++) {
      await checkpointTaken(signal);
      await sleep(random.nextInt(maxMs), undefined, { signal });
      const { threads } = pool;
      await threads[random.nextInt(threads.length)]?.terminate();
    }
  })().catch(() => {});
  // An idle thread does not keep the process until it has ended.
  const awake = setInterval(() => {}, 1000);
  return async () => {
    controller.abort();
    await ending;
    clearInterval(awake);
  };
}

/** Resolves with the next checkpoint of whichever job; rejects when it is given up. */
function checkpointTaken(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // An abort that has been, while a thread was being ended, is not announced again.
    signal.throwIfAborted();
    const done = (settle: () => void) => () => {
      checkpointChannel.unsubscribe(onCheckpoint);
      settle();
    };
    const onCheckpoint = done(resolve);
    checkpointChannel.subscribe(onCheckpoint);
    signal.addEventListener('abort', done(reject), { once: true });
  });
}

test('workers that are ended from outside at any time change nothing', async () => {
  await withPool(3, {}, async (session, pool) => {
    let restarts = 0;
    for (const [i, graph] of Object.keys(GRAPHS).entries()) {
      const seed = SEED + i;
      const random = new JavaRandom(seed);
      const build = GRAPHS[graph]!;
      const stop = endThreads(pool, random, 3, 30);
      try {
        const { result, log } = await disturbed(build, {
          session,
          folder: root,
          faults: [],
          checkpoint: { ...triggers(random), restarts: 100 },
          numbers: slowly,
        });
        assertSame(result, await undisturbed(build), `seed ${seed}: ${graph}`);
        restarts += log.restarts.length;
      } finally {
        await stop();
      }
    }
    assert.ok(restarts >= 3, `${restarts} restarts`);
  });
});

test('KMeans gives the same model when workers are ended while it is trained', async () => {
  const expected = await cluster(sessionOf(0));
  await withPool(2, {}, async (session, pool) => {
    const stop = endThreads(pool, new JavaRandom(SEED), 4, 100);
    const { log, stop: stopListening } = listen('KMeans.fit');
    const checkpoint = { folder: root, everyMs: 10, restarts: 100, backoffMs: 1 };
    assert.is(await within(60_000, cluster(session, checkpoint)), expected);
    await stop();
    stopListening();
    assert.ok(log.restarts.length > 0, 'it was disturbed');
  });
});

test('a training that is not disturbed is the same with checkpoints', async () => {
  const expected = await cluster(sessionOf(0));
  for (const threads of [0, 1, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    assert.is(await cluster(session, { folder: root, everyEpochs: 3 }), expected);
    await session.close();
  }
});

test.run();
