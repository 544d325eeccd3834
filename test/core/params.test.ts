import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  boolean,
  double,
  int,
  nullable,
  oneOf,
  type Param,
  type ParamOptions,
  type ParamTable,
  required,
  resolveParams,
  showValue,
  string,
  strings,
} from '../../src/core/params.js';
import { throwsError } from '../table/expect-error.js';

/** Values that a constraint takes and values that it refuses. */
type Case = readonly [
  param: Param<unknown>,
  expected: string,
  takes: readonly unknown[],
  refuses: readonly unknown[],
];

const big = Number.MAX_SAFE_INTEGER;

const cases: readonly Case[] = [
  [int(0), 'an integer', [0, -5, big], [0.5, big + 1, Number.NaN, '1', true, null, 1n, [1]]],
  [int(2, { min: 2 }), 'an integer >= 2', [2, 100], [1, -2, 2.5, Number.POSITIVE_INFINITY]],
  [int(3, { min: 2, max: 4 }), 'an integer >= 2 and <= 4', [2, 3, 4], [1, 5]],
  [double(0), 'a number', [0, -1.5, 1e300], [Number.NaN, Number.POSITIVE_INFINITY, '1', null, 1n]],
  [double(1, { above: 0 }), 'a number > 0', [5e-324, 1], [0, -0, -1]],
  [double(0, { min: 0, max: 1 }), 'a number >= 0 and <= 1', [0, 0.5, 1], [-5e-324, 1.0000001]],
  [boolean(true), 'a boolean', [true, false], [0, 1, 'true', null]],
  [string('a'), 'a string that is not empty', ['a', ' '], ['', 1, null, ['a']]],
  [oneOf(['a', 'b'], 'a'), "one of 'a', 'b'", ['a', 'b'], ['c', 'A', '', null, 0, ['a']]],
  [strings([]), 'a list of strings', [[], ['a', 'b']], ['a', [1], [''], [null], null, { 0: 'a' }]],
  [strings(['a'], { nonEmpty: true }), 'a list of at least one string', [['a']], [[], [1], null]],
  [nullable(int(5, { min: 1 })), 'an integer >= 1, or null', [null, 1], [0, '1', 1.5]],
];

const resolve = (param: Param<unknown>, value: unknown): unknown =>
  resolveParams<{ p: unknown }>('Owner', { p: param }, { p: value }).p;

for (const [param, expected, takes, refuses] of cases) {
  test(`${expected}: takes what it should, refuses the rest, and says what it expects`, () => {
    assert.is(param.expected, expected);
    for (const value of takes) assert.equal(resolve(param, value), value);
    for (const value of [...refuses, ...param.invalid]) {
      const got = showValue(value);
      const error = throwsError(() => resolve(param, value), 'ERR_GYRE_INVALID_PARAM', /./);
      assert.is(error.message, `Owner.p must be ${expected}, got ${got}.`);
      assert.is(error.details.param, 'p');
      assert.is(error.details.owner, 'Owner');
    }
  });

  test(`${expected}: has invalid values for the battery, and a default that is valid`, () => {
    assert.ok(param.invalid.length > 0);
    assert.ok(param.accepts(param.default));
    assert.equal(resolve(param, undefined), param.default);
  });
}

test('a required param must be given', () => {
  const param = required(int(1, { min: 1 }));
  const message = /^Owner\.p must be an integer >= 1, got undefined\.$/;
  throwsError(() => resolve(param, undefined), 'ERR_GYRE_INVALID_PARAM', message);
  assert.is(resolve(param, 4), 4);
});

test('a nullable param is null when it is not given', () => {
  assert.is(resolve(nullable(string('a')), undefined), null);
});

const table: ParamTable<{ k: number; names: readonly string[] }> = {
  k: int(2, { min: 2 }),
  names: strings(['x']),
};

test('an unknown name is refused with the known ones, also names that every object has', () => {
  for (const name of ['K', 'toString', 'constructor', 'hasOwnProperty', '__proto__']) {
    const options = JSON.parse(`{ "${name}": 3 }`) as ParamOptions<{ k: number }>;
    const error = throwsError(
      () => resolveParams('Owner', table, options),
      'ERR_GYRE_INVALID_PARAM',
      /^Owner has no param /,
    );
    assert.is(error.message, `Owner has no param "${name}"; it has k, names.`);
    assert.equal(error.details.known, ['k', 'names']);
  }
});

test('a name that is not known is refused even when its value is undefined', () => {
  const options = { nope: undefined } as ParamOptions<{ k: number }>;
  throwsError(() => resolveParams('Owner', table, options), 'ERR_GYRE_INVALID_PARAM', /"nope"/);
});

test('resolved params are frozen, lists too, and lists are copies', () => {
  const names = ['a'];
  const params = resolveParams('Owner', table, { names });
  names.push('b');
  assert.equal(params, { k: 2, names: ['a'] });
  assert.ok(Object.isFrozen(params));
  assert.ok(Object.isFrozen(params.names));
});

test('a value in a message is short and on one line', () => {
  assert.is(showValue('a\nb'), '"a\\nb"');
  assert.is(showValue('x'.repeat(1000)).length, 62);
  assert.is(showValue([1, 'a', null, 2n, true, 6]), '[1, "a", null, 2n, true, ...]');
  assert.is(showValue(new Map()), 'Map');
  assert.is(showValue(Object.create(null)), 'object');
  assert.is(showValue(undefined), 'undefined');
  assert.is(showValue(Number.NaN), 'NaN');
});

test.run();
