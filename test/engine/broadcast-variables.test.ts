import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BroadcastVariables } from '../../src/engine/broadcast-variables.js';
import type { InChannel } from '../../src/engine/channel.js';
import { once, replay } from '../../src/engine/iterate.js';
import type { Job } from '../../src/engine/job.js';
import type { NodePlan } from '../../src/engine/plan.js';
import type { DataStream } from '../../src/engine/stream.js';
import { Add, CountDown, Inflate, TerminateOnMaxIter } from './operators.js';
import {
  ByUser,
  EagerReader,
  IsOdd,
  Modulo,
  SumOfVariable,
  WithVariables,
} from './stream-operators.js';
import {
  assertSame,
  closeSessions,
  range,
  rejects,
  sessionOf,
  sorted,
  THREADS,
  throws,
  within,
} from './support.js';

test.after(closeSessions);

const PLAN = 'ERR_GYRE_PLAN';

async function* slowly<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) {
    await sleep(5);
    yield value;
  }
}

for (const threads of THREADS) {
  const on = `${threads} threads`;
  const newJob = (): Job => sessionOf(threads).job('variables');
  const read = <T>(stream: DataStream<T>): Promise<T[]> =>
    within(20_000, stream.output().toArray());

  test(`a broadcast variable is whole before the first record on ${on}`, async () => {
    for (const parallelism of [1, 2, 3]) {
      const job = newJob();
      const names = job.from(slowly(['a', 'b', 'c']));
      const main = job.of(range(12)).withBroadcast({ names });
      const seen = await read(main.process(WithVariables, ['names'], { parallelism }));
      const whole = ['a', 'b', 'c'];
      assertSame(seen.toSorted().filter(([value]) => typeof value === 'number').length, 12);
      assert.is(seen.length, 12 + parallelism, 'and the end of one input, on each subtask');
      for (const row of seen) assertSame(row[1], whole);
    }
  });

  test(`several variables are told apart, and an empty one has no values, on ${on}`, async () => {
    const job = newJob();
    const main = job
      .of([1])
      .withBroadcast({ numbers: job.of([5, 6]), nothing: job.of([]) })
      .withBroadcast({ more: job.from(slowly([7])) });
    const seen = await read(main.process(WithVariables, ['more', 'nothing', 'numbers']));
    assertSame(seen, [
      [1, [7], [], [5, 6]],
      ['in0', [7], [], [5, 6]],
    ]);
  });

  test(`values come in order of the producer's subtasks on ${on}`, async () => {
    const job = newJob();
    const parts = job.of(range(30)).map(Add, 100, { parallelism: 3 });
    const variable = parts.union(job.of([1, 2]));
    const main = job.of([0, 1]).withBroadcast({ variable }).rebalance(2);
    const seen = await read(main.process(WithVariables, ['variable']));
    const dealt = (subtask: number) => range(10).map((i) => 100 + i * 3 + subtask);
    const expected = [...dealt(0), ...dealt(1), ...dealt(2), 1, 2];
    assert.is(seen.length, 4);
    for (const row of seen) assertSame(row[1], expected);
  });

  test(`connected and keyed streams have variables too on ${on}`, async () => {
    const job = newJob();
    const keyed = job.of([1, 2, 3]).withBroadcast({ left: job.of(['l']) });
    const right = job
      .of([{ user: 4, at: 0 }])
      .keyBy(ByUser)
      .withBroadcast({ right: job.of(['r']) });
    const connected = keyed.keyBy(Modulo, 2).connect(right);
    const seen = await read(
      connected.process(WithVariables, ['left', 'right'], { parallelism: 2 }),
    );
    // Two subtasks see the ends of two inputs: the hidden ones are nobody's business.
    assert.is(seen.length, 4 + 4);
    for (const row of seen) assertSame(row.slice(1), [['l'], ['r']]);
    const ends = seen.map(([value]) => value).filter((value) => /^in/.test(String(value)));
    assertSame(ends.toSorted(), ['in0', 'in0', 'in1', 'in1']);
  });

  test(`only the next operator reads a variable on ${on}`, async () => {
    const first = newJob();
    const main = first.of([1]).withBroadcast({ names: first.of(['a']) });
    await rejects(
      read(main.map(Add, 1).process(WithVariables, ['names'])),
      PLAN,
      /^WithVariables: the broadcast variable "names" is not known; the operator has none: name it/,
    );
    const job = newJob();
    await rejects(
      read(
        job
          .of([1])
          .withBroadcast({ a: job.of([]), b: job.of([]) })
          .process(WithVariables, ['c']),
      ),
      PLAN,
      /^WithVariables: the broadcast variable "c" is not known; the operator has a, b: name it/,
    );
  });

  test(`a variable cannot be read in open on ${on}`, async () => {
    const job = newJob();
    await rejects(
      read(
        job
          .of([1])
          .withBroadcast({ early: job.of([1]) })
          .filter(EagerReader),
      ),
      PLAN,
      /^EagerReader: the broadcast variable "early" cannot be read in open\(\)/,
    );
  });

  test(`the same stream may be input and variable, however long, on ${on}`, async () => {
    const source = newJob().of(range(3000));
    const seen = await read(source.withBroadcast({ source }).process(WithVariables, ['source']));
    assert.is(seen.length, 3001);
    assertSame(
      seen.slice(0, 3000).map(([value]) => value),
      range(3000),
    );
    for (const row of [seen[0]!, seen[2999]!, seen[3000]!]) assertSame(row[1], range(3000));
  });

  test(`records keep their order when a variable is whole amid them on ${on}`, async () => {
    const job = newJob();
    let reached = () => {};
    const half = new Promise<void>((resolve) => {
      reached = resolve;
    });
    function* numbers() {
      for (let i = 0; i < 4000; i++) {
        if (i === 2000) reached();
        yield i;
      }
    }
    async function* late() {
      await half;
      yield 'late';
    }
    const main = job.of(numbers()).withBroadcast({ late: job.from(late()) });
    const seen = await read(main.process(WithVariables, ['late']));
    assertSame(
      seen.map(([value]) => value),
      [...range(4000), 'in0'],
    );
  });

  test(`an operator that reads in place keeps its variables on ${on}`, async () => {
    const job = newJob();
    const arrays = job.of(range(50)).map(Inflate, 100);
    const sums = job.of(range(20)).rebalance().withBroadcast({ arrays }).map(SumOfVariable);
    const total = 100 * range(50).reduce((a, b) => a + b, 0);
    assertSame(
      sorted(await read(sums)),
      range(20).map((i) => total + i),
    );
  });

  test(`in an iteration a variable is there from the first round on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([3])],
      data: [once(job.from(slowly([10, 11]))), replay(job.of([8]))],
      body: ([numbers], [model, again]) => {
        const next = numbers!.flatMap(CountDown);
        // What comes of a data stream inside the body ends with it.
        const odd = model!.filter(IsOdd);
        const joined = numbers!.union(again!).withBroadcast({ model: model!, odd });
        return {
          feedback: [next],
          outputs: { trace: joined.process(WithVariables, ['model', 'odd']) },
          criteria: numbers!.process(TerminateOnMaxIter, 2),
        };
      },
    });
    const seen = await read(trace);
    for (const row of seen) assertSame(row.slice(1), [[10, 11], [11]]);
    const values = seen.map(([value]) => value);
    assertSame(values.slice(0, 2).toSorted(), [3, 8]);
    assertSame([values[2], values[5]], ['e0', 'e1']);
    assertSame(values.slice(3, 5).toSorted(), [2, 8]);
    assertSame(values.slice(6), [1, 'in0']);
  });
}

test('a closure may follow withBroadcast, though only a class can read the variables', async () => {
  const job = sessionOf(0).job('variables');
  const out = job
    .of([1])
    .withBroadcast({ names: job.of(['a']) })
    .map((x) => x + 1);
  assertSame(await out.output().toArray(), [2]);
});

test('variables must be followed by an operator', () => {
  const job = sessionOf(0).job('variables');
  const main = job.of([1]).withBroadcast({ names: job.of(['a']) });
  throws(
    () => main.output(),
    PLAN,
    /withBroadcast\(\) must be followed by the operator that reads the variables, got output of/,
  );
  const iterate = () =>
    job.iterate({ variables: [main], body: ([a]) => ({ feedback: [a!], outputs: {} }) });
  throws(iterate, PLAN, /withBroadcast\(\) must be followed by the operator .* got head 0\./);
  throws(
    () => job.of([1]).withBroadcast({ main }).map(Add, 1),
    PLAN,
    /the broadcast variable "main" of Add has broadcast variables itself/,
  );
});

test('two variables of one name are refused', () => {
  const job = sessionOf(0).job('variables');
  const main = job.of([1]).withBroadcast({ a: job.of([1]) });
  const nodes = job.graph.nodes.length;
  throws(
    () => main.withBroadcast({ a: job.of([2]) }).map(Add, 1),
    PLAN,
    /^variables: Add has two broadcast variables with the name "a"\.$/,
  );
  assert.is(job.graph.nodes.length, nodes + 1, 'only the source of the second');
});

test('a variable cannot come out of the loop that reads it', () => {
  const job = sessionOf(0).job('variables');
  for (const wrong of ['state', 'replayed', 'derived']) {
    const build = () =>
      job.iterate({
        variables: [job.of([1])],
        data: [replay(job.of([1]))],
        body: ([state], [replayed]) => {
          const derived = replayed!.map(Add, 1).union(replayed!);
          const variable = { state, replayed, derived }[wrong]!;
          state!.withBroadcast({ variable }).map(Add, 1);
          return { feedback: [state!], outputs: {} };
        },
      });
    throws(
      build,
      PLAN,
      /^variables: the broadcast variable "variable" of Add must come from outside the iteration/,
    );
  }
});

test('a variable must be passed to the body like any other data', () => {
  const job = sessionOf(0).job('variables');
  const outside = job.of([1]);
  const build = () =>
    job.iterate({
      variables: [job.of([1])],
      body: ([a]) => ({ feedback: [a!.withBroadcast({ outside }).map(Add, 1)], outputs: {} }),
    });
  throws(build, PLAN, /source is outside the iteration; pass it in "data" or "variables"/);
});

test('gathered values come back from a snapshot, whole or in part', () => {
  const operator = { inputs: 1, variables: ['a', 'b'] };
  const node = { name: 'Reader', operator } as unknown as NodePlan;
  const channel = (input: number, id: number) => ({ input, plan: { id } }) as unknown as InChannel;
  const first = new BroadcastVariables(node);
  first.add(channel(1, 8), 'second');
  first.add(channel(1, 7), 'first');
  first.end(1);
  first.add(channel(2, 9), 'x');
  const second = new BroadcastVariables(node);
  second.restore(structuredClone(first.snapshot()));
  assertSame(second.values('a'), ['first', 'second']);
  assert.is(second.ready, false);
  second.add(channel(2, 9), 'y');
  second.end(2);
  assert.is(second.ready, true);
  assertSame(second.values('b'), ['x', 'y']);
  assert.is(first.ready, false);
});

test.run();
