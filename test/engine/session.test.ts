import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once } from '../../src/engine/iterate.js';
import { Session } from '../../src/engine/session.js';
import {
  AtEpochEnd,
  Forward,
  Inflate,
  IsEven,
  Misbehave,
  Sum,
  TerminateOnMaxIter,
} from './operators.js';
import { range, rejects, throws, within } from './support.js';

const sumOn = (session: Session): Promise<number> =>
  within(10_000, session.job('sum').of(range(100)).rebalance().reduceAll(Sum).output().last());

/** Reads a job that never ends by itself. */
function endless(session: Session): Promise<unknown> {
  const job = session.job('endless');
  const { out } = job.iterate({
    variables: [job.of([1])],
    body: ([state]) => {
      const paced = state.process(AtEpochEnd);
      const criteria = paced.process(TerminateOnMaxIter, 1e9);
      return { feedback: [paced], outputs: { out: criteria }, criteria };
    },
  });
  const reading = out.output().toArray();
  reading.catch(() => {});
  return reading;
}

for (const threads of [0, 2]) {
  const on = `${threads} threads`;

  test(`close waits for jobs that were started, and refuses new ones, on ${on}`, async () => {
    const session = new Session({ threads });
    const built = session.job('built').of([1]);
    const first = sumOn(session);
    const second = sumOn(session);
    const closing = session.close();
    assert.equal(await Promise.all([first, second]), [4950, 4950]);
    await within(5000, closing);
    throws(() => session.job('late'), 'ERR_GYRE_CLOSED', /^Session: it is closed; make a new one/);
    await rejects(built.output().toArray(), 'ERR_GYRE_CLOSED', /closed/);
    await within(5000, Promise.all([session.close(), session.destroy()]));
  });

  test(`destroy stops jobs that run and that wait, on ${on}`, async () => {
    const session = new Session({ threads });
    const jobs = [endless(session), endless(session)];
    await sleep(100);
    await within(5000, Promise.all([session.destroy(), session.destroy(), session.close()]));
    for (const job of jobs) await rejects(job, 'ERR_GYRE_ABORTED', /its session was destroyed/);
  });

  test(`a session that was never used, or was just started, can be ended on ${on}`, async () => {
    await new Session({ threads }).close();
    await new Session({ threads }).destroy();
    const session = new Session({ threads });
    const job = endless(session);
    await within(5000, session.destroy());
    await rejects(job, 'ERR_GYRE_ABORTED', /its session was destroyed/);
    const disposed = new Session({ threads });
    const sum = sumOn(disposed);
    await disposed[Symbol.asyncDispose]();
    assert.is(await sum, 4950);
  });
}

test('destroy ends a worker that does not listen', async () => {
  const session = new Session({ threads: 1 });
  const job = session.job('deaf').of([1]).process(Misbehave, 'loop').output().toArray();
  job.catch(() => {});
  await sleep(200);
  await within(5000, session.destroy());
  await rejects(job, 'ERR_GYRE_ABORTED', /its session was destroyed/);
});

test('a job that starts while a stream holds the workers runs on the calling thread', async () => {
  const session = new Session({ threads: 2 });
  const job = session.job('stream');
  const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const { out } = job.iterateUnbounded({
    variables: [job.of([1])],
    data: [once(job.from(never))],
    body: ([state], [data]) => ({
      feedback: [state.filter(IsEven)],
      outputs: { out: state.connect(data).process(Forward) },
    }),
  });
  const reading = out.output()[Symbol.asyncIterator]();
  assert.is((await within(5000, reading.next())).value, 1);
  assert.ok(session.isStreaming);
  assert.is(await sumOn(session), 4950);
  await reading.return?.();
  await within(5000, session.close());
  assert.not(session.isStreaming);
});

test('memory.maxBytes bounds all threads together, and must suffice for the rings', async () => {
  throws(
    () => new Session({ threads: 2, memory: { maxBytes: 1 << 24 } }),
    'ERR_GYRE_MEMORY',
    /^Session\.memory\.maxBytes must be at least \d+ for 2 threads, got 16777216\.$/,
  );
  const session = new Session({ threads: 1, memory: { maxBytes: 1 << 25 } });
  assert.is(await sumOn(session), 4950);
  const large = session
    .job('large')
    .of([1])
    .map(Inflate, 2 ** 21)
    .output();
  await rejects(large.last(), 'ERR_GYRE_MEMORY', /raise memory\.maxBytes/);
  assert.is(await sumOn(session), 4950);
  await session.close();
});

const lent = fileURLToPath(new URL('./lent-worker.js', import.meta.url));

