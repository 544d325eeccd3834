import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TokenTable } from '../../../src/feature/text/token-table.js';
import { seeded } from '../../reference/random.js';

const bytesOf = (text: string): Buffer => Buffer.from(text);

test('ids count distinct tokens in the order in which they came, as a Map does', () => {
  const random = seeded(401);
  const table = new TokenTable();
  const map = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const word = 'é☃'.repeat(random.below(20)) + String(random.below(5_000));
    const known = map.get(word);
    assert.is(table.find(bytesOf(word), 0, bytesOf(word).length), known ?? -1, word);
    if (known === undefined) map.set(word, map.size);
    assert.is(table.add(bytesOf(`x${word}y`), 1, bytesOf(word).length + 1), map.get(word));
  }
  assert.is(table.size, map.size);
  const { offsets, bytes } = table.tokens;
  const words = Array.from({ length: table.size }, (_, id) =>
    Buffer.from(bytes.subarray(offsets[id], offsets[id + 1])).toString(),
  );
  assert.equal(words, [...map.keys()]);
});

test('the empty token is one like the others, and prefixes differ', () => {
  const table = new TokenTable();
  assert.is(table.find(bytesOf(''), 0, 0), -1);
  assert.is(table.add(bytesOf('abc'), 1, 1), 0);
  assert.is(table.add(bytesOf('abc'), 0, 2), 1);
  assert.is(table.add(bytesOf('abc'), 0, 3), 2);
  assert.is(table.find(bytesOf(''), 0, 0), 0);
  assert.is(table.find(bytesOf('ab'), 0, 2), 1);
  assert.is(table.find(bytesOf('a'), 0, 1), -1);
});

test('a table of tokens finds each of them, and none of an empty one', () => {
  const offsets = Int32Array.of(0, 1, 3, 4);
  const table = new TokenTable({ offsets, bytes: bytesOf('abca') });
  assert.is(table.size, 2, 'the third is the first again');
  assert.is(table.find(bytesOf('bc'), 0, 2), 1);
  assert.is(new TokenTable().find(bytesOf('a'), 0, 1), -1);
});

test.run();
