import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KeyDictionary, type Keys } from '../../src/feature/key-dictionary.js';
import { Session } from '../../src/index.js';
import { encodeStrings } from '../../src/table/utf8-builder.js';
import { randomText } from '../reference/cases-hashing.js';
import { type Random, seeded } from '../reference/random.js';

const session = new Session({ threads: 0 });
const scope = session.inline;
const { arena } = scope;

test.after(() => session.close());

function keysOf(texts: readonly string[]): Keys {
  return { length: texts.length, width: 0, validity: null, ...encodeStrings(texts) };
}

/** Texts around the 16 bytes that lie in a slot, many of which begin alike. */
function someTexts(random: Random, distinct: number, rows: number): string[] {
  const prefixes = ['', 'a', 'a common prefix ', 'a common prefix of many bytes, more than 32 '];
  const texts = Array.from({ length: distinct }, () => {
    const prefix = prefixes[random.below(prefixes.length)]!;
    return Buffer.from(prefix + randomText(random, random.below(24))).toString();
  });
  return Array.from({ length: rows }, () => texts[random.below(distinct)]!);
}

/** What the dictionary must have: counts in order of appearance. */
function countsOf(texts: readonly string[], weights: Int32Array | null): Map<string, number> {
  const counts = new Map<string, number>();
  texts.forEach((text, i) => {
    counts.set(text, (counts.get(text) ?? 0) + (weights?.[i] ?? 1));
  });
  return counts;
}

function listed(dictionary: KeyDictionary): Map<string, number> {
  const { bytes, offsets, values } = dictionary.list();
  const text = Buffer.from(bytes);
  return new Map(
    Array.from(values, (value, i) => [text.toString('utf8', offsets[i]!, offsets[i + 1]!), value]),
  );
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`a dictionary counts and finds what a Map does, seed ${seed}`, () => {
    const random = seeded(seed);
    const used = arena.used;
    const dictionary = new KeyDictionary(scope);
    const distinct = [1, 30, 3000][seed % 3]!;
    const all: string[] = [];
    const weights: number[] = [];
    for (let batch = 0; batch < 3; batch++) {
      const texts = someTexts(random, distinct, 2000);
      const own = batch === 1 ? Int32Array.from(texts, () => random.below(5)) : null;
      dictionary.add(keysOf(texts), own);
      all.push(...texts);
      weights.push(...(own ?? texts.map(() => 1)));
    }
    const counts = countsOf(all, Int32Array.from(weights));
    assert.equal([...listed(dictionary)], [...counts]);
    assert.is(dictionary.size, counts.size);

    const asked = [...all.slice(0, 500), ...someTexts(random, 50, 500)];
    const out = new Float64Array(asked.length);
    const misses = dictionary.find(keysOf(asked), -7, out);
    assert.equal(
      [...out],
      asked.map((text) => counts.get(text) ?? -7),
    );
    assert.is(misses, asked.filter((text) => !counts.has(text)).length);
    dictionary.free();
    assert.is(arena.used, used, 'the memory is given back');
  });
}

test('keys that differ only in zeros at their end are different', () => {
  const dictionary = new KeyDictionary(scope);
  const texts = [
    '',
    '\0',
    '\0\0',
    'a',
    'a\0',
    'x'.repeat(15),
    `${'x'.repeat(15)}\0`,
    'x'.repeat(16),
  ];
  dictionary.add(keysOf(texts));
  assert.equal([...listed(dictionary).keys()], texts);
  dictionary.free();
});

test('rows that are null are passed over, and not found', () => {
  const dictionary = new KeyDictionary(scope);
  const keys = { ...keysOf(['a', 'b', 'a', 'c']), validity: Uint8Array.of(0b0101) };
  dictionary.add(keys);
  assert.equal([...listed(dictionary)], [['a', 2]]);
  const out = new Float64Array(4);
  assert.is(dictionary.find(keys, -1, out), 2);
  assert.equal([...out], [2, -1, 2, -1]);
  dictionary.free();
});

test('a slice of a column, whose offsets do not start at 0, is found whole in blocks', () => {
  const dictionary = new KeyDictionary(scope);
  const rows = 200_000;
  const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
  dictionary.add(
    keysOf(texts),
    new Int32Array(100).map((_, i) => i),
  );
  const all = keysOf(Array.from({ length: rows + 3 }, (_, i) => texts[(i * 7) % 100]!));
  const slice = { ...all, length: rows, offsets: all.offsets!.subarray(3) };
  const out = new Float64Array(rows);
  assert.is(dictionary.find(slice, -1, out), 0);
  assert.ok(out.every((value, i) => value === ((i + 3) * 7) % 100));
  dictionary.free();
});

test('rows are found wherever the bytes lie, to the last one, where 16 cannot be read', () => {
  const random = seeded(7);
  const dictionary = new KeyDictionary(scope);
  const texts = [...someTexts(random, 200, 20_000), 'a', '', 'last', '', ''];
  const keys = keysOf(texts);
  const segment = arena.allocate(keys.bytes.length);
  const resident = arena.u8(segment.address, keys.bytes.length);
  resident.set(keys.bytes);
  const counts = [...countsOf(texts, null)];
  for (const [turn, bytes] of [resident, keys.bytes].entries()) {
    dictionary.add({ ...keys, bytes });
    const wanted = new Map(counts.map(([text, count]) => [text, count * (turn + 1)]));
    assert.equal(listed(dictionary), wanted);
    const out = new Float64Array(texts.length);
    assert.is(dictionary.find({ ...keys, bytes }, -1, out), 0);
    assert.ok(out.every((value, i) => value === wanted.get(texts[i]!)));
  }
  dictionary.free();
  segment.free();
});

test.run();
