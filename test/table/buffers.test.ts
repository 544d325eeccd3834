import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  float64,
  int64,
  numberToWords,
  uint8,
  words,
  wordsToNumber,
} from '../../src/table/buffers.js';
import { throwsError } from './expect-error.js';

test('dead buffers are collected, although they are shared memory', async () => {
  const total = 1.6e9;
  const size = 8e6;
  const before = process.memoryUsage.rss();
  let most = 0;
  for (let bytes = 0; bytes < total; bytes += size) {
    float64(size / 8).fill(1);
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  assert.ok(most < total / 3, `${Math.round(most / 1e6)} MB of ${total / 1e6} MB are resident`);
});

test('64-bit integers are read and written in halves', () => {
  const values = int64(1);
  const halves = words(values);
  for (const value of [
    0,
    1,
    -1,
    2 ** 32,
    -(2 ** 32) - 1,
    2 ** 53,
    -(2 ** 53),
    123_456_789_012_345,
  ]) {
    numberToWords(halves, 0, value);
    assert.is(values[0], BigInt(value));
    assert.is(wordsToNumber(halves, 0), value);
  }
});

test('what cannot be allocated is a memory error with the size', () => {
  throwsError(
    () => uint8(2 ** 52),
    'ERR_GYRE_MEMORY',
    /4503599627370496 bytes cannot be allocated/,
  );
});

test.run();
