/** What a job with checkpoints promises: to its readers, to its caller, and after a failure. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointOptions } from '../../../src/engine/checkpoint/options.js';
import type { Job, JobOptions } from '../../../src/engine/job.js';
import { Session } from '../../../src/engine/session.js';
import { type Log, listen, removeAll, scratch } from '../faults/disturbed.js';
import { Steps } from '../faults/steps.js';
import { Add, Forward, Misbehave } from '../operators.js';
import {
  assertSame,
  closeSessions,
  range,
  rejects,
  sessionOf,
  throws,
  within,
} from '../support.js';
import { CountSnapshots, FailOnce, SlowToOpen, SumAtEnd } from './fault-operators.js';

const root = scratch('recovery');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

const CHECKPOINT = 'ERR_GYRE_CHECKPOINT';
let names = 0;

/** A job with a name and a folder of its own. */
function newJob(
  threads: number,
  checkpoint: Partial<CheckpointOptions> = {},
  options: JobOptions = {},
): { readonly job: Job; readonly folder: string } {
  const name = `recovery-${names++}`;
  const job = sessionOf(threads).job(name, {
    ...options,
    checkpoint: { folder: root, backoffMs: 1, ...checkpoint },
  });
  return { job, folder: join(root, `job-${name}`) };
}

const marker = (): string => join(root, `marker-${names++}`);

/** Runs something and returns what it said meanwhile. */
async function logOf(job: Job, run: () => Promise<void>): Promise<Log> {
  const { log, stop } = listen(job.name);
  try {
    await within(30_000, run());
  } finally {
    stop();
  }
  return log;
}

