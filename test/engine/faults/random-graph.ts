/** Random small graphs: chains, loops of all kinds, keys, side outputs, in random order. */
import type { JavaRandom } from '../../../src/core/random.js';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { TerminateOnMaxIter } from '../operators.js';
import { all, type Build } from './graphs.js';
import {
  AddAll,
  Faulty,
  Mix,
  Remainder,
  SumByKey,
  SumOfEpoch,
  Turn,
  type Turning,
} from './operators.js';
import type { PlannedFault } from './planned.js';

type Stage = (
  job: Job,
  input: DataStream<number>,
  faults: readonly PlannedFault[],
  sides: DataStream<unknown>[],
) => DataStream<number>;

/** What a subtask gets must not depend on the order in which records of several others arrive. */
const byValue = (stream: DataStream<number>): DataStream<number> => stream.keyBy(Remainder, 13);

/** What a stage of a chain can be; numbers are drawn when the graph is drawn, not when it is built. */
function stage(random: JavaRandom): readonly [string, Stage] {
  const [rounds, by, turns] = [2 + random.nextInt(12), 1 + random.nextInt(9), random.nextInt(8)];
  const isPerRound = random.nextInt(2) === 0;
  const stages: readonly (readonly [string, Stage])[] = [
    ['mix', (_job, input) => input.rebalance().map(Mix)],
    ['gather', (_job, input) => input.gather().map(Mix).rebalance()],
    [
      `keyed by ${by}`,
      (_job, input, _faults, sides) => {
        const sums = input.keyBy(Remainder, by).process(SumByKey);
        sides.push(sums.side('steps'));
        return sums;
      },
    ],
    [
      'twice',
      (_job, input) => {
        const mixed = input.rebalance().map(Mix);
        return mixed.union(mixed.map(Mix));
      },
    ],
    [
      'broadcast variable',
      (job, input) => {
        const terms = job.of([1, 2, 3]).rebalance().map(Mix);
        return input.rebalance().withBroadcast({ terms }).process(AddAll);
      },
    ],
    [
      `${isPerRound ? 'per-round' : 'synchronous'} loop of ${rounds}`,
      (job, input, faults, sides) => {
        const { out, seen } = job.iterate({
          variables: [job.of([1, 2, 3]).rebalance()],
          data: [replay(byValue(input))],
          body: ([state], [data]) => {
            const failing = isPerRound
              ? forEachRound([data], ([each]) => each.process(Faulty, faults))
              : data.process(Faulty, faults);
            const next = failing.union(state.broadcast()).process(SumOfEpoch);
            const criteria = next.gather().process(TerminateOnMaxIter, rounds);
            return {
              feedback: [next],
              outputs: { out: next, seen: failing.side('digest') },
              criteria,
            };
          },
        });
        sides.push(seen as DataStream<unknown>);
        return out;
      },
    ],
    [
      `free loop of ${turns}`,
      (job, input) => {
        const initial = input.rebalance() as DataStream<Turning | number>;
        const { out } = job.iterate({
          variables: [initial],
          body: ([state]) => {
            const turned = state.process(Turn, turns);
            return { feedback: [turned], outputs: { out: turned.side<number>('done') } };
          },
        });
        return out;
      },
    ],
    [
      `unbounded loop of ${turns}`,
      (job, input) => {
        const { out } = job.iterateUnbounded({
          variables: [job.of<Turning | number>([]).rebalance()],
          data: [once(input.rebalance())],
          body: ([state], [data]) => {
            const turned = (data as DataStream<Turning | number>)
              .connect(state)
              .process(Turn, turns);
            return {
              feedback: [turned.rebalance()],
              outputs: { out: turned.side<number>('done') },
            };
          },
        });
        return out;
      },
    ],
  ];
  return stages[random.nextInt(stages.length)]!;
}

/** Draws a graph. The description says what it is. */
export function randomGraph(random: JavaRandom): { readonly text: string; readonly build: Build } {
  const stages = Array.from({ length: 1 + random.nextInt(4) }, () => stage(random));
  const [n, failsAfter] = [1 + random.nextInt(120), random.nextInt(stages.length + 1)];
  const text = `${n} numbers, ${stages.map(([name]) => name).join(', ')}; fails after ${failsAfter}`;
  const build: Build = (job, faults, numbers) => {
    let stream: DataStream<number> = numbers(job, n);
    const sides: DataStream<unknown>[] = [];
    stages.forEach(([, add], i) => {
      if (i === failsAfter) {
        stream = byValue(stream).process(Faulty, faults);
        sides.push(stream.side('digest'));
      }
      stream = add(job, stream, faults, sides);
    });
    return Promise.all([stream, ...sides].map((records) => all(records as DataStream<unknown>)));
  };
  return { text, build };
}
