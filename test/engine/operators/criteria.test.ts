import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { ForwardInputsOfLastRound } from '../../../src/engine/operators/forward-inputs-of-last-round.js';
import {
  TerminateOnMaxIter,
  TerminateOnMaxIterOrTol,
  type TerminateOnMaxIterOrTolParams,
} from '../../../src/engine/operators/terminate.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { Add, AtEpochEnd, Trace } from '../operators.js';
import { assertSame, closeSessions, range, sessionOf, throws, within } from '../support.js';
import { drive, records, type Step, valuesOf } from './drive.js';

test.after(closeSessions);

/** Epochs, each with its records, as far as the operator's output lets the iteration go on. */
function epochsOf(rounds: readonly (readonly unknown[])[]): Step[] {
  return rounds.flatMap((values, epoch): Step[] => [
    ...values.map((value): Step => ({ record: value, epoch })),
    { epochEnd: epoch },
  ]);
}

/** The epochs in whose callback something was emitted. */
const goesOn = (make: () => TerminateOnMaxIter | TerminateOnMaxIterOrTol, rounds: unknown[][]) =>
  drive(make, epochsOf(rounds)).map(({ epoch }) => epoch);

for (const [maxIter, epochs] of [
  [0, []],
  [1, []],
  [2, [0]],
  [5, [0, 1, 2, 3]],
] as const) {
  test(`TerminateOnMaxIter ${maxIter} goes on after epochs ${JSON.stringify(epochs)}`, () => {
    const make = () => new TerminateOnMaxIter({ maxIter });
    assertSame(goesOn(make, Array(8).fill([1, 2])), epochs);
    assertSame(goesOn(make, Array(8).fill([])), epochs, 'without records');
    const emitted = valuesOf(make, [...records([7, 8])]);
    assertSame(emitted, [], 'nothing for records');
  });
}

const orTol = (params: TerminateOnMaxIterOrTolParams) => () => new TerminateOnMaxIterOrTol(params);

test('TerminateOnMaxIterOrTol goes on while the loss is greater than tol', () => {
  const make = orTol({ maxIter: 10, tol: 0.1 });
  assertSame(goesOn(make, [[0.5], [0.3], [0.1]]), [0, 1]);
  assertSame(goesOn(make, [[0.5], [0.1000001], [0.0999]]), [0, 1]);
});

test('TerminateOnMaxIterOrTol stops after maxIter rounds; without it only by tol', () => {
  assertSame(goesOn(orTol({ maxIter: 3, tol: 0 }), Array(5).fill([1])), [0, 1]);
  assertSame(goesOn(orTol({ tol: 0 }), Array(20).fill([1])), range(20));
});

test('a round without a loss goes on, whatever the loss before was', () => {
  assertSame(goesOn(orTol({ maxIter: 5, tol: 0.1 }), [[], [0.05], [], []]), [0, 2, 3]);
});

test('a loss that is NaN stops', () => {
  assertSame(goesOn(orTol({ maxIter: 5, tol: 0.1 }), [[0.5], [NaN]]), [0]);
});

test('two losses in one round are an error', () => {
  const make = orTol({ maxIter: 5, tol: 0.1 });
  const message = /one loss in each round, got 0.3 and 0.2 in epoch 1; reduce/;
  throws(() => drive(make, epochsOf([[0.5], [0.3, 0.2]])), 'ERR_GYRE_ITERATION', message);
});

test('criteria that cannot be are refused', () => {
  const code = 'ERR_GYRE_INVALID_PARAM';
  for (const maxIter of [-1, 1.5, Number.NaN, '3', null]) {
    const wrong = maxIter as number;
    throws(() => new TerminateOnMaxIter({ maxIter: wrong }), code, /^TerminateOnMaxIter.maxIter m/);
    throws(() => orTol({ maxIter: wrong, tol: 1 })(), code, /^TerminateOnMaxIterOrTol.maxIter m/);
  }
  throws(
    () => orTol({ tol: NaN })(),
    code,
    /^TerminateOnMaxIterOrTol.tol must be a number that is/,
  );
  throws(() => orTol({ maxIter: 3 } as never)(), code, /tol must be a number/);
  throws(() => new TerminateOnMaxIter({} as never), code, /maxIter must be/);
});