for (const threads of [0, 2]) {
  const on = `${threads} threads`;

  test(`a job that fails goes on from its last checkpoint on ${on}`, async () => {
    const { job } = newJob(threads);
    const source = new Steps(100, async (i) => {
      if (i === 40) await job.checkpoint();
    });
    const fault = { marker: marker(), at: 60, fault: 'throw' as const };
    const values = job.from(source).process(FailOnce, fault);
    const sum = values.map(Add, 0).process(SumAtEnd);
    let seen: number[] = [];
    const log = await logOf(job, async () => {
      const [all, last] = await Promise.all([values.output().toArray(), sum.output().last()]);
      assert.is(last, 4950);
      seen = all as number[];
    });
    assertSame(seen, range(100));
    assertSame(
      log.restarts.map(({ attempt, checkpoint }) => [attempt, checkpoint]),
      [[1, 1]],
    );
    assert.match((log.restarts[0]!.error as Error).message, /^FailOnce .* threw: planned fault$/);
    const [{ id, bytes, durationMs, pauseMs }] = log.checkpoints as [(typeof log.checkpoints)[0]];
    assert.is(id, 1);
    assert.ok(bytes > 0 && durationMs >= pauseMs && pauseMs >= 0);
  });

  test(`a reader gets a record once, when a checkpoint covers it, on ${on}`, async () => {
    const { job } = newJob(threads);
    const seen: number[] = [];
    const seenAt: number[] = [];
    const source = new Steps(30, async (i) => {
      if (i % 10 !== 5) return;
      await sleep(20);
      seenAt.push(seen.length);
      await job.checkpoint();
    });
    const fault = { marker: marker(), at: 18, fault: 'throw' as const };
    const values = job.from(source).process(FailOnce, fault);
    const log = await logOf(job, async () => {
      for await (const value of values.output()) seen.push(value as number);
    });
    assertSame(seen, range(30));
    assert.is(seenAt[0], 0, 'nothing comes before a checkpoint covers it');
    assert.ok(seenAt.at(-1)! >= 10, `records come before the end: ${seenAt}`);
    assert.is(log.restarts.length, 1);
  });

  test(`a state is asked for once before the first checkpoint, to learn its size, on ${on}`, async () => {
    const { job } = newJob(threads);
    const source = new Steps(30, async (i) => {
      if (i % 10 === 5) await job.checkpoint();
    });
    const asked = job.from(source).process(CountSnapshots).output().last();
    const log = await logOf(job, async () => assert.is(await asked, 1 + 3));
    assert.is(log.checkpoints.length, 3);
    for (const { bytes } of log.checkpoints) assert.ok(bytes > 1 << 22);
  });

  test(`a complete job leaves no checkpoint behind on ${on}`, async () => {
    const { job, folder } = newJob(threads);
    const source = new Steps(10, async (i) => {
      if (i !== 5) return;
      await job.checkpoint();
      assertSame(readdirSync(folder), ['checkpoint-1']);
    });
    assertSame(await job.from(source).map(Add, 1).output().toArray(), range(11).slice(1));
    assertSame(readdirSync(folder), []);
  });

  test(`a job that failed for good leaves its checkpoints, and resumes from them, on ${on}`, async () => {
    const options: Partial<CheckpointOptions> = { restarts: 0 };
    const { job, folder } = newJob(threads, options);
    const build = (of: Job, gate: (i: number) => Promise<void>, at: number) =>
      of
        .from(new Steps(100, gate))
        .process(FailOnce, { marker: marker(), at, fault: 'throw' as const })
        .map(Add as never, 0)
        .process(SumAtEnd)
        .output()
        .last();
    const first = build(job, async (i) => void (i === 40 && (await job.checkpoint())), 60);
    const error = await rejects(within(10_000, first), 'ERR_GYRE_OPERATOR', /planned fault$/);
    assert.match(error.cause?.stack ?? '', /fault-operators/);
    assert.ok(existsSync(folder) && readdirSync(folder).length === 1);
    const from: number[] = [];
    const again = sessionOf(threads === 0 ? 2 : 0).job(job.name, {
      checkpoint: { folder: root, resume: true },
    });
    const sum = build(again, async (i) => void from.push(i), -1);
    assert.is(await within(10_000, sum), 4950);
    assert.ok(from[0]! >= 30 && from[0]! <= 40, `it reads on at ${from[0]}`);
    assertSame(readdirSync(folder), []);
  });

  test(`restarts are counted, and the last failure reaches every reader, on ${on}`, async () => {
    const { job } = newJob(threads, { restarts: 2 });
    const values = job.of(range(10)).map(Add, 1);
    const failing = values.process(Misbehave, 'onInputEnd').gather();
    const log = await logOf(job, async () => {
      const reading = [values.output().toArray(), failing.output().toArray(), job.run()];
      for (const result of await Promise.allSettled(reading)) {
        assert.is(result.status, 'rejected');
        const { reason } = result as PromiseRejectedResult;
        await rejects(Promise.reject(reason), 'ERR_GYRE_OPERATOR', /threw: onInputEnd$/);
      }
    });
    assertSame(
      log.restarts.map(({ attempt, checkpoint }) => [attempt, checkpoint]),
      [
        [1, null],
        [2, null],
      ],
    );
  });

  test(`errors that come again are not tried again on ${on}`, async () => {
    const { job } = newJob(threads);
    const log = await logOf(job, async () => {
      const out = job
        .of([1])
        .process(Misbehave, threads === 0 ? 'constructor' : 'symbol')
        .output();
      if (threads === 0) await rejects(out.toArray(), 'ERR_GYRE_OPERATOR', /constructor/);
      else await rejects(out.toArray(), 'ERR_GYRE_PLAN', /plain data/);
    });
    assert.is(log.restarts.length, threads === 0 ? 3 : 0);
  });

  test(`a source that cannot begin again is refused, before it is read, on ${on}`, async () => {
    let read = 0;
    function* generator() {
      read++;
      yield 1;
    }
    const asynchronous = {
      async *[Symbol.asyncIterator]() {
        read++;
        yield 1;
      },
    };
    for (const source of [generator(), asynchronous]) {
      const { job } = newJob(threads);
      const out = job.from<number>(source).map(Add, 1).output();
      await rejects(within(5000, out.toArray()), CHECKPOINT, /source \d+ cannot begin again.*seek/);
    }
    assert.is(read, 0);
    const without = sessionOf(threads).job('without', { checkpoint: null });
    assertSame(await without.from(generator()).map(Add, 1).output().toArray(), [2]);
  });

  test(`a source that is still being read when the job restarts loses nothing on ${on}`, async () => {
    const { job } = newJob(threads, { backoffMs: 0 });
    const source = new Steps(12, () => sleep(15));
    const fault = { marker: marker(), at: 4, fault: 'throw' as const };
    const values = job.from(source).process(FailOnce, fault).output().toArray();
    assertSame(await within(10_000, values), range(12));
  });

  test(`a source that fails is read again from where the job goes on, on ${on}`, async () => {
    const { job } = newJob(threads);
    const failed = new Set<number>();
    const source = new Steps(60, async (i) => {
      if (i === 20) await job.checkpoint();
      if ((i !== 5 && i !== 40) || failed.has(i)) return;
      failed.add(i);
      throw Object.assign(new Error('connection reset'), { code: 'ECONNRESET' });
    });
    const log = await logOf(job, async () => {
      assertSame(await job.from(source).map(Add, 0).output().toArray(), range(60));
    });
    assertSame(
      log.restarts.map(({ checkpoint }) => checkpoint),
      [null, 1],
    );
    assert.match((log.restarts[0]!.error as Error).message, /source threw: connection reset$/);
  });

  test(`a checkpoint that is asked for while threads start and operators open is taken on ${on}`, async () => {
    const session = new Session({ threads });
    const checkpoint = { folder: root, everyMs: 1 };
    const job = session.job(`recovery-${names++}`, { checkpoint });
    const source = new Steps(150, () => sleep(5));
    const log = await logOf(job, async () => {
      const out = job.from(source).process(SlowToOpen, 50).output().toArray();
      assertSame(await out, range(150));
    });
    await session.close();
    assert.ok(log.checkpoints.length >= 5, `${log.checkpoints.length} checkpoints`);
    assertSame(log.warnings, []);
  });

  test(`checkpoint() joins the one that is taken, and is refused when the job is over, on ${on}`, async () => {
    const { job } = newJob(threads);
    await rejects(job.checkpoint(), 'ERR_GYRE_PLAN', /needs a running job/);
    let ids: number[] = [];
    const source = new Steps(10, async (i) => {
      if (i === 5) ids = await Promise.all([job.checkpoint(), job.checkpoint()]);
      if (i === 7) ids.push(await job.checkpoint());
    });
    await within(10_000, job.from(source).map(Add, 1).output().toArray());
    assertSame(ids, [1, 1, 2]);
    await within(5000, job.run());
    await rejects(within(1000, job.checkpoint()), CHECKPOINT, /the job is over/);
  });

  test(`checkpoint() in the turn that starts the job is taken on ${on}`, async () => {
    const { job } = newJob(threads);
    const reading = job
      .from(new Steps(10, () => sleep(5)))
      .map(Add, 1)
      .output()
      .toArray();
    assert.is(await within(10_000, job.checkpoint()), 1);
    assertSame(
      await reading,
      range(10).map((i) => i + 1),
    );
  });

  test(`checkpoint() while the job waits to begin again is taken when it has, on ${on}`, async () => {
    const { job } = newJob(threads, { backoffMs: 100 });
    const fault = { marker: marker(), at: 3, fault: 'throw' as const };
    const source = new Steps(10, async (i) => void (i === 8 && (await sleep(200))));
    const out = job.from(source).process(FailOnce, fault).output().toArray();
    await sleep(60);
    const between = job.checkpoint();
    assertSame(await within(10_000, out), range(10));
    assert.is(await within(1000, between), 1);
  });

  for (const how of ['abort', 'cancel', 'leave'] as const) {
    test(`${how} while a job waits to begin again ends it at once on ${on}`, async () => {
      const controller = new AbortController();
      const backoffMs = 60_000;
      const { job } = newJob(threads, { backoffMs }, { signal: controller.signal });
      const out = job.of(range(10)).process(Misbehave, 'process').output()[Symbol.asyncIterator]();
      const reading = out.next();
      reading.catch(() => {});
      await sleep(150);
      const start = performance.now();
      if (how === 'abort') controller.abort();
      else if (how === 'cancel') job.cancel();
      else void out.return?.();
      if (how === 'abort') await rejects(within(5000, reading), 'ERR_GYRE_ABORTED', /aborted/);
      else assert.is((await within(5000, reading)).done, true);
      assert.ok(performance.now() - start < 2000);
    });
  }

  test(`destroy while a job waits to begin again ends it at once on ${on}`, async () => {
    const session = new Session({ threads });
    const checkpoint = { folder: root, backoffMs: 60_000 };
    const job = session.job('destroyed', { checkpoint });
    const out = job.of(range(10)).process(Misbehave, 'process').output().toArray();
    out.catch(() => {});
    await sleep(200);
    await within(5000, session.destroy());
    await rejects(within(1000, out), 'ERR_GYRE_ABORTED', /its session was destroyed/);
  });

  test(`an abort while a checkpoint is taken leaves no draft on ${on}`, async () => {
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const { job, folder } = newJob(threads, { everyRows: 1 }, { signal: controller.signal });
      const out = job.of(range(100_000)).process(Forward).output().toArray();
      out.catch(() => {});
      await sleep(i * 3);
      controller.abort();
      await rejects(within(5000, out), 'ERR_GYRE_ABORTED', /aborted/);
      await job.run().catch(() => {});
      const left = existsSync(folder) ? readdirSync(folder) : [];
      assertSame(
        left.filter((name) => name.endsWith('.tmp')),
        [],
      );
    }
  });
}

