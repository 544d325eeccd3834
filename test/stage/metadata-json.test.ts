import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metadataText, parseMetadataText } from '../../src/stage/metadata-json.js';

test('numbers that JSON has no form for come back to the bit', () => {
  const numbers = [Number.NaN, Infinity, -Infinity, -0, 0, 1.5, 5e-324];
  const read = parseMetadataText(metadataText({ params: { numbers, one: -0 } })) as {
    readonly params: { readonly numbers: readonly number[]; readonly one: number };
  };
  assert.is(read.params.numbers.length, numbers.length);
  numbers.forEach((number, i) => {
    assert.ok(Object.is(read.params.numbers[i], number), String(number));
  });
  assert.ok(Object.is(read.params.one, -0));
});

test('strings of the same look stay strings, and unknown numbers stay objects', () => {
  const value = { a: 'NaN', b: ['Infinity'], c: { $number: 'twelve' }, d: { $number: 1 }, e: null };
  assert.equal(parseMetadataText(metadataText(value)), value);
});

test.run();
