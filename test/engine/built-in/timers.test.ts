/** Processing time: timers of operators. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertSame, closeSessions, rejects, THREADS } from '../support.js';
import { follow, gated, newJob, read } from './support.js';
import { Alarm } from './timed-operators.js';

test.after(closeSessions);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`timers call while nothing arrives, never too early ${on}`, async () => {
    const job = newJob(threads);
    const { source, release } = gated([30, 1, 10], []);
    const seen = await follow(job.from(source).gather().process(Alarm), ({ length }) => {
      if (length === 3) release();
    });
    assertSame(seen, ['due', 'due', 'due']);
  });

  test(`each subtask has timers of its own ${on}`, async () => {
    const job = newJob(threads);
    const { source, release } = gated([5, 5, 5, 5, 5, 5], []);
    const seen = await follow(job.from(source).rebalance(3).process(Alarm), ({ length }) => {
      if (length === 6) release();
    });
    assertSame(
      seen,
      seen.map(() => 'due'),
    );
    assert.is(seen.length, 6);
  });

  test(`a time that has passed is due at once ${on}`, async () => {
    const job = newJob(threads);
    const { source, release } = gated([-1000], []);
    assertSame(await follow(job.from(source).process(Alarm), release), ['due']);
  });

  test(`timers that are left when the input ends are dropped, and hold nobody up ${on}`, async () => {
    assertSame(await read(newJob(threads).of([3_600_000]).process(Alarm)), []);
  });

  test(`there are no timers inside an iteration ${on}`, async () => {
    const job = newJob(threads);
    const { due } = job.iterate({
      variables: [job.of([1])],
      body: ([numbers]) => ({ feedback: [numbers], outputs: { due: numbers.process(Alarm) } }),
    });
    await rejects(read(due), 'ERR_GYRE_PLAN', /^Alarm: there are no timers inside an iteration/);
  });
}

test.run();
