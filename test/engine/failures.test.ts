import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../src/engine/job.js';
import {
  Add,
  AtEpochEnd,
  Inflate,
  KeepFirst,
  Mark,
  Misbehave,
  Never,
  RefusesAll,
  Sum,
  TerminateOnMaxIter,
  ThrowAt,
} from './operators.js';
import { closeSessions, range, rejects, sessionOf, within } from './support.js';

test.after(closeSessions);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const OPERATOR = 'ERR_GYRE_OPERATOR';

/** The session still works: the sum of 0 .. 99. */
async function works(threads: number): Promise<void> {
  const sum = sessionOf(threads).job('after').of(range(100)).rebalance().reduceAll(Sum);
  assert.is(await within(10_000, sum.output().last()), 4950);
}

async function* endless(): AsyncGenerator<number> {
  for (let i = 0; ; i++) {
    yield i;
    if (i % 100 === 0) await new Promise(setImmediate);
  }
}

/** An iteration that never ends by itself. */
function forever(job: Job) {
  return job.iterate({
    variables: [job.of([1]).rebalance()],
    body: ([state]) => {
      const paced = state.process(AtEpochEnd);
      const criteria = paced.process(TerminateOnMaxIter, 1e9);
      return { feedback: [paced], outputs: { none: paced.filter(Never) }, criteria };
    },
  }).none;
}