const forward = () => new ForwardInputsOfLastRound();
const IS_OVER: Step = { iterationEnd: true };

test('ForwardInputsOfLastRound gives the records of the last complete round', () => {
  const rounds = range(4).map((epoch) => [`v${epoch}`]);
  assertSame(valuesOf(forward, epochsOf(rounds)), []);
  assertSame(valuesOf(forward, [...epochsOf(rounds), IS_OVER]), ['v3']);
  assertSame(valuesOf(forward, [...epochsOf([['a'], ['b', 'c', 'd']]), IS_OVER]), ['b', 'c', 'd']);
});

test('ForwardInputsOfLastRound gives nothing when there was nothing in the last round', () => {
  assertSame(valuesOf(forward, [...epochsOf([['a'], []]), IS_OVER]), []);
  assertSame(valuesOf(forward, [IS_OVER]), []);
});

test('records of an unfinished round are an error, after the last complete one is forwarded', () => {
  const steps = [...epochsOf([['a'], ['b']]), { record: 'c', epoch: 2 }, IS_OVER];
  const message = /^ForwardInputsOfLastRound has 1 records of a round that is not complete/;
  throws(() => drive(forward, steps), 'ERR_GYRE_ITERATION', message);
  const emitted: unknown[] = [];
  const operator = new ForwardInputsOfLastRound();
  const out = { emit: (value: unknown) => void emitted.push(value) } as never;
  operator.flatMap('b', out);
  operator.onEpochEnd(0, out);
  operator.flatMap('c', out);
  assert.throws(() => operator.onIterationEnd(out));
  assertSame(emitted, ['b']);
});

test('ForwardInputsOfLastRound agrees with the list of rounds on random rounds', () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new JavaRandom(seed);
    const rounds = range(1 + random.nextInt(6)).map((e) =>
      range(random.nextInt(4)).map((i) => `${e}.${i}`),
    );
    assertSame(valuesOf(forward, [...epochsOf(rounds), IS_OVER]), rounds.at(-1), `seed ${seed}`);
  }
});

for (const threads of [0, 2]) {
  const on = `on ${threads} threads`;

  for (const [maxIter, rounds] of [
    [0, 1],
    [2, 2],
  ] as const) {
    test(`TerminateOnMaxIter ${maxIter} makes ${rounds} rounds ${on}`, async () => {
      const job = sessionOf(threads).job('rounds');
      const { seen, last } = job.iterate({
        variables: [job.of([7])],
        body: ([state]) => {
          const paced = state.process(AtEpochEnd);
          return {
            feedback: [paced],
            outputs: {
              seen: state.process(Trace),
              last: paced.flatMap(ForwardInputsOfLastRound),
            },
            criteria: paced.flatMap(TerminateOnMaxIter, { maxIter }),
          };
        },
      });
      const [trace, forwarded] = await Promise.all([
        within(20_000, seen.output().toArray()),
        within(20_000, last.output().toArray()),
      ]);
      const expected = range(rounds).flatMap((e) => [`r7@${e}`, `e${e}`]);
      assertSame(trace, [...expected, `r7@${rounds}`, 'end', 'in0']);
      assertSame(forwarded, [7]);
    });
  }

  test(`an iteration ends with the loss that is not greater than tol ${on}`, async () => {
    const job = sessionOf(threads).job('losses');
    const { seen } = job.iterate({
      variables: [job.of([5])],
      body: ([loss]) => {
        const next = loss.process(AtEpochEnd).map(Add, -2) as DataStream<number>;
        const criteria = next.flatMap(TerminateOnMaxIterOrTol, { maxIter: 10, tol: -1 });
        return { feedback: [next], outputs: { seen: loss.process(Trace) }, criteria };
      },
    });
    const trace = await within(20_000, seen.output().toArray());
    // Losses 3, 1 and -1.
    assertSame(trace.slice(-4), ['e2', 'r-1@3', 'end', 'in0']);
  });
}

test('workers can import them by name', async () => {
  for (const Class of [TerminateOnMaxIter, TerminateOnMaxIterOrTol, ForwardInputsOfLastRound]) {
    const exports = (await import(Class.module)) as Record<string, unknown>;
    assert.is(exports[Class.name], Class);
  }
});

test.run();
