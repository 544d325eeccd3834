import { test } from 'uvu';
import { JavaRandom } from '../../../src/core/random.js';
import type { Collector, Key } from '../../../src/engine/operator.js';
import {
  CoGroup,
  type CoGroupOperator,
  compareKeys,
} from '../../../src/engine/operators/co-group.js';
import { assertSame, range } from '../support.js';
import { type DriveOptions, interleaved, type Step, valuesOf } from './drive.js';

/** Emits the key and both sides. */
class Sides implements CoGroupOperator<unknown, unknown, unknown> {
  coGroup(key: Key, left: readonly unknown[], right: readonly unknown[], out: Collector): void {
    out.emit([key, [...left], [...right]]);
  }
}

class SumOfBoth implements CoGroupOperator<number, number, number> {
  coGroup(
    _key: Key,
    left: readonly number[],
    right: readonly number[],
    out: Collector<number>,
  ): void {
    out.emit([...left, ...right].reduce((a, b) => a + b, 0));
  }
}

type Keyed = readonly [Key, unknown];
const side = (input: number, keyed: readonly Keyed[]): Step[] => [
  ...keyed.map(([key, value]): Step => ({ record: value, key, input })),
  { inputEnd: input },
];

/** Both sides in any order, as they would come on one subtask. */
function coGroup(
  left: readonly Keyed[],
  right: readonly Keyed[],
  random: JavaRandom,
  user: () => CoGroupOperator = () => new Sides(),
  options: DriveOptions = {},
): unknown[] {
  const make = () => new CoGroup(null, user() as CoGroupOperator<unknown, unknown>);
  return valuesOf(make, interleaved([side(0, left), side(1, right)], random), options);
}

test('each key comes once, in order, with the records of both sides', () => {
  const left: Keyed[] = range(3).map((i) => [i + 1, i + 1]);
  const right: Keyed[] = [
    [1, 1.5],
    [5, 5.5],
    [3, 3.5],
    [1, 2.5],
  ];
  for (let seed = 0; seed < 10; seed++) {
    const sums = coGroup(left, right, new JavaRandom(seed), () => new SumOfBoth());
    assertSame(sums, [5, 2, 6.5, 5.5], `seed ${seed}`);
  }
});

test('keys that are spread over 4 subtasks have the sums of both sides', () => {
  const keyed = (values: readonly number[]): Keyed[] => values.map((v) => [v >> 1, v]);
  const [left, right] = [keyed(range(11)), keyed(range(11).map((i) => i + 6))];
  const mine = (all: Keyed[], subtask: number) =>
    all.filter(([key]) => Number(key) % 4 === subtask);
  const sums = range(4).flatMap((subtask) =>
    coGroup(
      mine(left, subtask),
      mine(right, subtask),
      new JavaRandom(subtask),
      () => new SumOfBoth(),
    ),
  ) as number[];
  assertSame(
    sums.sort((a, b) => a - b),
    [1, 5, 9, 16, 25, 26, 29, 31, 34],
  );
});

test('a side without the key is empty, and so may be a whole stream', () => {
  const random = new JavaRandom(1);
  assertSame(coGroup([['a', 1]], [['b', 2]], random), [
    ['a', [1], []],
    ['b', [], [2]],
  ]);
  assertSame(coGroup([], [['b', 2]], random), [['b', [], [2]]]);
  assertSame(coGroup([], [], random), []);
});

test('nothing comes before both sides have ended', () => {
  const make = () => new CoGroup(null, new Sides() as CoGroupOperator<unknown, unknown>);
  const [left, right] = [side(0, [['a', 1]]), side(1, [['a', 2]])];
  assertSame(valuesOf(make, [...left, ...right.slice(0, -1)]), []);
  assertSame(valuesOf(make, [...right, ...left.slice(0, -1)]), []);
  assertSame(valuesOf(make, [...right, ...left]), [['a', [1], [2]]]);
});

test('keys of all kinds have one order', () => {
  const ordered: Key[] = [
    null,
    false,
    true,
    -Infinity,
    -1,
    0,
    0.5,
    2,
    10,
    Infinity,
    NaN,
    '',
    '10',
    '2',
    'a',
    'é',
  ];
  for (let seed = 0; seed < 10; seed++) {
    const random = new JavaRandom(seed);
    const shuffled = interleaved(
      ordered.map((key) => [key]),
      random,
    );
    const keys = coGroup(
      shuffled.map((key): Keyed => [key, 0]),
      [],
      random,
    ).map((group) => (group as [Key])[0]);
    assertSame(keys.map(String), ordered.map(String), `seed ${seed}`);
  }
  for (const a of ordered) assertSame(compareKeys(a, a), 0);
});

test('coGroup agrees with a join made by hand on random streams', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = new JavaRandom(seed);
    const keyed = (): Keyed[] =>
      range(random.nextInt(15)).map((i) => [`k${random.nextInt(6)}`, seed * 100 + i]);
    const [left, right] = [keyed(), keyed()];
    const keys = [...new Set([...left, ...right].map(([key]) => key as string))].sort();
    const of = (all: Keyed[], key: Key) => all.filter(([k]) => k === key).map(([, value]) => value);
    const expected = keys.map((key) => [key, of(left, key), of(right, key)]);
    assertSame(coGroup(left, right, random), expected, `seed ${seed}`);
  }
});

test.run();
