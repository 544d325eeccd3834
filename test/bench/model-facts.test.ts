import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFacts } from '../../bench/peers/systems/model-facts.js';

test('equal models pass, and numbers may differ by the tolerance', () => {
  checkFacts({ strings: ['a', 'b'], max: [1] }, { strings: ['a', 'b'], max: [1] }, 0);
  checkFacts({ max: [1000.0001] }, { max: [1000] }, 1e-6);
});

test('a number that is too far away is named', () => {
  assert.throws(
    () => checkFacts({ max: [1, 2.1] }, { max: [1, 2] }, 0.01),
    (error: Error) => error.message === 'max[1]: Gyre has 2, the other 2.1',
  );
});

test('NaN is not close to anything', () => {
  assert.throws(() => checkFacts({ max: [Number.NaN] }, { max: [1] }, 1e-9), /max\[0\]/);
  assert.throws(() => checkFacts({ max: [1] }, { max: [Number.NaN] }, 1e-9), /max\[0\]/);
});

test('strings are compared exactly, and not with numbers', () => {
  assert.throws(() => checkFacts({ strings: ['b'] }, { strings: ['a'] }, 1), /Gyre has a, the/);
  assert.throws(() => checkFacts({ strings: [1] }, { strings: ['1'] }, 1), /strings\[0\]/);
});

test('facts that are missing, and those of another length, are named', () => {
  assert.throws(
    () => checkFacts({}, { min: [0, 0] }, 1),
    (error: Error) => error.message === 'min: Gyre has 2 values, the other 0',
  );
  assert.throws(() => checkFacts({ min: [0] }, { min: [0, 0] }, 1), /the other 1$/);
});

test.run();
