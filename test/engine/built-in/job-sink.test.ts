/** `sinkTo`: which calls a sink gets, in which order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobSink } from '../../../src/engine/job-sink.js';
import { assertSame, closeSessions, range, rejects, THREADS, throws, within } from '../support.js';
import { MemorySink } from './memory-sink.js';
import { All, Fails } from './operators.js';
import { CountDown } from './round-operators.js';
import { newJob } from './support.js';

test.after(closeSessions);

const writes = (n: number): string[] => range(n).map((i) => `write ${i}`);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`a sink is opened, written, prepared, committed and closed, one by one, ${on}`, async () => {
    const sink = new MemorySink();
    const job = newJob(threads);
    job
      .of(range(200))
      .filter(All)
      .gather()
      .sinkTo(sink as JobSink<unknown>);
    await within(20_000, job.run());
    assertSame(sink.calls, ['open', ...writes(200), 'prepare', 'commit 200', 'close']);
    assertSame(sink.visible, range(200));
    assert.is(sink.overlap, 1);
  });

  test(`a stream without records has a sink with none ${on}`, async () => {
    const sink = new MemorySink({ delayMs: 5 });
    const job = newJob(threads);
    job.of<number>([]).sinkTo(sink);
    await within(20_000, job.run());
    assertSame(sink.calls, ['open', 'prepare', 'commit 0', 'close']);
  });

  test(`a slow sink pauses the job ${on}`, async () => {
    const sink = new MemorySink({ delayMs: 1 });
    const job = newJob(threads);
    let given = 0;
    let ahead = 0;
    function* source(): Generator<number> {
      for (; given < 300; given++) {
        ahead = Math.max(ahead, given - sink.calls.length);
        yield given;
      }
    }
    job.from(source()).sinkTo(sink);
    await within(30_000, job.run());
    assertSame(sink.visible, range(300));
    // 64 wait for the sink, and each channel and source has some of its own.
    assert.ok(ahead <= 100, `the source was ${ahead} records ahead`);
  });

  test(`several sinks and outputs take records of one job ${on}`, async () => {
    const [all, rounds] = [new MemorySink(), new MemorySink()];
    const job = newJob(threads);
    const numbers = job.of(range(20));
    const { down } = job.iterate({
      variables: [job.of([3])],
      body: ([state]) => ({ feedback: [state.process(CountDown)], outputs: { down: state } }),
    });
    numbers.sinkTo(all);
    down.gather().sinkTo(rounds);
    const read = numbers.output().toArray();
    assertSame(await within(20_000, read), range(20));
    await within(20_000, job.run());
    assertSame([all.visible, rounds.visible], [range(20), [3, 2, 1]]);
    assertSame([all.calls.at(-1), rounds.calls.at(-1)], ['close', 'close']);
  });

  test(`nothing is committed when the job fails, and the sink is closed ${on}`, async () => {
    const sink = new MemorySink();
    const job = newJob(threads);
    job.of(range(20)).map(Fails).sinkTo(sink);
    await rejects(within(20_000, job.run()), 'ERR_GYRE_OPERATOR', /^Fails .* threw: thirteen/);
    assertSame(sink.visible, []);
    assertSame(
      sink.calls.filter((call) => /prepare|commit|close/.test(call)),
      ['close'],
    );
  });

  test(`a job that is cancelled leaves no call behind ${on}`, async () => {
    const sink = new MemorySink({ delayMs: 50 });
    const job = newJob(threads);
    job.of(range(500)).sinkTo(sink);
    const running = job.run();
    while (!sink.calls.includes('write 2')) await sleep(2);
    job.cancel();
    await within(20_000, running);
    const made = sink.calls.length;
    assert.is(sink.calls.at(-1), 'close');
    assert.ok(made < 40, `${made} calls: what waited is not written any more`);
    assertSame(sink.visible, []);
    await sleep(120);
    assert.is(sink.calls.length, made);
  });
}

test('a sink whose write is no promise, and that a class without state makes, is enough', async () => {
  const written: unknown[] = [];
  const done = async () => {};
  const sink: JobSink<number> = {
    open: done,
    write: (value) => {
      written.push(value);
    },
    prepare: async () => null,
    commit: done,
    close: done,
  };
  const job = newJob(0);
  job.of([1, 2]).sinkTo(sink);
  await job.run();
  assertSame(written, [1, 2]);
});

test('what is no sink is refused while the job is built', () => {
  const numbers = newJob(0).of([1]);
  const to = (sink: unknown) => () => numbers.sinkTo(sink as JobSink<number>);
  const plan = 'ERR_GYRE_PLAN';
  throws(
    to(undefined),
    plan,
    /^sinkTo takes a sink with the methods open, write, .*, got undefined/,
  );
  throws(
    to({ write() {}, open() {} }),
    plan,
    /; prepare, commit, close of them missing, got Object/,
  );
});

test.run();