test('a worker that exits is replaced, and the job goes on', async () => {
  const { job } = newJob(2, { everyRows: 10 });
  const fault = { marker: marker(), at: 60, fault: 'exit' as const };
  const values = job.of(range(200)).rebalance().process(FailOnce, fault);
  const log = await logOf(job, async () => {
    const sum = await values
      .map(Add as never, 0)
      .gather()
      .process(SumAtEnd)
      .output()
      .last();
    assert.is(sum, 19_900);
  });
  assert.is(log.restarts.length, 1);
  assert.is((log.restarts[0]!.error as { code?: string }).code, 'ERR_GYRE_WORKER');
});

test('options of checkpoints are checked', () => {
  const make = (checkpoint: object) => () =>
    sessionOf(0).job('checked', { checkpoint: checkpoint as CheckpointOptions });
  throws(make({}), 'ERR_GYRE_INVALID_PARAM', /folder must be the path/);
  throws(make({ folder: root, everyMs: 0 }), 'ERR_GYRE_INVALID_PARAM', /everyMs/);
  throws(make({ folder: root, restarts: -1 }), 'ERR_GYRE_INVALID_PARAM', /restarts/);
  throws(make({ folder: root, often: 1 }), 'ERR_GYRE_INVALID_PARAM', /often/);
});

test.run();
