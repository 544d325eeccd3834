/** How operators that live for one round begin and end, and what is refused. */
import { test } from 'uvu';
import { forEachRound } from '../../../src/engine/iterate.js';
import type { Lifecycle } from '../../../src/engine/plan.js';
import { assertSame, closeSessions, rejects, THREADS, throws } from '../support.js';
import { Fails } from './operators.js';
import { AsyncOpen, CountDown, Diary, lines } from './round-operators.js';
import { newJob, read } from './support.js';

test.after(closeSessions);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`open must not be asynchronous in a round ${on}`, async () => {
    const job = newJob(threads);
    const { said } = job.iterate({
      variables: [job.of([2])],
      body: ([numbers]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { said: forEachRound([numbers], ([each]) => each.process(AsyncOpen)) },
      }),
    });
    await rejects(
      read(said),
      'ERR_GYRE_PLAN',
      /^AsyncOpen: open\(\) of an operator that lives for one round must not be asynchronous/,
    );
  });
}

test('operators of a round are opened with its first record, and closed with it', async () => {
  lines.length = 0;
  const job = newJob(0);
  const { said } = job.iterate({
    variables: [job.of([2, 3])],
    body: ([numbers]) => ({
      feedback: [numbers.process(CountDown)],
      outputs: { said: forEachRound([numbers], ([each]) => each.process(Diary)) },
    }),
  });
  await read(said);
  assertSame(lines, ['open', 'close after 2', 'open', 'close after 2', 'open', 'close after 1']);
});

test('operators of a round are closed once when the job fails', async () => {
  lines.length = 0;
  const job = newJob(0);
  const { said } = job.iterate({
    variables: [job.of([14])],
    body: ([numbers]) => {
      const said = forEachRound([numbers], ([each]) => each.process(Diary));
      return { feedback: [numbers.map(Fails).process(CountDown)], outputs: { said } };
    },
  });
  await rejects(read(said), 'ERR_GYRE_OPERATOR', /^Fails .* threw: thirteen/);
  assertSame(lines.filter((line) => line === 'open').length, lines.length / 2);
});

test('forEachRound and lifecycle are checked while the job is built', () => {
  const plan = 'ERR_GYRE_PLAN';
  throws(
    () => forEachRound([], () => 0),
    plan,
    /^forEachRound needs at least one stream, got none/,
  );
  const stream = newJob(0).of([1]);
  throws(() => forEachRound([stream], () => 0), plan, /forEachRound belongs into the body/);
  const job = newJob(0);
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      lifecycle: 'forever' as Lifecycle,
      body: ([numbers]) => ({ feedback: [numbers], outputs: {} }),
    });
  throws(build, plan, /the life cycle must be "allRound" or "perRound", got "forever"/);
});

test.run();