test('a lent pool runs jobs of two sessions and the service’s own tasks at once', async () => {
  const pool = new Piscina({ filename: lent, minThreads: 2, maxThreads: 2 });
  const sessions = [new Session({ threads: 2, pool }), new Session({ threads: 2, pool })];
  const own = range(20).map((i) => pool.run(i, { name: 'double' }) as Promise<number>);
  const sums = range(6).map((i) => sumOn(sessions[i % 2]!));
  const more = range(20).map((i) => pool.run(i, { name: 'double' }) as Promise<number>);
  assert.equal(
    await within(20_000, Promise.all([...own, ...more])),
    [...range(20), ...range(20)].map((i) => 2 * i),
  );
  assert.equal(
    await within(20_000, Promise.all(sums)),
    range(6).map(() => 4950),
  );
  await Promise.all(sessions.map((session) => session.close()));
  assert.is(await pool.run(21, { name: 'double' }), 42, 'the pool is not ours to end');
  await pool.destroy();
});

test('a lent pool that starts threads on demand, or lets them go, serves as well', async () => {
  const pool = new Piscina({ filename: lent, minThreads: 0, maxThreads: 3, idleTimeout: 0 });
  const session = new Session({ threads: 3, pool });
  for (let i = 0; i < 3; i++) assert.is(await sumOn(session), 4950);
  await session.close();
  await pool.destroy();
});

test('a lent pool that is too small, or shares its threads, is refused with the numbers', () => {
  const small = new Piscina({ filename: lent, minThreads: 1, maxThreads: 2 });
  throws(
    () => new Session({ threads: 3, pool: small }),
    'ERR_GYRE_POOL',
    /at least 3 threads for 3 workers, its maxThreads is 2\./,
  );
  const shared = new Piscina({ filename: lent, maxThreads: 2, concurrentTasksPerWorker: 2 });
  throws(
    () => new Session({ threads: 2, pool: shared }),
    'ERR_GYRE_POOL',
    /one task per worker.*its concurrentTasksPerWorker is 2\./,
  );
  throws(() => new Session({ pool: {} as never }), 'ERR_GYRE_INVALID_PARAM', /Piscina instance/);
  return Promise.all([small.destroy(), shared.destroy()]).then(() => {});
});

test('a lent pool without our entry is told what to export', async () => {
  const other = fileURLToPath(new URL('./operators.js', import.meta.url));
  const pool = new Piscina({ filename: other, minThreads: 1, maxThreads: 1 });
  const session = new Session({ threads: 1, pool });
  await rejects(sumOn(session), 'ERR_GYRE_POOL', /export \{ gyre \} from 'gyre\/worker'/);
  await session.close();
  await pool.destroy();
});

test('a worker of a lent pool that hangs is replaced, the others go on', async () => {
  const pool = new Piscina({ filename: lent, minThreads: 2, maxThreads: 2 });
  const session = new Session({ threads: 2, pool });
  const job = session.job('hang', { signal: AbortSignal.timeout(50) });
  const out = job.of([1]).process(Misbehave, 'loop').output();
  await rejects(within(10_000, out.toArray()), 'ERR_GYRE_ABORTED', /aborted/);
  assert.is(await sumOn(session), 4950);
  assert.is(await pool.run(4, { name: 'double' }), 8);
  await session.close();
  await pool.destroy();
});

test('a script whose own classes are its operators does not start itself again in the workers', () => {
  const session = new URL('../../src/engine/session.js', import.meta.url).href;
  const folder = mkdtempSync(join(tmpdir(), 'gyre-script-'));
  const script = join(folder, 'script.mjs');
  writeFileSync(
    script,
    `import { Session } from ${JSON.stringify(session)};
     export class Inc { static module = import.meta.url; map(v) { return v + 1; } }
     const session = new Session({ threads: 2 });
     try {
       console.log(await session.job('mine').of([1, 2]).map(Inc).output().toArray());
     } catch (error) {
       console.log(error.code);
     }
     await session.close();`,
  );
  const { stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 20_000 });
  rmSync(folder, { recursive: true });
  // The worker that imports the script is refused its job; the script's own job runs.
  assert.equal(stdout.trim().split('\n').sort(), ['ERR_GYRE_PLAN', '[ 2, 3 ]']);
});

test('invalid options are refused', () => {
  const everything = /threads, pool, memory, kernels/;
  throws(() => new Session({ thread: 1 } as never), 'ERR_GYRE_INVALID_PARAM', everything);
  throws(() => new Session({ threads: -1 }), 'ERR_GYRE_INVALID_PARAM', /threads/);
  throws(() => new Session({ kernels: 'fast' as never }), 'ERR_GYRE_INVALID_PARAM', /kernels/);
});

test('a script that only awaits a job exits by itself, its threads with it', () => {
  const session = new URL('../../src/engine/session.js', import.meta.url).href;
  const operators = new URL('./operators.js', import.meta.url).href;
  for (const threads of [0, 2]) {
    const script = `
      import { Session } from ${JSON.stringify(session)};
      import { Add, Sum } from ${JSON.stringify(operators)};
      const job = new Session({ threads: ${threads} }).job('script');
      console.log(await job.of([1, 2, 3]).rebalance().map(Add, 1).reduceAll(Sum).output().last());
    `;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 10_000 },
    );
    assert.is(stderr, '');
    assert.is(stdout, '9\n');
    assert.is(status, 0);
  }
});

test.run();
