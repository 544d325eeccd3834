import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { once, replay } from '../../src/engine/iterate.js';
import type { Job } from '../../src/engine/job.js';
import type { Key } from '../../src/engine/operator.js';
import type { DataStream } from '../../src/engine/stream.js';
import {
  Add,
  AtEpochEnd,
  CountDown,
  IsEven,
  Never,
  SplitAt,
  Sum,
  TerminateOnMaxIter,
  Trace,
} from './operators.js';
import { All, IsCallback, IsOdd, Modulo, type Seen, Total, Witness } from './stream-operators.js';
import {
  assertSame,
  closeSessions,
  range,
  sessionOf,
  sorted,
  THREADS,
  throws,
  within,
} from './support.js';

test.after(closeSessions);

const PLAN = 'ERR_GYRE_PLAN';

/** Callbacks of an operator in an iteration of so many rounds, and its end. */
const callbacks = (rounds: number): string[] => [...range(rounds).map((e) => `e${e}`), 'end'];

for (const threads of THREADS) {
  const on = `${threads} threads`;
  const newJob = (): Job => sessionOf(threads).job('union');
  const read = <T>(stream: DataStream<T>): Promise<T[]> =>
    within(20_000, stream.output().toArray());

  test(`a union has the records of all its parts, each part in order, on ${on}`, async () => {
    const job = newJob();
    const parts = [job.of(range(50)), job.of(range(60).slice(50)), job.of<number>([])];
    const seen = await read(parts[0]!.union(parts[1]!, parts[2]!).map(Add, 0));
    assertSame(
      seen.filter((x) => x < 50),
      range(50),
    );
    assertSame(
      seen.filter((x) => x >= 50),
      range(60).slice(50),
    );
  });

  test(`a union is read by its output, by two consumers, and alone, on ${on}`, async () => {
    const job = newJob();
    const both = job.of([1, 2]).union(job.of([3]));
    const alone = job.of([9]).union();
    const [itself, added, sum, nine] = await Promise.all(
      [both, both.map(Add, 10), both.reduceAll(Sum), alone].map((stream) => read(stream)),
    );
    assertSame(sorted(itself!), [1, 2, 3]);
    assertSame(sorted(added!), [11, 12, 13]);
    assertSame(sum, [6]);
    assertSame(nine, [9]);
  });

  test(`a stream may be in a union twice; it ends once, on ${on}`, async () => {
    const stream = newJob().of([1, 2, 3]);
    const seen = await read(stream.union(stream, stream).process(Trace));
    assertSame(seen.toSorted(), ['in0', ...[1, 2, 3].flatMap((x) => Array(3).fill(`r${x}@0`))]);
    assert.is(seen.at(-1), 'in0', 'after the last of all parts');
  });

  test(`parts of any parallelism find their way on ${on}`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const random = new JavaRandom(seed);
      // The first draws of small seeds are all alike.
      random.nextInt(4);
      const job = newJob();
      const parts = range(3).map((part) =>
        job
          .of(range(40).map((i) => i * 3 + part))
          .map(Add, 0, { parallelism: 1 + random.nextInt(4) }),
      );
      const union = parts[0]!.union(parts[1]!, parts[2]!);
      assert.is(union.parallelism, Math.max(...parts.map(({ parallelism }) => parallelism)));
      const consumers = [1, union.parallelism, 3].map((parallelism) =>
        read(union.map(Add, 0, { parallelism })),
      );
      for (const seen of [await read(union.gather()), ...(await Promise.all(consumers))]) {
        assertSame(sorted(seen), range(120), `seed ${seed}`);
      }
    }
  });

  test(`what follows a union goes for all its parts on ${on}`, async () => {
    const job = newJob();
    const wide = job.of(range(10)).map(Add, 10, { parallelism: 3 });
    const both = job.of(range(10)).union(wide);
    const options = { parallelism: 2 };
    const [copied, dealt, keyed] = (await Promise.all([
      read(both.broadcast().process(Witness, undefined, options)),
      read(both.rebalance().process(Witness, undefined, options)),
      read(both.keyBy(Modulo, 5).process(Witness, undefined, options)),
    ])) as [Seen[], Seen[], Seen[]];
    const values = (seen: readonly Seen[]) => sorted(seen.map(({ value }) => value as number));
    assertSame(
      values(copied),
      range(20).flatMap((x) => [x, x]),
    );
    assertSame(values(dealt), range(20));
    assertSame(values(keyed), range(20));
    const owners = new Map<Key, Set<number>>();
    for (const { key, subtask } of keyed) {
      owners.set(key, (owners.get(key) ?? new Set()).add(subtask));
    }
    assert.is(owners.size, 5);
    assert.ok([...owners.values()].every((subtasks) => subtasks.size === 1));
  });

  test(`parts keep how they were partitioned before the union on ${on}`, async () => {
    const job = newJob();
    const copied = job.of([1, 2]).broadcast(2);
    const dealt = job.of([5, 6]).rebalance(2);
    const seen = await read(copied.union(dealt).map(Add, 0, { parallelism: 2 }));
    assertSame(sorted(seen), [1, 1, 2, 2, 5, 6]);
  });

  test(`the side outputs of all parts are the side output of a union on ${on}`, async () => {
    const job = newJob();
    const split = [3, 5].map((limit) => job.of(range(10)).process(SplitAt, limit));
    const large = split[0]!.union(split[1]!).side<number>('large');
    assertSame(sorted(await read(large)), [4, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
  });

  test(`in a body one stream on two edges to one operator is no hang on ${on}`, async () => {
    // Scenario d-same-upstream-twice: callbacks fire, once for each epoch.
    const job = newJob();
    const { trace, last } = job.iterate({
      variables: [job.of([1, 5])],
      body: ([numbers]) => {
        const split = numbers!.process(SplitAt, 3);
        const twice = split.union(split.side<number>('large'), split);
        return {
          feedback: [numbers!],
          outputs: { trace: twice.process(Trace), last: numbers! },
          criteria: numbers!.process(TerminateOnMaxIter, 3),
        };
      },
    });
    const [seen] = await Promise.all([read(trace), read(last)]);
    // The records of the round that ends the iteration are still seen.
    for (let epoch = 0; epoch <= 3; epoch++) {
      const records = seen.filter((text) => text.endsWith(`@${epoch}`)).toSorted();
      assertSame(records, [`r1@${epoch}`, `r1@${epoch}`, `r5@${epoch}`]);
    }
    assertSame(
      seen.filter((text) => /^e/.test(text)),
      callbacks(3),
    );
    const after = seen.indexOf('e0');
    assert.ok(
      seen.every((text, i) => !text.endsWith('@0') || i < after),
      'no record of epoch 0 after its end',
    );
  });

  test(`a union is feedback, criteria, variable and data on ${on}`, async () => {
    for (const input of [once, replay]) {
      const job = newJob();
      const { sums, rounds } = job.iterate({
        variables: [job.of([4]).union(job.of([2]), job.of<number>([]))],
        data: [input(job.of([10]).union(job.of([20, 30])))],
        body: ([numbers], [data]) => {
          const next = numbers!.flatMap(CountDown);
          const even = next.filter(IsEven);
          return {
            // Every number once: it is even, or it is not.
            feedback: [even.union(next.filter(IsOdd))],
            outputs: {
              sums: numbers!.union(data!).reduceAll(Sum),
              rounds: numbers!.process(Trace).filter(IsCallback),
            },
            criteria: next.filter(Never).union(numbers!.process(TerminateOnMaxIter, 3)),
          };
        },
      });
      const [all, trace] = await Promise.all([read(sums), read(rounds)]);
      assertSame(trace, callbacks(3));
      // 4 + 2, then 3 + 1, then 2, then 1 is fed back last; the data is 60.
      const data = input === replay ? [60, 60, 60] : [60, 0, 0];
      assertSame(all, [6 + data[0]!, 4 + data[1]!, 2 + data[2]!, 1]);
    }
  });

  test(`a union of feedback may have parts of any parallelism on ${on}`, async () => {
    const job = newJob();
    const { all } = job.iterate({
      variables: [job.of([5, 6]).rebalance(2)],
      body: ([numbers]) => {
        const one = numbers!.gather().flatMap(CountDown).filter(IsEven);
        const two = numbers!.flatMap(CountDown).filter(Never);
        return { feedback: [one.union(two)], outputs: { all: numbers! } };
      },
    });
    assertSame(sorted(await read(all)), [4, 5, 6]);
  });

  test(`a union of a loop's stream and its data ends its epochs in turn on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([1])],
      data: [once(job.of([7, 8]))],
      body: ([state], [data]) => {
        const paced = state!.process(AtEpochEnd);
        return {
          feedback: [paced as DataStream<number>],
          outputs: { trace: state!.union(data!).process(Trace) },
          criteria: paced.process(TerminateOnMaxIter, 2),
        };
      },
    });
    const seen = await read(trace);
    assertSame(seen.slice(0, 3).toSorted(), ['r1@0', 'r7@0', 'r8@0']);
    assertSame(seen.slice(3), ['e0', 'r1@1', 'e1', 'r1@2', 'end', 'in0']);
  });

  test(`outputs of an iteration and streams from outside are united outside on ${on}`, async () => {
    const job = newJob();
    const { out } = job.iterate({
      variables: [job.of([3])],
      body: ([a]) => ({ feedback: [a!.flatMap(CountDown)], outputs: { out: a!.union(a!) } }),
    });
    const sum = out
      .union(job.of([100]))
      .keyBy(Modulo, 1)
      .reduce(Total);
    assertSame(await read(sum), [2 * (3 + 2 + 1) + 100]);
  });
}

test('streams of two jobs have no union', () => {
  const [a, b] = [sessionOf(0).job('a').of([1]), sessionOf(0).job('b').of([1])];
  throws(() => a.union(b), PLAN, /^a: a stream of another job cannot be used here\.$/);
});

test('every part of a union must be inside the iteration that uses it', () => {
  const job = sessionOf(0).job('union');
  const outside = job.of([1]);
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([a]) => ({ feedback: [a!.union(outside).filter(All)], outputs: {} }),
    });
  throws(build, PLAN, /source is outside the iteration; pass it in "data" or "variables"/);
});

test('a union of feedback that is too wide for its head is refused', () => {
  const job = sessionOf(0).job('union');
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([a]) => ({
        feedback: [a!.union(a!.map(Add, 1, { parallelism: 2 }))],
        outputs: {},
      }),
    });
  throws(build, PLAN, /feedback 0 stream must have the parallelism of its head, expected 1, got 2/);
});

test.run();