for (const threads of [0, 1, 2]) {
  const on = `${threads} threads`;
  const newJob = (signal?: AbortSignal): Job => sessionOf(threads).job('failing', { signal });

  test(`what an operator throws arrives with its code and stack on ${on}`, async () => {
    const out = newJob().of(range(10)).rebalance().map(ThrowAt, { at: 5, how: 'error' });
    const error = await rejects(
      within(5000, out.gather().output().toArray()),
      OPERATOR,
      /^ThrowAt \(subtask \d of \d\) threw: no such thing$/,
    );
    assert.is(error.cause?.name, 'RangeError');
    assert.is(error.cause?.code, 'ERR_OF_MINE');
    assert.match(error.cause?.stack ?? '', /operators\.[jt]s/);
    assert.is(error.details?.operator, 'ThrowAt');
    const bare = newJob().of(range(10)).map(ThrowAt, { at: 5, how: 'string' }).output();
    await rejects(within(5000, bare.toArray()), OPERATOR, /threw: a bare string$/);
    await works(threads);
  });

  for (const where of [
    'constructor',
    'open',
    'process',
    'onEpochEnd',
    'onIterationEnd',
    'onInputEnd',
    'close',
  ]) {
    test(`an error in ${where} fails the job, not the session, on ${on}`, async () => {
      const job = newJob();
      const { out } = job.iterate({
        variables: [job.of([1])],
        body: ([state]) => ({
          feedback: [state.filter(Never)],
          outputs: { out: state.process(Misbehave, where) },
        }),
      });
      const error = await rejects(
        within(5000, out.output().toArray()),
        OPERATOR,
        new RegExp(`^Misbehave.* threw: ${where}$`),
      );
      assert.match(error.cause?.stack ?? '', /operators\.[jt]s/);
      await works(threads);
    });
  }

  test(`an error of a source fails the job, and others are closed, on ${on}`, async () => {
    let closed = false;
    async function* fails() {
      yield 1;
      throw Object.assign(new Error('disk on fire'), { code: 'EIO' });
    }
    async function* other() {
      try {
        yield* endless();
      } finally {
        closed = true;
      }
    }
    const job = newJob();
    job.from(other()).map(Add, 1);
    const out = job.from(fails()).map(Add, 1).output();
    const error = await rejects(
      within(5000, out.toArray()),
      OPERATOR,
      /source threw: disk on fire/,
    );
    assert.is(error.cause?.code, 'EIO');
    await sleep(20);
    assert.ok(closed);
    const notIterable = newJob()
      .from({
        [Symbol.iterator]() {
          throw new Error('no iterator');
        },
      })
      .output();
    await rejects(within(5000, notIterable.toArray()), OPERATOR, /source threw: no iterator/);
    await works(threads);
  });

  test(`an abort ends an endless source, with the reason as cause, on ${on}`, async () => {
    const controller = new AbortController();
    const out = newJob(controller.signal).from(endless()).rebalance().map(Add, 1).output();
    let count = 0;
    const reading = (async () => {
      for await (const _ of out) if (++count === 1000) controller.abort(new Error('enough'));
    })();
    const error = await rejects(within(5000, reading), 'ERR_GYRE_ABORTED', /^failing was aborted/);
    assert.is(error.cause?.message, 'enough');
    assert.is(getEventListeners(controller.signal, 'abort').length, 0);
    await works(threads);
  });

  test(`an abort ends a source that never gives anything on ${on}`, async () => {
    const controller = new AbortController();
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const out = newJob(controller.signal).from(never).output();
    setTimeout(() => controller.abort(), 20);
    await rejects(within(5000, out.toArray()), 'ERR_GYRE_ABORTED', /aborted/);
    await works(threads);
  });

  test(`an abort by a timer ends an endless iteration on ${on}`, async () => {
    const started = performance.now();
    const out = forever(newJob(AbortSignal.timeout(50))).output();
    await rejects(within(5000, out.toArray()), 'ERR_GYRE_ABORTED', /aborted/);
    assert.ok(performance.now() - started < 900, 'the workers left by themselves');
    await works(threads);
  });

  test(`an endless synchronous source and its reader leave room for timers on ${on}`, async () => {
    function* numbers() {
      for (let i = 0; ; i++) yield i;
    }
    const out = newJob(AbortSignal.timeout(50)).from(numbers()).output();
    await rejects(within(5000, out.last()), 'ERR_GYRE_ABORTED', /aborted/);
  });

  test(`a signal that is aborted already starts nothing on ${on}`, async () => {
    let read = false;
    const source = {
      *[Symbol.iterator]() {
        read = true;
        yield 1;
      },
    };
    const job = newJob(AbortSignal.abort());
    await rejects(job.from(source).output().toArray(), 'ERR_GYRE_ABORTED', /aborted/);
    await rejects(job.run(), 'ERR_GYRE_ABORTED', /aborted/);
    assert.not(read);
  });

  test(`a job without outputs hears of an abort on ${on}`, async () => {
    const job = newJob(AbortSignal.timeout(50));
    job.of([1]).rebalance().process(Misbehave, 'open hangs');
    await rejects(within(5000, job.run()), 'ERR_GYRE_ABORTED', /aborted/);
    await works(threads);
  });

  test(`a job whose readers have all left stops without an error on ${on}`, async () => {
    const job = newJob();
    const out = job.from(endless()).map(Add, 1);
    const [first, second] = [out.output(), out.output()];
    const read = async (output: typeof first, count: number) => {
      const values: number[] = [];
      for await (const value of output) {
        values.push(value);
        if (values.length === count) break;
      }
      return values;
    };
    const seen = await within(5000, Promise.all([read(first, 3), read(second, 500)]));
    assert.equal(seen, [range(4).slice(1), range(501).slice(1)]);
    await within(5000, job.run());
    await works(threads);
  });

  test(`a job that is awaited runs on when its readers have left, on ${on}`, async () => {
    const job = newJob();
    const marks = new SharedArrayBuffer(64);
    job.buffer('marks', marks);
    const stream = job.of(range(1000));
    stream.process(Mark);
    const running = job.run();
    for await (const _ of stream.output()) break;
    await within(5000, running);
    assert.is(new Int32Array(marks)[0], 1000);
  });

  test(`a record that cannot travel is refused with its type on ${on}`, async () => {
    const out = newJob().of([1]).process(Misbehave, 'symbol').output();
    if (threads === 0) assert.is(typeof (await out.toArray())[0], 'symbol');
    else await rejects(within(5000, out.last()), 'ERR_GYRE_PLAN', /must be plain data to reach/);
  });

  test(`an operator that refuses everything is found out on ${on}`, async () => {
    const out = newJob().of([1]).map(RefusesAll).output();
    await rejects(within(5000, out.toArray()), OPERATOR, /RefusesAll: accepts\(\) refuses every/);
  });

  test(`jobs that were aborted leave no listeners or memory behind on ${on}`, async () => {
    const measure = async () => {
      // Buffers are swept by another thread after a collection; their bytes are counted until then.
      for (let i = 0; i < 2; i++) {
        collect();
        await sleep(50);
      }
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const abortOne = async () => {
      const controller = new AbortController();
      const job = newJob(controller.signal);
      const big = job.from(endless()).rebalance().map(Inflate, 20_000).gather();
      const out = big.reduceAll(KeepFirst).output();
      const done = rejects(out.toArray(), 'ERR_GYRE_ABORTED', /aborted/);
      await sleep(1);
      controller.abort();
      await done;
    };
    for (let i = 0; i < 20; i++) await abortOne();
    const before = await measure();
    for (let i = 0; i < 80; i++) await within(5000, abortOne());
    const grown = (await measure()) - before;
    assert.ok(grown < 8e6, `memory grew by ${grown} bytes`);
    await works(threads);
  });
}

test('a worker that exits fails the job, and the session goes on', async () => {
  for (let i = 0; i < 2; i++) {
    const out = sessionOf(2).job('exit').of(range(10)).rebalance().process(Misbehave, 'exit');
    const error = await rejects(
      within(10_000, out.gather().output().toArray()),
      'ERR_GYRE_WORKER',
      /^Worker 0 of exit ended without an answer: .*exited with code: 3/,
    );
    assert.is(error.details?.worker, 0);
    await works(2);
  }
});

test('a worker that hangs is ended after a while, and the session goes on', async () => {
  for (const how of ['loop', 'open hangs']) {
    const job = sessionOf(2).job('hang', { signal: AbortSignal.timeout(50) });
    const out = job.of(range(10)).rebalance().process(Misbehave, how).gather().output();
    await rejects(within(10_000, out.toArray()), 'ERR_GYRE_ABORTED', /aborted/);
    await works(2);
  }
});

test('a long call that asks whether to stop is not ended with its thread', async () => {
  const started = performance.now();
  const job = sessionOf(2).job('polite', { signal: AbortSignal.timeout(50) });
  const out = job.of(range(10)).process(Misbehave, 'polite loop').output();
  await rejects(within(10_000, out.toArray()), 'ERR_GYRE_ABORTED', /aborted/);
  assert.ok(performance.now() - started < 900);
});

test('a job that waits for the workers can be aborted', async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const session = sessionOf(2);
  const running = forever(session.job('first', { signal: first.signal }))
    .output()
    .toArray();
  running.catch(() => {});
  await sleep(100);
  const waiting = session.job('second', { signal: second.signal }).of([1]).output().toArray();
  waiting.catch(() => {});
  const third = session.job('third').of([1, 2]).output().toArray();
  await sleep(20);
  second.abort();
  await rejects(within(500, waiting), 'ERR_GYRE_ABORTED', /^second was aborted/);
  first.abort();
  await rejects(within(5000, running), 'ERR_GYRE_ABORTED', /^first was aborted/);
  assert.equal(await within(5000, third), [1, 2]);
});

test.run();
