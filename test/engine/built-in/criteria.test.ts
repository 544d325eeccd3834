/** Operators that end an iteration, and that say its last word. */
import { test } from 'uvu';
import { ForwardInputsOfLastRound } from '../../../src/engine/operators/forward-inputs-of-last-round.js';
import {
  TerminateOnMaxIter,
  TerminateOnMaxIterOrTol,
} from '../../../src/engine/operators/terminate.js';
import { assertSame, closeSessions, range, sorted, THREADS } from '../support.js';
import { Half } from './operators.js';
import { CountDown, CountRounds } from './round-operators.js';
import { newJob, read } from './support.js';

test.after(closeSessions);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`TerminateOnMaxIter makes so many rounds, at least one ${on}`, async () => {
    for (const maxIter of [0, 1, 2, 5]) {
      const job = newJob(threads);
      const { numbers } = job.iterate({
        variables: [job.of([100]).rebalance(2)],
        body: ([numbers]) => ({
          feedback: [numbers.process(CountDown)],
          outputs: { numbers },
          criteria: numbers.flatMap(TerminateOnMaxIter, { maxIter }),
        }),
      });
      // And the record of the round that is not made any more: the body sees it, and no epoch's end.
      assertSame(
        await read(numbers),
        range(Math.max(maxIter, 1) + 1).map((round) => 100 - round),
      );
    }
  });

  test(`TerminateOnMaxIterOrTol ends with a small loss, or after the last round ${on}`, async () => {
    const rounds = async (params: { readonly maxIter?: number; readonly tol: number }) => {
      const job = newJob(threads);
      const { last } = job.iterate({
        variables: [job.of([16])],
        body: ([loss]) => ({
          feedback: [loss.map(Half)],
          outputs: { last: loss.process(CountRounds) },
          criteria: loss.flatMap(TerminateOnMaxIterOrTol, params),
        }),
      });
      return read(last);
    };
    assertSame(await rounds({ tol: 1 }), [5], '16 8 4 2 1');
    assertSame(await rounds({ tol: 1, maxIter: 3 }), [3]);
    assertSame(await rounds({ tol: 100, maxIter: 3 }), [1], 'the first is always made');
  });

  test(`ForwardInputsOfLastRound forwards those of the last round ${on}`, async () => {
    const job = newJob(threads);
    const { last } = job.iterate({
      variables: [job.of([5, 3, 4]).rebalance(2)],
      body: ([numbers]) => {
        const next = numbers.process(CountDown);
        return {
          feedback: [next],
          outputs: { last: next.flatMap(ForwardInputsOfLastRound) },
          criteria: numbers.gather().flatMap(TerminateOnMaxIter, { maxIter: 2 }),
        };
      },
    });
    assertSame(sorted((await read(last)) as number[]), [1, 2, 3]);
  });
}

test.run();
