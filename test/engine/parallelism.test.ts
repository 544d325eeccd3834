import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../src/engine/job.js';
import type { DataStream } from '../../src/engine/stream.js';
import { Add, IsEven, Repeat, Sum, Tag, type Tagged } from './operators.js';
import { Fails, SubtaskOf } from './stream-operators.js';
import {
  assertSame,
  closeSessions,
  range,
  rejects,
  sessionOf,
  sorted,
  THREADS,
  throws,
} from './support.js';

test.after(closeSessions);

const PARAM = 'ERR_GYRE_INVALID_PARAM';

for (const threads of THREADS) {
  const on = `${threads} threads`;
  const newJob = (): Job => sessionOf(threads).job('parallelism');

  test(`an operator has the subtasks that its options say on ${on}`, async () => {
    for (const parallelism of [1, 2, 5]) {
      const tagged = newJob().of(range(20)).process(Tag, undefined, { parallelism });
      assert.is(tagged.parallelism, parallelism);
      const seen: Tagged[] = await tagged.output().toArray();
      const bySubtask = range(parallelism).map((subtask) =>
        sorted(seen.filter((row) => row.subtask === subtask).map(({ value }) => value as number)),
      );
      assertSame(
        bySubtask,
        range(parallelism).map((subtask) => range(20).filter((i) => i % parallelism === subtask)),
      );
      assert.ok(seen.every((row) => row.parallelism === parallelism));
    }
  });

  test(`a changed parallelism deals out and gathers by itself on ${on}`, async () => {
    const wide = newJob().of(range(100)).map(Add, 1, { parallelism: 4 });
    const out = wide
      .filter(IsEven, undefined, { parallelism: 3 })
      .flatMap(Repeat, undefined, { parallelism: 3 })
      .map(Add, 0, { parallelism: 1 });
    assert.is(out.parallelism, 1);
    const expected = range(101).flatMap((i) => (i % 2 === 0 ? Array<number>(i).fill(i) : []));
    assertSame(sorted(await out.output().toArray()), expected);
  });

  test(`equal parallelism keeps records on their subtask on ${on}`, async () => {
    const job = newJob();
    const first = job.of(range(12)).map(SubtaskOf, undefined, { parallelism: 3 });
    const seen: Tagged[] = await first
      .process(Tag, undefined, { parallelism: 3 })
      .output()
      .toArray();
    assert.is(seen.length, 12);
    assert.ok(seen.every(({ value, subtask }) => value === subtask));
  });

  test(`options of the operator win over those of the partitioning on ${on}`, async () => {
    const source = newJob().of(range(10));
    const counts = [
      source.rebalance(4).process(Tag, undefined, { parallelism: 2 }),
      source.broadcast(4).process(Tag, undefined, { parallelism: 2 }),
      source.connect(source.broadcast()).process(Tag, undefined, { parallelism: 2 }),
    ].map((stream) => stream.output().toArray());
    const [dealt, copied, connected] = await Promise.all(counts);
    assert.is(dealt!.length, 10);
    assert.is(copied!.length, 20);
    assert.is(connected!.length, 30);
  });

  test(`an operator is named in errors by its options on ${on}`, async () => {
    const out = newJob().of([1]).map(Fails, undefined, { name: 'second thoughts' }).output();
    await rejects(
      out.toArray(),
      'ERR_GYRE_OPERATOR',
      /^second thoughts \(subtask 0 of 1\) threw: never$/,
    );
    const one = newJob().of([1, 2]).reduceAll(Sum, undefined, { name: 'total', parallelism: 1 });
    assertSame(await one.output().toArray(), [3]);
  });
}

test('every operator method checks its options, and names itself', () => {
  const job = sessionOf(0).job('options');
  const stream: DataStream<number> = job.of([1]);
  const methods: Record<string, (options: object) => unknown> = {
    map: (options) => stream.map((x) => x, undefined, options),
    flatMap: (options) => stream.flatMap(Repeat, undefined, options),
    filter: (options) => stream.filter(() => true, undefined, options),
    process: (options) => stream.process(() => {}, undefined, options),
    reduce: (options) => stream.keyBy((x) => x).reduce((a) => a, undefined, options),
  };
  const nodes = job.graph.nodes.length;
  for (const [method, call] of Object.entries(methods)) {
    for (const parallelism of [0, -1, 1.5, 1025, Number.NaN, '2']) {
      throws(
        () => call({ parallelism }),
        PARAM,
        new RegExp(`^${method}\\.parallelism must be an integer >= 1 and <= 1024`),
      );
    }
    throws(() => call({ name: '' }), PARAM, new RegExp(`^${method}\\.name must be a string`));
    throws(() => call({ paralellism: 2 }), PARAM, new RegExp(`^${method} has no param`));
    call({ parallelism: 1024, name: 'a' });
  }
  assert.is(job.graph.nodes.length, nodes + 5, 'a refused operator leaves nothing in the plan');
});

test('the numbers of rebalance and broadcast are checked too', () => {
  const stream = sessionOf(0).job('options').of([1]);
  throws(() => stream.rebalance(0), PARAM, /^rebalance\.parallelism must be an integer >= 1/);
  throws(() => stream.broadcast(1.5), PARAM, /^broadcast\.parallelism must be an integer >= 1/);
});

test('options in the place of params are not taken for params of a function', () => {
  const stream = sessionOf(0).job('options').of([1]);
  throws(
    () => stream.map((x) => x, { parallelism: 2 }),
    'ERR_GYRE_PLAN',
    /^map: params are for classes, a function has none, got Object; options are the argument/,
  );
});

test.run();
