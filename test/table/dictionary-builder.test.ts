import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dictionaryOfStrings } from '../../src/table/dictionary-builder.js';
import { StringTrace, TRACES } from '../../src/table/string-trace.js';
import { randomText } from '../reference/cases-hashing.js';
import { seeded } from '../reference/random.js';

/** What the column must be: labels in order of appearance, and each row its own. */
function assertDictionary(texts: readonly string[]): void {
  const column = dictionaryOfStrings(texts);
  assert.ok(column !== null);
  assert.equal(column.labels, [...new Set(texts)]);
  assert.is(column.length, texts.length);
  texts.forEach((text, i) => {
    if (column.get(i) !== text) assert.unreachable(`row ${i}: ${column.get(i)}, not ${text}`);
  });
}

for (const seed of [1, 2, 3]) {
  for (const distinct of [1, 2, 100, 900]) {
    test(`strings are the labels of their codes: ${distinct} labels, seed ${seed}`, () => {
      const random = seeded(seed);
      const labels = Array.from({ length: distinct }, () => randomText(random, random.below(30)));
      const texts = Array.from({ length: 20_000 }, () => labels[random.below(distinct)]!);
      assertDictionary(texts);
      // Equal strings that are not one object.
      assertDictionary(texts.map((text) => `${text.slice(0, 1)}${text.slice(1)}`));
    });
  }
}

test('labels that come late, and differ elsewhere than the first ones, are found', () => {
  const early = Array.from({ length: 100 }, (_, i) => `key ${i}`);
  const late = Array.from({ length: 800 }, (_, i) => `${i} is at the beginning of a long label`);
  assertDictionary([
    ...Array.from({ length: 10_000 }, (_, i) => early[(i * 7) % 100]!),
    ...Array.from({ length: 50_000 }, (_, i) => late[(i * 11) % 800]!),
    ...Array.from({ length: 10_000 }, (_, i) => [...early, ...late][(i * 13) % 900]!),
  ]);
});

test('labels beyond 1024 need 16 rows each, and are 65536 at most', () => {
  const texts = (rows: number, distinct: number) =>
    Array.from({ length: rows }, (_, i) => `key ${i % distinct}`);
  assertDictionary(texts(4096, 1024));
  assert.is(dictionaryOfStrings(texts(4096, 1025)), null);
  const grown = Array.from({ length: 40_000 }, (_, i) => `key ${Math.floor(i / 20)}`);
  assertDictionary(grown);
  const many = Array.from({ length: 1_200_000 }, (_, i) => `key ${Math.floor(i / 17)}`);
  assert.is(dictionaryOfStrings(many), null);
  assert.is(dictionaryOfStrings(many.slice(0, 65_536 * 17))!.labels.length, 65_536);
});

test('few strings, and what is no string, have no dictionary', () => {
  const texts = new Array<unknown>(4096).fill('a');
  assert.is(dictionaryOfStrings(texts.slice(1)), null);
  assert.equal(dictionaryOfStrings(texts)!.labels, ['a']);
  for (const other of [null, undefined, 1, new String('a')]) {
    assert.is(dictionaryOfStrings([...texts, other]), null);
  }
});

for (const [what, of] of [
  ['at their end', (i: number) => `category ${i}`],
  ['at their beginning', (i: number) => `${i} of the categories`],
  ['in their middle', (i: number) => `category ${i}, of the shop`],
  ['in two places', (i: number) => `${i % 10} of the category of ${Math.floor(i / 10)}, all`],
  ['in their length', (i: number) => 'x'.repeat(i)],
] as const) {
  test(`traces tell most of 100 labels apart that differ ${what}`, () => {
    const labels = Array.from({ length: 100 }, (_, i) => of(i));
    const trace = new StringTrace(labels);
    const traces = labels.map((label) => trace.of(label));
    assert.ok(traces.every((at) => Number.isInteger(at) && at >= 0 && at < TRACES));
    assert.ok(new Set(traces).size >= 90, `${new Set(traces).size} of 100`);
  });
}

test('traces take strings of any length, and are equal for equal strings', () => {
  const random = seeded(4);
  for (const labels of [[], [''], ['a', ''], ['abcdef', 'xbcdef', 'ab'], ['\u{1f600}', '\ud800']]) {
    const trace = new StringTrace(labels);
    for (let i = 0; i < 200; i++) {
      const text = randomText(random, random.below(12));
      const at = trace.of(text);
      assert.ok(Number.isInteger(at) && at >= 0 && at < TRACES, `${at} of ${text}`);
      assert.is(trace.of([...text].join('')), at);
    }
  }
});

test.run();
