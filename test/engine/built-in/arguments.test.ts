/** What built-in operators refuse, and when. */
import { test } from 'uvu';
import { closeSessions, rejects, THREADS, throws } from '../support.js';
import { Groups, Modulo, type Offset, Whole } from './operators.js';
import { newJob, read } from './support.js';
import { OwnTime, Refused } from './timed-operators.js';

test.after(closeSessions);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`times and timers that are no numbers are refused ${on}`, async () => {
    const data = 'ERR_GYRE_DATA';
    await rejects(
      read(newJob(threads).of([Number.NaN]).assignTimestamps(OwnTime)),
      data,
      /^OwnTime: the timestamp of a record must be a finite number of milliseconds, got NaN/,
    );
    await rejects(
      read(newJob(threads).of(['watermark']).process(Refused)),
      data,
      /^Refused: emitWatermark\(\) takes a finite number of milliseconds, got NaN/,
    );
    await rejects(
      read(newJob(threads).of(['timer']).process(Refused)),
      data,
      /^Refused: setTimer\(\) takes a finite number of milliseconds, got NaN/,
    );
  });
}

test('assignTimestamps checks its options, and is refused inside an iteration', () => {
  const job = newJob(0);
  const late = (options: object) => () => job.of([1]).assignTimestamps(OwnTime, undefined, options);
  const invalid = 'ERR_GYRE_INVALID_PARAM';
  throws(
    late({ delayMs: -1 }),
    invalid,
    /^assignTimestamps.delayMs must be an integer >= 0, got -1/,
  );
  throws(late({ stepMs: 0 }), invalid, /^assignTimestamps.stepMs must be an integer >= 1, got 0/);
  throws(late({ delay: 1 }), invalid, /delay/);
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([numbers]) => ({ feedback: [numbers.assignTimestamps(OwnTime)], outputs: {} }),
    });
  throws(build, 'ERR_GYRE_PLAN', /^built in: assignTimestamps is by time, which there is none of/);
});

test('wrong arguments are refused while the job is built', () => {
  const job = newJob(0);
  const numbers = job.of([1]);
  const [plan, invalid] = ['ERR_GYRE_PLAN', 'ERR_GYRE_INVALID_PARAM'];
  const aggregate = (code: unknown) => () => numbers.aggregate(code as typeof Offset);
  throws(
    aggregate(() => 1),
    plan,
    /^aggregate takes an operator class with createAccumulator, add, merge and getResult, got a func/,
  );
  throws(aggregate('Offset'), plan, /getResult, got "Offset"/);
  const mapped = (code: unknown) => () => numbers.mapPartition(code as typeof Whole);
  throws(mapped(1), plan, /^mapPartition takes an operator class or a function, got 1/);
  throws(
    () => numbers.reduceAll(((a: number) => a) as never, 5 as never),
    plan,
    /^reduce: params are for classes, a function has none, got 5/,
  );
  throws(() => numbers.sample(0), invalid, /^sample.n must be an integer >= 1, got 0/);
  throws(() => numbers.generateBatchData(0), invalid, /^generateBatchData.batchSize must be/);
  throws(() => numbers.generateBatchData(4, 0), invalid, /^generateBatchData.parallelism must be/);
  throws(
    () => numbers.keyBy(Modulo, 2).connect(numbers).coGroup(Groups),
    plan,
    /^coGroup needs two keyed streams: use keyBy\(\) on both/,
  );
});

test('a class without the method is refused before the first record', async () => {
  const numbers = newJob(0).of([1]);
  await rejects(
    read(numbers.reduceAll(Whole as never)),
    'ERR_GYRE_PLAN',
    /^Whole must have a method reduce\(\)/,
  );
});

test.run();
