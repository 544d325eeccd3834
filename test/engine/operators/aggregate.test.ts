import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import type { Collector, ReduceOperator } from '../../../src/engine/operator.js';
import {
  type AggregateOperator,
  AggregatePartition,
  AggregateResult,
} from '../../../src/engine/operators/aggregate.js';
import { KeyedReduce } from '../../../src/engine/operators/keyed-reduce.js';
import {
  MapPartition,
  type MapPartitionOperator,
} from '../../../src/engine/operators/map-partition.js';
import { ReducePartition, ReduceResult } from '../../../src/engine/operators/reduce.js';
import { assertSame, range } from '../support.js';
import {
  dealt,
  drive,
  driveHalves,
  END,
  integers,
  interleaved,
  records,
  type Step,
  valuesOf,
} from './drive.js';

/** Sums, from any start; the result is text. */
class SumText implements AggregateOperator<number, number, string> {
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  createAccumulator(): number {
    return this.#start;
  }

  add(value: number, sum: number): number {
    return sum + value;
  }

  merge(a: number, b: number): number {
    return a + b;
  }

  getResult(sum: number): string {
    return String(sum);
  }
}

/** Writes down how it was put together, in an accumulator that it changes in place. */
class Trail implements AggregateOperator<string, { parts: string[] }, string> {
  createAccumulator(): { parts: string[] } {
    return { parts: [] };
  }

  add(value: string, trail: { parts: string[] }): { parts: string[] } {
    trail.parts.push(value);
    return trail;
  }

  merge(a: { parts: string[] }, b: { parts: string[] }): { parts: string[] } {
    a.parts.push('|', ...b.parts);
    return a;
  }

  getResult({ parts }: { parts: string[] }): string {
    return parts.join('');
  }
}

/** Not commutative: shows the order. */
class Nested implements ReduceOperator<string> {
  reduce(a: string, b: string): string {
    return `(${a}${b})`;
  }
}

const aggregateOf = (user: () => AggregateOperator<never>) =>
  [
    () => new AggregatePartition(null, user() as AggregateOperator<unknown>),
    () => new AggregateResult(null, user() as AggregateOperator<unknown>),
  ] as const;

const reduceOf = (user: () => ReduceOperator<unknown>) =>
  [() => new ReducePartition(null, user()), () => new ReduceResult(null, user())] as const;

const RANDOM = new JavaRandom(7);

test('aggregate over 0..19 on 4 subtasks gives one result', () => {
  const halves = aggregateOf(() => new SumText(0));
  assertSame(driveHalves(...halves, dealt(range(20), 4), RANDOM), ['190']);
});

test('an accumulator that is not neutral counts once for every subtask, also for empty ones', () => {
  const halves = aggregateOf(() => new SumText(1));
  assertSame(driveHalves(...halves, dealt(range(20), 4), RANDOM), ['194']);
  assertSame(driveHalves(...halves, dealt(range(20), 5), RANDOM), ['195']);
  assertSame(driveHalves(...halves, [range(20), [], [], []], RANDOM), ['194']);
});

test('aggregate gives exactly one result, also for an empty stream', () => {
  const halves = aggregateOf(() => new SumText(0));
  for (const p of [1, 2, 4]) assertSame(driveHalves(...halves, dealt([], p), RANDOM), ['0']);
  const nothing: unknown[] = [];
  assertSame(valuesOf(halves[1], [END]), nothing, 'in a round in which no subtask took part');
});

test('aggregate merges in order of the subtasks, whichever is first', () => {
  const halves = aggregateOf(() => new Trail());
  const partitions = [['a', 'b'], [], ['c'], ['d', 'e', 'f']];
  for (let seed = 0; seed < 20; seed++) {
    const result = driveHalves(...halves, partitions, new JavaRandom(seed));
    assertSame(result, ['ab||c|def'], `seed ${seed}`);
  }
});

test('reduce over 0..19 on 4 subtasks gives one record', () => {
  const halves = reduceOf(
    () => ({ reduce: (a: number, b: number) => a + b }) as ReduceOperator<unknown>,
  );
  assertSame(driveHalves(...halves, dealt(range(20), 4), RANDOM), [190]);
});

test('reduce combines in order of the subtasks, and leaves empty ones out', () => {
  const halves = reduceOf(() => new Nested());
  const partitions = [['a', 'b', 'c'], [], ['d'], ['e', 'f']];
  for (let seed = 0; seed < 20; seed++) {
    const result = driveHalves(...halves, partitions, new JavaRandom(seed));
    assertSame(result, ['((((ab)c)d)(ef))'], `seed ${seed}`);
  }
});

test('reduce of nothing gives nothing', () => {
  const halves = reduceOf(() => new Nested());
  for (const p of [1, 3]) assertSame(driveHalves(...halves, dealt([], p), RANDOM), []);
});

