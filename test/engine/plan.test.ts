import { test } from 'uvu';
import { once, replay } from '../../src/engine/iterate.js';
import type { Job } from '../../src/engine/job.js';
import type { DataStream } from '../../src/engine/stream.js';
import { Add, hidden, Never, TerminateOnMaxIter, Trace } from './operators.js';
import { closeSessions, rejects, sessionOf, throws, within } from './support.js';

test.after(closeSessions);

const PLAN = 'ERR_GYRE_PLAN';
const newJob = (threads = 2): Job => sessionOf(threads).job('plan');

test('an iteration needs a variable stream', () => {
  const build = () =>
    newJob().iterate({ variables: [], body: () => ({ feedback: [], outputs: {} }) });
  throws(build, PLAN, /^plan: an iteration needs at least one variable stream, got none\.$/);
});

test('the body must return one feedback stream per variable stream', () => {
  const job = newJob();
  const build = () =>
    job.iterate({
      variables: [job.of([1]), job.of([2])],
      body: ([a]) => ({ feedback: [a], outputs: {} }),
    });
  throws(build, PLAN, /one feedback stream per variable stream, expected 2, got 1/);
});

test('a feedback stream must have the parallelism of its head', () => {
  const job = newJob();
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([a]) => ({ feedback: [a.rebalance().map(Add, 1)], outputs: {} }),
    });
  throws(build, PLAN, /feedback 0 stream must have the parallelism of its head, expected 1, got 2/);
});

test('an unbounded iteration has neither criteria nor replayed data', () => {
  const job = newJob();
  const withCriteria = () =>
    job.iterateUnbounded({
      variables: [job.of([1])],
      body: ([a]) => ({ feedback: [a], outputs: {}, criteria: a }),
    });
  throws(withCriteria, PLAN, /^plan: an unbounded iteration has no criteria\.$/);
  const withReplay = () =>
    job.iterateUnbounded({
      variables: [job.of([1])],
      data: [replay(job.of([1]))],
      body: ([a]) => ({ feedback: [a], outputs: {} }),
    });
  throws(withReplay, PLAN, /cannot replay a stream; use once\(\)/);
});

test('iterations cannot be nested, and another may follow the failed build', async () => {
  const job = newJob();
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([a]) => {
        job.iterate({ variables: [a], body: ([b]) => ({ feedback: [b], outputs: {} }) });
        return { feedback: [a], outputs: {} };
      },
    });
  throws(build, PLAN, /^plan: iterations cannot be nested\.$/);
  const { out } = job.iterate({
    variables: [job.of([1])],
    body: ([a]) => ({ feedback: [a.filter(Never)], outputs: { out: a } }),
  });
  // What the failed one left would make the job wait for ever.
  await within(5000, out.output().last());
});

test('a body cannot use a stream from outside that was not passed to it', () => {
  const job = newJob();
  const outside = job.of([1]);
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([a]) => {
        a.connect(outside).process(Trace);
        return { feedback: [a], outputs: {} };
      },
    });
  throws(build, PLAN, /source is outside the iteration; pass it in "data" or "variables"/);
});

test('an inside stream cannot be used outside unless it is an output', () => {
  const job = newJob();
  let inside: DataStream<number> | undefined;
  job.iterate({
    variables: [job.of([1])],
    data: [once(job.of([1]))],
    body: ([a]) => {
      inside = a.map(Add, 1);
      return { feedback: [inside.filter(Never)], outputs: {} };
    },
  });
  throws(() => inside?.map(Add, 1), PLAN, /Add is inside an iteration; return it in "outputs"/);
  throws(() => inside?.output(), PLAN, /Add is inside an iteration/);
});

test('closures need a session without threads, and the message says what to do', () => {
  const stream = newJob(2).of([1]);
  throws(
    () => stream.map((x) => x + 1),
    PLAN,
    /map runs on 2 workers, so it must be an exported class with "static readonly module/,
  );
  newJob(0)
    .of([1])
    .map((x) => x + 1);
});

test('what is neither a class nor a function is refused', () => {
  throws(
    () =>
      newJob(0)
        .of([1])
        .map(3 as never),
    PLAN,
    /map takes an operator class or a function/,
  );
});

test('a stream of another job is refused', () => {
  const [a, b] = [newJob(), newJob()];
  throws(
    () =>
      a
        .of([1])
        .connect(b.of([1]))
        .process(Trace),
    PLAN,
    /a stream of another job/,
  );
});

test('streams of different parallelism are told to repartition', async () => {
  const job = newJob();
  job
    .of([1])
    .rebalance()
    .connect(job.of([1]).broadcast(3))
    .process(Trace);
  const other = newJob();
  const wide = other.of([1]).rebalance(2).map(Add, 1);
  wide.connect(other.of([1]).rebalance(3).map(Add, 1)).process(Trace);
  await other.run();
});

test('the criteria may have any parallelism', async () => {
  const job = newJob();
  const { last } = job.iterate({
    variables: [job.of([1])],
    body: ([a]) => ({
      feedback: [a],
      outputs: { last: a },
      criteria: a.rebalance().process(TerminateOnMaxIter, 2),
    }),
  });
  await last.output().last();
});

test('an operator must be exported under its own name', async () => {
  const out = newJob().of([1]).map(hidden).output();
  await rejects(
    out.last(),
    PLAN,
    /Hidden: the module .*operators\.js must export the class Hidden/,
  );
});

test('a module that cannot be imported is named', async () => {
  class Elsewhere extends Add {
    static override readonly module = new URL('./no-such-file.js', import.meta.url).href;
  }
  const out = newJob().of([1]).map(Elsewhere, 1).output();
  await rejects(out.last(), PLAN, /Elsewhere: its module .*no-such-file\.js cannot be imported/);
});

test('an operator without the method of its kind is refused', async () => {
  for (const threads of [0, 2]) {
    const out = newJob(threads)
      .of([1])
      .flatMap(Add as never, 1 as never)
      .output();
    await rejects(out.last(), PLAN, /Add must have a method flatMap\(\)/);
  }
});

test('outputs must be asked for in the turn that starts the job', async () => {
  const stream = newJob(0).of([1, 2]);
  const [early, late] = [stream.output(), stream.output()];
  await early.toArray();
  await rejects(late.toArray(), PLAN, /the job runs already/);
});

test.run();
