import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import type { Job } from '../../src/engine/job.js';
import { KeyedStates } from '../../src/engine/keyed-state.js';
import { hashKey } from '../../src/engine/keys.js';
import type { Key } from '../../src/engine/operator.js';
import type { DataStream } from '../../src/engine/stream.js';
import { CountDown, TerminateOnMaxIter } from './operators.js';
import {
  All,
  ByUser,
  CountByKey,
  FailingSelector,
  FailingToBegin,
  JoinByKey,
  Merge,
  Modulo,
  NumbersOnly,
  type Seen,
  StateOutsideRecords,
  SumUntilZero,
  Total,
  type Visit,
  Witness,
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

const DATA = 'ERR_GYRE_DATA';
const OPERATOR = 'ERR_GYRE_OPERATOR';
const PLAN = 'ERR_GYRE_PLAN';

/** Keys of all types, among them those that are equal though they do not look so. */
const KEYS: readonly Key[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  0.1,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  '0',
  '1',
  'null',
  'a',
  'ab',
  'äöü',
  '鍵',
  '🔑',
  '\ud83d',
];

/** A key as text: unlike JSON it tells all keys apart, and -0 is 0. */
const textOf = (key: Key): string =>
  typeof key === 'string' ? JSON.stringify(key) : String(key === 0 ? 0 : key);

/** MurmurHash3_x86_32 over bytes, written after its definition. */
function murmur3(bytes: Uint8Array, seed: number): number {
  const mask = 0xffffffffn;
  const rotated = (x: bigint, by: bigint) => ((x << by) | (x >> (32n - by))) & mask;
  const scrambled = (x: bigint) => (rotated((x * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask;
  let hash = BigInt(seed);
  const blocks = bytes.length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < blocks; i++) {
    hash ^= scrambled(BigInt(view.getUint32(i * 4, true)));
    hash = (rotated(hash, 13n) * 5n + 0xe6546b64n) & mask;
  }
  let tail = 0n;
  for (let i = bytes.length - 1; i >= blocks * 4; i--) tail = (tail << 8n) | BigInt(bytes[i]!);
  hash ^= scrambled(tail);
  hash ^= BigInt(bytes.length);
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask;
  return Number(hash ^ (hash >> 16n));
}

test('the hash is MurmurHash3 of the float64 or of the UTF-16 code units', () => {
  for (const key of [0, 1, -1, 0.1, 2 ** 53, -1e300, Number.POSITIVE_INFINITY]) {
    const bytes = new Uint8Array(new Float64Array([key]).buffer);
    assert.is(hashKey(key), murmur3(bytes, 0x6e756d62), String(key));
  }
  for (const key of ['', 'a', 'ab', 'abc', 'äöü', '🔑', 'a longer text, of 33 code units...']) {
    const bytes = new Uint8Array(Buffer.from(key, 'utf16le'));
    assert.is(hashKey(key), murmur3(bytes, 0x73747269), key);
  }
});

test('the hash does not change from version to version', () => {
  const keys = [null, true, false, 0, Number.NaN, 1, 'a', 'user-1'];
  assertSame(
    keys.map(hashKey),
    [2578158840, 3739262709, 742440545, 999619327, 1257311469, 853954919, 2736093227, 2114417597],
  );
});

test('equal keys have equal hashes, and all types are told apart', () => {
  assert.is(hashKey(-0), hashKey(0));
  const otherNaN = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer)[0]!;
  assert.is(hashKey(otherNaN), hashKey(Number.NaN));
  const hashes = new Set(KEYS.map(hashKey));
  assert.is(hashes.size, KEYS.length - 1, 'only 0 and -0 are one');
});

test('keys are spread evenly over subtasks', () => {
  const n = 20_000;
  const families: Record<string, (i: number) => Key> = {
    integers: (i) => i,
    'multiples of 1024': (i) => i * 1024,
    fractions: (i) => i / 10,
    names: (i) => `user-${i}`,
    'long names': (i) => `https://example.org/a/path/that/all/share?id=${i}`,
  };
  for (const [family, keyOf] of Object.entries(families)) {
    for (const buckets of [2, 3, 7, 16, 64]) {
      const counts = new Array<number>(buckets).fill(0);
      for (let i = 0; i < n; i++) counts[hashKey(keyOf(i)) % buckets]!++;
      const mean = n / buckets;
      const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      // Mean and variance of chi-square are d and 2d: four deviations above the mean.
      const d = buckets - 1;
      const bound = d + 4 * Math.sqrt(2 * d);
      assert.ok(chiSquare < bound, `${family} over ${buckets}: ${chiSquare} >= ${bound}`);
    }
  }
});

/** Random visits: few keys or many, of all types. */
function visitsOf(seed: number, n: number): Visit[] {
  const random = new JavaRandom(seed);
  const many = seed % 3 === 0;
  return range(n).map((at) => {
    const user = many ? `user ${random.nextInt(n)}` : KEYS[random.nextInt(KEYS.length)]!;
    return { user, at };
  });
}

for (const threads of THREADS) {
  const on = `${threads} threads`;
  const newJob = (): Job => sessionOf(threads).job('keyed');
  const read = <T>(stream: DataStream<T>): Promise<T[]> =>
    within(20_000, stream.output().toArray());

  test(`every key is at one subtask, with all its records in order, on ${on}`, async () => {
    for (let seed = 0; seed < 6; seed++) {
      const visits = visitsOf(seed, 400);
      const parallelism = 1 + (seed % 4);
      const options = { parallelism };
      const keyed =
        seed % 2 === 0 ? newJob().of(visits).keyBy('user') : newJob().of(visits).keyBy(ByUser);
      const seen: Seen[] = await read(keyed.process(Witness, undefined, options));
      const byKey = new Map<string, Seen[]>();
      for (const row of seen) {
        const { user } = row.value as Visit;
        assert.is(textOf(row.key), textOf(user), `key of the record, seed ${seed}`);
        assert.not(Object.is(row.key, -0), '-0 is 0');
        byKey.set(textOf(user), [...(byKey.get(textOf(user)) ?? []), row]);
      }
      for (const [key, rows] of byKey) {
        const expected = visits.filter(({ user }) => textOf(user) === key).map(({ at }) => at);
        assertSame(
          rows.map(({ value }) => (value as Visit).at),
          expected,
          `records of ${key}, seed ${seed}`,
        );
        const owner = hashKey(rows[0]!.key) % parallelism;
        assert.ok(
          rows.every(({ subtask }) => subtask === owner),
          `subtask of ${key}, seed ${seed}`,
        );
      }
      assert.is(seen.length, visits.length, `seed ${seed}`);
    }
  });

  test(`order within a producer and a key is kept between many subtasks on ${on}`, async () => {
    for (let seed = 10; seed < 13; seed++) {
      const visits = visitsOf(seed, 600);
      const dealt = newJob().of(visits).rebalance(3).filter(All);
      const seen: Seen[] = await read(
        dealt.keyBy(ByUser).process(Witness, undefined, { parallelism: 4 }),
      );
      assertSame(sorted(seen.map(({ value }) => (value as Visit).at)), range(600), `seed ${seed}`);
      const last = new Map<string, number>();
      for (const { key, value } of seen) {
        const { at } = value as Visit;
        const way = `${textOf(key)} by ${at % 3}`;
        assert.ok(at > (last.get(way) ?? -1), `${way}: ${at} came late, seed ${seed}`);
        last.set(way, at);
      }
    }
  });

  test(`reduce gives one record per key, in order of the keys, on ${on}`, async () => {
    for (let seed = 20; seed < 24; seed++) {
      const visits = visitsOf(seed, 300);
      const parallelism = 1 + (seed % 3);
      const records = visits.map(({ user, at }) => ({ key: user, values: [at] }));
      const reduced = await read(
        newJob().of(records).keyBy('key').reduce(Merge, undefined, { parallelism }),
      );
      const expected = new Map<Key, number[]>();
      for (const { user, at } of visits) {
        expected.set(user, [...(expected.get(user) ?? []), at]);
      }
      for (let subtask = 0; subtask < parallelism; subtask++) {
        const here = (key: Key) => hashKey(key) % parallelism === subtask;
        const own = reduced.filter(({ key }) => here(key));
        assertSame(
          own.map(({ key, values }) => [textOf(key), values]),
          [...expected].filter(([key]) => here(key)).map(([key, at]) => [textOf(key), at]),
          `subtask ${subtask}, seed ${seed}`,
        );
      }
      assert.is(reduced.length, expected.size, `seed ${seed}`);
    }
    assertSame(await read(newJob().of<number>([]).keyBy(Modulo, 2).reduce(Total)), []);
  });

  test(`each key has a state of its own on ${on}`, async () => {
    const visits = visitsOf(30, 500);
    const counted = newJob()
      .of(visits)
      .keyBy(ByUser)
      .process(CountByKey, undefined, { parallelism: 2 });
    const [counts, totals] = await Promise.all([
      counted.output().toArray(),
      counted.side<[Key, number]>('totals').output().toArray(),
    ]);
    const expected = new Map<Key, number>();
    for (const { user } of visits) expected.set(user, (expected.get(user) ?? 0) + 1);
    assert.is(counts.length, 500);
    for (const [key, total] of expected) {
      assertSame(
        counts.filter(([other]) => textOf(other) === textOf(key)).map(([, count]) => count),
        range(total + 1).slice(1),
        `counts of ${textOf(key)}`,
      );
    }
    for (const subtask of [0, 1]) {
      const here = ([key]: readonly [Key, number]) => hashKey(key) % 2 === subtask;
      const text = ([key, count]: readonly [Key, number]) => [textOf(key), count];
      assertSame(totals.filter(here).map(text), [...expected].filter(here).map(text));
    }
  });

  test(`a state that was deleted begins anew on ${on}`, async () => {
    const records: [string, number][] = [
      ['a', 1],
      ['b', 5],
      ['a', 2],
      ['a', 0],
      ['b', 1],
      ['a', 4],
    ];
    const sums = await read(newJob().of(records).keyBy('0').flatMap(SumUntilZero));
    const of = (key: string) => (sums as [string, number][]).filter(([k]) => k === key);
    assertSame(
      of('a').map(([, sum]) => sum),
      [1, 3, null, 4],
    );
    assertSame(
      of('b').map(([, sum]) => sum),
      [5, 6],
    );
  });

  test(`connected keyed streams meet by key, each with its own selector, on ${on}`, async () => {
    const job = newJob();
    const visits = range(60).map((at) => ({ user: at % 7, at }));
    const names = range(7).map((id) => ({ id, name: `user ${id}` }));
    const pairs = await read(
      job
        .of(visits)
        .keyBy(ByUser)
        .connect(job.of(names).keyBy('id'))
        .process(JoinByKey, undefined, { parallelism: 3 }),
    );
    const keys = new Set(pairs.map((pair) => (pair as { key: Key }).key));
    assert.is(keys.size, 7);
    for (const { key, left } of pairs as { key: Key; left: Visit }[]) assert.is(left.user, key);
  });

  test(`a record of an input that is not keyed has no key on ${on}`, async () => {
    const job = newJob();
    const seen: Seen[] = await read(
      job
        .of([1, 2, 3])
        .keyBy(NumbersOnly)
        .connect(job.of(['rule']).broadcast(2))
        .process(Witness, undefined, { parallelism: 2 }),
    );
    const keys = (input: number) => seen.filter((row) => row.input === input).map(({ key }) => key);
    assertSame(sorted(keys(0) as number[]), [1, 2, 3]);
    assertSame(keys(1), [null, null]);
  });

  test(`in an iteration reduce gives one record per key and round on ${on}`, async () => {
    const job = newJob();
    const { sums } = job.iterate({
      variables: [job.of([3, 4, 8])],
      body: ([numbers]) => {
        // Watermarks pass a keyed edge, and no selector sees them.
        const sums = numbers!.keyBy(Modulo, 4).reduce(Total).keyBy(NumbersOnly).filter(All);
        return {
          feedback: [numbers!.flatMap(CountDown)],
          outputs: { sums },
          criteria: numbers!.process(TerminateOnMaxIter, 3),
        };
      },
    });
    // 3 | 4 + 8, then 2 | 3 + 7, then 1 | 2 + 6, then what is fed back last: 1 + 5.
    assertSame(sorted(await read(sums)), sorted([3, 12, 2, 10, 1, 8, 6]));
  });

  test(`a keyed stream leaves an iteration as one on ${on}`, async () => {
    const job = newJob();
    const { keyed } = job.iterate({
      variables: [job.of([3, 4])],
      body: ([numbers]) => ({
        feedback: [numbers!.flatMap(CountDown)],
        outputs: { keyed: numbers!.keyBy(Modulo, 2) },
      }),
    });
    // 3, 2, 1 and 4, 3, 2, 1: the odd ones add up to 8, and so do the even ones.
    assertSame(sorted(await read(keyed.reduce(Total))), [8, 8]);
  });

  test(`a key of another type is refused, with operator and key, on ${on}`, async () => {
    for (const parallelism of [1, 2]) {
      const of = (user: unknown) =>
        read(
          newJob()
            .of([{ user } as Visit])
            .keyBy('user')
            .process(Witness, undefined, { parallelism }),
        );
      const error = await rejects(
        of(undefined),
        DATA,
        /^keyBy\(user\) of Witness: a key must be a string, a number, a boolean or null, got undefined\.$/,
      );
      assertSame(error.details, { operator: 'keyBy(user) of Witness', key: 'undefined' });
      await rejects(of([1]), DATA, /^keyBy\(user\) of Witness: .* got \[1\]\.$/);
      await rejects(of(1n), DATA, /^keyBy\(user\) of Witness: .* got 1n\.$/);
      await rejects(
        read(
          newJob()
            .of(['text'])
            .keyBy('length' as never)
            .process(Witness),
        ),
        DATA,
        /^keyBy\(length\) of Witness: a record must be an object, got "text"\.$/,
      );
    }
  });

  test(`what a selector throws is an error of its keyBy on ${on}`, async () => {
    for (const parallelism of [1, 2]) {
      const options = { parallelism, name: 'visits' };
      const error = await rejects(
        read(newJob().of([1]).keyBy(FailingSelector).process(Witness, undefined, options)),
        OPERATOR,
        /^keyBy\(FailingSelector\) of visits threw: no key today$/,
      );
      assert.is(error.cause?.name, 'RangeError');
      await rejects(
        read(newJob().of([1]).keyBy(FailingToBegin).process(Witness, undefined, options)),
        OPERATOR,
        /^keyBy\(FailingToBegin\) of visits threw: no selector today$/,
      );
    }
  });

  test(`the state of a key is for records of keyed inputs on ${on}`, async () => {
    await rejects(
      read(newJob().of([1]).process(CountByKey)),
      PLAN,
      /^CountByKey: state\("counts"\) is of keys, but no input has any: put keyBy\(\) before/,
    );
    await rejects(
      read(newJob().of([1]).keyBy(NumbersOnly).process(StateOutsideRecords)),
      PLAN,
      /^StateOutsideRecords: the state "lost" is of a key, so get, set and delete work only while/,
    );
  });

  test(`a class without reduce is refused on ${on}`, async () => {
    await rejects(
      read(
        newJob()
          .of([1])
          .keyBy(NumbersOnly)
          .reduce(Witness as never),
      ),
      PLAN,
      /^Witness must have a method reduce\(\)\.$/,
    );
  });
}

test('closures are selectors where there are no workers', async () => {
  const job = sessionOf(0).job('inline');
  const sums = job
    .of(range(10))
    .keyBy((x) => x % 3)
    .reduce((a, b) => a + b);
  assertSame(await sums.output().toArray(), [18, 12, 15]);
});

test('closures are no selectors where there are workers', () => {
  const job = sessionOf(2).job('inline');
  const keyed = job.of(range(10)).keyBy((x) => x % 3);
  const nodes = job.graph.nodes.length;
  throws(
    () => keyed.reduce(Total),
    PLAN,
    /^inline: keyBy\(\) runs on 2 workers, so it must be an exported class/,
  );
  assert.is(job.graph.nodes.length, nodes);
});

test('keyBy refuses what gives no keys', () => {
  const stream = sessionOf(0).job('inline').of([1]);
  throws(
    () => stream.keyBy(3 as never),
    PLAN,
    /^keyBy takes the name of a field, a selector class/,
  );
});

test('keyed state comes back from its snapshot, in the states that are held', () => {
  const states = new KeyedStates('Counter');
  const counts = states.state<number>('counts');
  for (const key of ['b', 'a', 'b', null]) {
    states.setKey(key);
    counts.set((counts.get() ?? 0) + 1);
  }
  const snapshot = structuredClone(states.snapshot());
  const restored = new KeyedStates('Counter');
  const held = restored.state<number>('counts');
  restored.setKey('z');
  held.set(7);
  restored.restore(snapshot);
  assertSame([...held.entries()], [...counts.entries()]);
  restored.setKey('b');
  assert.is(held.get(), 2);
  assertSame([...restored.state('counts').entries()], [...held.entries()]);
});

test('keyed state keeps its order and its values when numbers give way to others, and in snapshots', () => {
  const value = (i: number) => (i % 3 === 0 ? -0 : i / 4);
  for (const last of [
    ['seven', 7],
    [7, 'seven'],
    [7, null],
    [null, 7],
    [true, [1, 2]],
  ] as const) {
    const states = new KeyedStates('Counter');
    const state = states.state<unknown>('values');
    const [key, other] = last;
    const expected = new Map<Key, unknown>();
    for (let i = 0; i < 100; i++) {
      states.setKey(i / 2);
      state.set(value(i));
      expected.set(i / 2, value(i));
    }
    const begun = state.entries();
    begun.next();
    const numbers = structuredClone(states.snapshot());
    states.setKey(key);
    state.set(other);
    states.setKey(0);
    state.delete();
    expected.set(key, other);
    expected.delete(0);
    assertSame([...state.entries()], [...expected]);
    assertSame([...begun], [...expected], 'an iteration goes on');
    const restored = new KeyedStates('Counter');
    const held = restored.state('values');
    restored.restore(structuredClone(states.snapshot()));
    assertSame([...held.entries()], [...expected]);
    restored.restore(numbers);
    assert.is([...held.entries()].length, 100, 'back to numbers alone');
    restored.setKey(33);
    assert.ok(Object.is(held.get(), -0));
  }
});

test.run();