test('null is a record like any other for reduce', () => {
  const halves = reduceOf(
    () => ({ reduce: (a: unknown, b: unknown) => [a, b] }) as ReduceOperator<unknown>,
  );
  assertSame(driveHalves(...halves, [[null]], RANDOM), [null]);
  assertSame(driveHalves(...halves, [[null], [null, 1]], RANDOM), [[null, [null, 1]]]);
});

test('in an iteration reduce gives one record for each epoch that has any', () => {
  const [first, second] = reduceOf(() => new Nested());
  const steps: Step[] = [
    ...records(['a', 'b']),
    { epochEnd: 0 },
    { epochEnd: 1 },
    ...records(['c']),
    { epochEnd: 2 },
    { iterationEnd: true },
    END,
  ];
  const subtasks = [0, 1].map((subtask) => drive(first, steps, { subtask, parallelism: 2 }));
  const parts = subtasks.map((emitted) => emitted.map(({ value, epoch }) => ({ value, epoch })));
  const rounds = [0, 2].map((epoch) =>
    interleaved(
      parts.map((list) => list.filter((part) => part.epoch === epoch)),
      RANDOM,
    ).map(({ value }) => value),
  );
  const emitted = drive(second, [
    ...records(rounds[0]!),
    { epochEnd: 0 },
    { epochEnd: 1 },
    ...records(rounds[1]!),
    { epochEnd: 2 },
    { iterationEnd: true },
    END,
  ]);
  assertSame(
    emitted.map(({ value, epoch }) => [value, epoch]),
    [
      ['((ab)(ab))', 0],
      ['(cc)', 2],
    ],
  );
});

test('what a reduction has when its input ends inside an iteration is not lost', () => {
  const [first] = reduceOf(() => new Nested());
  const steps: Step[] = [{ epochEnd: 0 }, ...records(['a', 'b']), { iterationEnd: true }, END];
  assertSame(valuesOf(first, steps), [{ subtask: 0, value: '(ab)' }]);
});

/** Emits the size of its partition, and its values. */
class Sizes implements MapPartitionOperator<number, number[]> {
  mapPartition(values: readonly number[], out: Collector<number[]>): void {
    out.emit([values.length]);
    for (const value of values) out.emit([value]);
  }
}

test('mapPartition gets all records of its subtask in order, also when there are none', () => {
  const make = () => new MapPartition(null, new Sizes() as MapPartitionOperator<unknown>);
  assertSame(valuesOf(make, records([3, 1])), []);
  assertSame(valuesOf(make, [...records([3, 1, 2]), END]), [[3], [3], [1], [2]]);
  assertSame(valuesOf(make, [END]), [[0]]);
});

test('mapPartition, aggregate and reduce agree with plain sums on random partitions', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new JavaRandom(seed);
    const values = integers(random, random.nextInt(40), 1000);
    const partitions = dealt(values, 1 + random.nextInt(6), random);
    const sum = values.reduce((a, b) => a + b, 0);
    const aggregated = driveHalves(...aggregateOf(() => new SumText(0)), partitions, random);
    assertSame(aggregated, [String(sum)], `seed ${seed}`);
    const add = () => ({ reduce: (a: number, b: number) => a + b }) as ReduceOperator<unknown>;
    const reduced = driveHalves(...reduceOf(add), partitions, random);
    assertSame(reduced, values.length > 0 ? [sum] : [], `seed ${seed}`);
  }
});

test('a keyed reduction gives one record for each key and epoch', () => {
  const make = () => new KeyedReduce(null, new Nested());
  const keyed = (text: string): Step[] => [...text].map((c) => ({ record: c, key: c }));
  const steps = [...keyed('abab'), { epochEnd: 0 }, ...keyed('ccb'), { epochEnd: 1 }, END];
  assertSame(valuesOf(make, steps), ['(aa)', '(bb)', '(cc)', 'b']);
});

/** Half-way state of a user's aggregate: counts what it saw, beside the accumulator. */
class Counting implements AggregateOperator<number, number, number[]> {
  #added = 0;
  #merged = 0;

  createAccumulator(): number {
    return 0;
  }

  add(value: number, sum: number): number {
    this.#added++;
    return sum + value + 1000 * this.#added;
  }

  merge(a: number, b: number): number {
    this.#merged++;
    return a + b;
  }

  getResult(sum: number): number[] {
    return [sum, this.#merged];
  }

  snapshot(): unknown {
    return [this.#added, this.#merged];
  }

  restore(state: unknown): void {
    [this.#added, this.#merged] = state as [number, number];
  }
}

test("the state of a user's aggregate is kept beside the accumulator", () => {
  const halves = aggregateOf(() => new Counting());
  // 1 + 2 + 3 and 4, where the n-th record of a subtask counts n thousand more.
  assertSame(driveHalves(...halves, [[1, 2, 3], [4]], RANDOM), [[7010, 1]]);
});

test('what a user throws comes through', () => {
  const make = () =>
    new MapPartition(null, {
      mapPartition() {
        throw new RangeError('mine');
      },
    });
  assert.throws(() => drive(make, [END]), /^mine$/);
});

test.run();
