import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchSettings, GenerateBatches } from '../../../src/engine/operators/batches.js';
import { assertSame, range, throws } from '../support.js';
import { END, records, valuesOf } from './drive.js';

const batches = (count: number, batchSize: number, parallelism: number): unknown[][] => {
  const make = () => new GenerateBatches(batchSettings(batchSize, parallelism));
  return valuesOf(make, [...records(range(count)), END]) as unknown[][];
};

test('20 records in batches of 4 for 2 subtasks are 10 local batches of 2', () => {
  const local = batches(20, 4, 2);
  assert.is(local.length, 10);
  assert.ok(local.every(({ length }) => length === 2));
  assertSame(local.flat(), range(20));
});

test('the first local batches of a global one have the records that are over', () => {
  assertSame(batches(7, 7, 3), [
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]);
});

test('records at the end that fill no batch are dropped', () => {
  assertSame(batches(9, 4, 2), [
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
  ]);
  assertSame(batches(3, 4, 1), []);
});

test('every subtask gets a batch, an empty one when there are more subtasks than records', () => {
  assertSame(batches(4, 2, 3), [[0], [1], [], [2], [3], []]);
});

test('batch i of a global one is the i-th of the turn, however sizes divide', () => {
  for (let batchSize = 1; batchSize < 9; batchSize++) {
    for (let parallelism = 1; parallelism < 6; parallelism++) {
      const local = batches(3 * batchSize, batchSize, parallelism);
      assert.is(local.length, 3 * parallelism);
      const sizes = local.map(({ length }) => length);
      assertSame(sizes.slice(0, parallelism), sizes.slice(parallelism, 2 * parallelism));
      assert.ok(sizes[0]! - sizes[parallelism - 1]! <= 1);
      assertSame(local.flat(), range(3 * batchSize));
    }
  }
});

test('sizes that cannot be are refused', () => {
  const code = 'ERR_GYRE_INVALID_PARAM';
  throws(() => batchSettings(0, 1), code, /^generateBatchData.batchSize must be an integer >= 1/);
  throws(() => batchSettings(1, 0), code, /^generateBatchData.parallelism must be an integer >= 1/);
});

test.run();
