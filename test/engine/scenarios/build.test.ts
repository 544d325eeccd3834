/** The graph of an iteration: its nodes, how many subtasks they have, and who is with whom. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once, replay } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import { endpointOf, type Plan } from '../../../src/engine/plan.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { Add, Trace } from '../operators.js';
import { assertSame, closeSessions, sessionOf } from '../support.js';
import { nothing } from './bodies.js';
import { AddPairs, Identified } from './keyed-operators.js';
import { AtMost, ByFirst, Identity, StatefulKeyed } from './operators.js';
import { jobOn, SETUPS, soon, sortedLines, upTo, where } from './support.js';

test.after(closeSessions);

const newJob = (parallelism: number): Job => sessionOf(0).job('graph', { parallelism });

/** Kinds or names of the nodes with their subtasks; those of operators by name. */
const nodesOf = ({ nodes }: Plan): [string, number][] =>
  nodes.map(({ kind, name, parallelism }) => [kind === 'operator' ? name : kind, parallelism]);

/** Heads and tails of one number have the same subtasks on the same threads. */
function assertColocated(plan: Plan): void {
  const heads = plan.nodes.filter(({ kind }) => kind === 'head');
  const tails = plan.nodes.filter(({ kind }) => kind === 'tail');
  assert.is(tails.length, heads.length);
  heads.forEach((head) => {
    const edge = plan.edges.find(({ to, kind }) => to === head.id && kind === 'feedback')!;
    const tail = plan.nodes[edge.from]!;
    assert.is(tail.parallelism, head.parallelism, head.name);
    for (const workers of [1, 2, 3, 5]) {
      for (const subtask of upTo(head.parallelism)) {
        assert.is(endpointOf(head, subtask, workers), endpointOf(tail, subtask, workers));
      }
    }
  });
}

/** A stream of so many subtasks. */
const of = <T>(job: Job, values: T[], parallelism: number): DataStream<T> =>
  job.of(values).rebalance(parallelism).map(Identity) as DataStream<T>;

test('a body that only passes its variable on is a loop of a head and a tail', async () => {
  const job = newJob(4);
  job.iterateUnbounded({
    variables: [job.of<number>([]).rebalance()],
    body: (variables) => ({ feedback: variables, outputs: {} }),
  });
  const plan = job.graph.plan();
  assertSame(nodesOf(plan), [
    ['source', 1],
    ['aligner', 1],
    ['head', 4],
    ['tail', 4],
  ]);
  assertColocated(plan);
  assert.is(plan.loops[0]!.headParallelism, 4);
  await soon(job.run());
});

test('a head has the parallelism of the variable, whatever the default is', () => {
  const job = newJob(4);
  job.iterateUnbounded({
    variables: [of(job, [1], 2)],
    body: (variables) => ({ feedback: variables, outputs: {} }),
  });
  const plan = job.graph.plan();
  assertSame(nodesOf(plan).slice(2), [
    ['aligner', 1],
    ['head', 2],
    ['tail', 2],
  ]);
  assertColocated(plan);
});

test('two variables, data and criteria have heads of their own; an aligner waits for all', () => {
  const job = newJob(4);
  const { out } = job.iterate({
    variables: [of(job, [1], 2), of(job, [1], 3)],
    data: [once(of(job, [1], 3))],
    body: ([a, b], [d]) => {
      const options = { parallelism: 4, name: 'Processor' };
      const processed = a
        .rebalance(4)
        .connect(b.union(d).rebalance(4))
        .process(Trace, undefined, options);
      const like = <T>(p: number, name: string) =>
        processed.map(Identity, undefined, { parallelism: p, name }) as unknown as DataStream<T>;
      return {
        feedback: [like<number>(2, 'Feedback 0'), like<number>(3, 'Feedback 1')],
        outputs: { out: processed },
        criteria: like(5, 'Termination'),
      };
    },
  });
  out.output();
  const plan = job.graph.plan();
  const inLoop = plan.nodes.filter(({ loop }) => loop !== null);
  assertSame(nodesOf({ ...plan, nodes: inLoop }), [
    ['aligner', 1],
    ['head', 2],
    ['head', 3],
    ['Processor', 4],
    ['Feedback 0', 2],
    ['Feedback 1', 3],
    ['Termination', 5],
    ['tail', 2],
    ['tail', 3],
    ['head', 5],
    ['tail', 5],
  ]);
  assert.is(plan.loops[0]!.headParallelism, 10);
  assertColocated(plan);
});

