import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { NumberMap } from '../../src/engine/number-map.js';
import { assertSame } from './support.js';

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);

const plain = (entries: Iterable<readonly [number, number]>): string[] =>
  Array.from(entries, ([key, value]) => `${key}: ${Object.is(value, -0) ? '-0' : value}`);

/** Keys that meet: integers close by, fractions, both zeros, NaN, infinities, large ones. */
function randomKey(random: JavaRandom, keys: number): number {
  const i = random.nextInt(keys);
  switch (random.nextInt(12)) {
    case 0:
      return i / 8;
    case 1:
      return -i;
    case 2:
      return i * 2 ** 40;
    case 3:
      return [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, 2 ** 53][i % 6]!;
    default:
      return i;
  }
}

/** The same calls to both; iterations are begun, taken on, and given up on the way. */
function play(seed: number, keys: number, turns: number): void {
  const random = new JavaRandom(seed);
  const map = new NumberMap();
  const expected = new Map<number, number>();
  const iterations: (readonly [Iterator<[number, number]>, Iterator<[number, number]>])[] = [];
  const where = `seed ${seed}`;
  for (let turn = 0; turn < turns; turn++) {
    const key = randomKey(random, keys);
    const what = random.nextInt(20);
    if (what < 8) {
      const value = random.nextInt(5) === 0 ? -0 : random.nextDouble();
      map.set(key, value);
      expected.set(key, value);
    } else if (what < 13) {
      map.delete(key);
      expected.delete(key);
    } else if (what < 16) {
      assert.is(map.get(key), expected.get(key), where);
      assert.is(map.has(key), expected.has(key), where);
    } else if (what < 17) {
      iterations.push([map.entries(), expected.entries()]);
    } else if (what < 19) {
      const at = random.nextInt(iterations.length + 1);
      const [a, b] = iterations[at] ?? [map.entries(), expected.entries()];
      for (let steps = random.nextInt(9); steps >= 0; steps--) {
        const [got, wanted] = [a.next(), b.next()];
        assertSame([got.done === true, got.value], [wanted.done === true, wanted.value], where);
        if (got.done === true) {
          iterations.splice(at, 1);
          break;
        }
      }
      if (iterations.length > 6) iterations.shift()![0].return?.();
    } else if (random.nextInt(50) === 0) {
      const copy = NumberMap.of(map.pairs().slice());
      assert.equal(plain(copy.entries()), plain(expected), where);
      copy.set(1e9, 1);
      assert.is(copy.get(1e9), 1, where);
    }
    assert.is(map.size, expected.size, where);
  }
  assert.equal(plain(map.entries()), plain(expected), where);
  const pairs = map.pairs();
  assert.is(pairs.length, 2 * expected.size, where);
  const moved = map.toMap();
  assert.equal(plain(moved), plain(expected), where);
  moved.set(-1e9, 0);
  expected.set(-1e9, 0);
  for (const [a, b] of iterations) {
    const rest = (iterator: Iterator<[number, number]>) =>
      plain({ [Symbol.iterator]: () => iterator });
    assert.equal(rest(a), rest(b), `${where}: iterations go on in the new map`);
  }
}

test('whatever is set, deleted and iterated, it is a Map', () => {
  for (let i = 0; i < 60; i++) play(SEED + i, [3, 20, 200, 5000][i % 4]!, 4000);
});

test('entries keep their order while the map grows, shrinks and grows again', () => {
  const map = new NumberMap();
  for (let i = 0; i < 10_000; i++) map.set(i, i / 2);
  for (let i = 0; i < 10_000; i++) if (i % 10 !== 3) map.delete(i);
  for (let i = 0; i < 20_000; i += 2) map.set(i, i);
  const keys = Array.from(map.entries(), ([key]) => key);
  const left = Array.from({ length: 1000 }, (_, i) => 10 * i + 3);
  assert.equal(keys.slice(0, 1000), left);
  assert.equal(
    keys.slice(1000),
    Array.from({ length: 10_000 }, (_, i) => 2 * i),
  );
});

test('an empty one is empty, also after it was cleared', () => {
  const map = new NumberMap();
  assert.is(map.get(0), undefined);
  assert.is(map.pairs().length, 0);
  map.set(1, 2);
  map.clear();
  assert.is(map.size, 0);
  assert.not(map.has(1));
  assert.is(NumberMap.of(new Float64Array(0)).size, 0);
});

test.run();