test('a replay has the parallelism of its data, and follows the first head', () => {
  const job = newJob(4);
  job.iterate({
    variables: [of(job, [1], 2)],
    data: [replay(of(job, [1], 3))],
    body: ([v], [d]) => {
      const both = v.rebalance(4).connect(d.rebalance(4));
      const processed = both.process(Trace, undefined, { parallelism: 4, name: 'Processor' });
      const like = (p: number) =>
        processed.map(Identity, undefined, { parallelism: p }) as unknown as DataStream<number>;
      return { feedback: [like(2)], outputs: {}, criteria: like(5) };
    },
  });
  const plan = job.graph.plan();
  const node = (kind: string) => plan.nodes.find((other) => other.kind === kind)!;
  assert.is(node('replay').parallelism, 3);
  assert.is(plan.loops[0]!.headParallelism, 7);
  const marks = plan.edges.find(
    ({ to, kind }) => to === node('replay').id && kind === 'watermarks',
  )!;
  assert.is(marks.from, node('head').id);
  assert.is(marks.partitioner, 'broadcast');
  assertColocated(plan);
});

type Pair = readonly [number, number];
type Shape = (pairs: DataStream<Pair>) => DataStream<unknown>;

/** Operators and edges of all kinds; what they make does not depend on the order of arrival. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'map, map': (pairs) => pairs.map(Identity).map(Identity),
  'keyBy, keyed process, map': (pairs) => pairs.keyBy(ByFirst).process(StatefulKeyed).map(Identity),
  'connect, process, map': (pairs) => pairs.connect(pairs).process(Identified).map(Identity),
  'connect of keyed streams, process, map': (pairs) => {
    const keyed = pairs.keyBy(ByFirst);
    return keyed.connect(keyed).process(StatefulKeyed).map(Identity);
  },
  'union of keyed streams, map': (pairs) =>
    pairs.keyBy(ByFirst).union(pairs.keyBy(ByFirst)).map(Identity),
  'keyBy, reduce, map': (pairs) => pairs.keyBy(ByFirst).reduce(AddPairs).map(Identity),
  'union of three, process': (pairs) =>
    pairs.union(pairs.map(Identity) as DataStream<Pair>, pairs).process(Identified),
  'rebalance, broadcast, gather': (pairs) =>
    pairs.rebalance(3).map(Identity).broadcast(2).map(Identity).gather().map(Identity),
};

const pairs: readonly Pair[] = upTo(60).map((i) => [i % 7, i]);

for (const setup of SETUPS) {
  const on = where(setup);

  for (const [name, shape] of Object.entries(SHAPES)) {
    test(`a body may have ${name}, and does the same as outside ${on}`, async () => {
      const job = jobOn(setup, 'shapes');
      const outside = shape(job.of(pairs).rebalance());
      const first = job.graph.nodes.length;
      const { inside } = job.iterate({
        variables: [job.of<number>([])],
        data: [once(job.of(pairs).rebalance())],
        body: ([v], [d]) => ({ feedback: [nothing(v)], outputs: { inside: shape(d) } }),
      });
      const { nodes } = job.graph.plan();
      const operators = (from: number, to?: number) =>
        nodes
          .slice(from, to)
          .filter((node) => node.kind === 'operator' && node.name !== 'Never')
          .map((node) => [node.name, node.parallelism, node.operator]);
      assertSame(operators(first), operators(0, first));
      const read = (stream: DataStream<unknown>) => stream.gather().output().toArray();
      const [a, b] = await soon(Promise.all([read(outside), read(inside)]));
      const lines = (values: readonly unknown[]) =>
        sortedLines(values.map((value) => JSON.stringify(value)));
      assert.ok(a.length > 0);
      assertSame(lines(b), lines(a));
    });
  }

  test(`a keyed reduction in a body has one result a key and round ${on}`, async () => {
    const job = jobOn(setup, 'keyed rounds');
    const { sums } = job.iterate({
      variables: [job.of([0])],
      data: [replay(job.of(pairs).rebalance())],
      body: ([v], [d]) => ({
        feedback: [v.map(Add, 1).filter(AtMost, 2)],
        outputs: { sums: d.keyBy(ByFirst).reduce(AddPairs).gather() },
      }),
    });
    const seen = await soon(sums.output().toArray());
    const sumOf = (key: number) => pairs.filter(([k]) => k === key).reduce((s, [, x]) => s + x, 0);
    const expected = upTo(7).flatMap((key) => [0, 1, 2].map(() => `${key} ${sumOf(key)}`));
    assertSame(sortedLines(seen.map((pair) => pair.join(' '))), sortedLines(expected));
  });
}

test.run();
