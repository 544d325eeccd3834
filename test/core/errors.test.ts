import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as errors from '../../src/core/errors.js';
import {
  abortError,
  DataError,
  type ErrorRecord,
  errorFromRecord,
  errorToRecord,
  GyreError,
  InternalError,
  invariant,
  SchemaError,
} from '../../src/core/errors.js';

type ErrorClass = new (message: string, options?: object) => GyreError;

/** Every class that has a code of its own. */
const classes = Object.values<unknown>(errors).filter((value): value is ErrorClass => {
  return typeof value === 'function' && value.prototype instanceof GyreError;
});

/** What a thread boundary does to a record. */
const clone = (record: ErrorRecord): ErrorRecord => structuredClone(record);

test('every class has a stable code of its own, its name, and is a GyreError', () => {
  const codes = classes.map((Class) => {
    const error = new Class('why', { details: { got: 1 } });
    assert.instance(error, GyreError);
    assert.instance(error, Error);
    assert.is(error.name, Class.name);
    assert.is(error.message, 'why');
    assert.equal(error.details, { got: 1 });
    assert.match(error.code, /^ERR_GYRE_[A-Z_]+$/);
    return error.code;
  });
  assert.is(new Set(codes).size, classes.length);
  assert.equal(codes.sort(), [
    'ERR_GYRE_ABORTED',
    'ERR_GYRE_CHECKPOINT',
    'ERR_GYRE_CLOSED',
    'ERR_GYRE_DATA',
    'ERR_GYRE_DIMENSION',
    'ERR_GYRE_FORMAT',
    'ERR_GYRE_INTERNAL',
    'ERR_GYRE_INVALID_PARAM',
    'ERR_GYRE_ITERATION',
    'ERR_GYRE_KERNEL',
    'ERR_GYRE_MEMORY',
    'ERR_GYRE_MODEL',
    'ERR_GYRE_OPERATOR',
    'ERR_GYRE_PACKAGE',
    'ERR_GYRE_PLAN',
    'ERR_GYRE_POOL',
    'ERR_GYRE_SCHEMA',
    'ERR_GYRE_WORKER',
  ]);
});

test('every class crosses a thread whole: class, code, message, details, stack', () => {
  for (const Class of classes) {
    const error = new Class('why', { details: { row: 3, names: ['a'] } });
    const back = errorFromRecord(clone(error.toJSON())) as GyreError;
    assert.instance(back, Class);
    assert.is(back.name, error.name);
    assert.is(back.code, error.code);
    assert.is(back.message, error.message);
    assert.is(back.stack, error.stack);
    assert.equal(back.details, error.details);
    assert.is('cause' in back, false, 'no cause comes from nowhere');
  }
});

test('JSON.stringify of an error is its record', () => {
  const error = new SchemaError('why', { details: { column: 'x' } });
  assert.equal(JSON.parse(JSON.stringify(error)), { ...errorToRecord(error) });
});

test('a chain of causes is kept to its end, of any classes', () => {
  const root = Object.assign(new TypeError('root'), { code: 'ERR_OTHER' });
  const middle = new DataError('middle', { cause: root });
  const top = new SchemaError('top', { cause: middle });
  const back = errorFromRecord(clone(errorToRecord(top)));
  assert.instance(back, SchemaError);
  assert.instance(back.cause, DataError);
  const last = (back.cause as Error).cause as Error & { code: string };
  assert.instance(last, Error);
  assert.is(last.name, 'TypeError');
  assert.is(last.message, 'root');
  assert.is(last.code, 'ERR_OTHER');
});

test('a chain of causes that is a circle ends', () => {
  const [a, b] = [new DataError('a'), new DataError('b')];
  Object.assign(a, { cause: b });
  Object.assign(b, { cause: a });
  const back = errorFromRecord(clone(errorToRecord(a)));
  assert.is(((back.cause as Error).cause as Error).message, 'a');
});

test('an unknown code stays with a plain error', () => {
  for (const code of ['ERR_SOMETHING', 'toString', '__proto__', 'constructor']) {
    const back = errorFromRecord({ name: 'Error', message: 'why', code });
    assert.is(back instanceof GyreError, false, code);
    assert.is((back as Error & { code: string }).code, code);
    assert.is(back.message, 'why');
  }
});

test('an error without a code has none afterwards', () => {
  const back = errorFromRecord(clone(errorToRecord(new RangeError('why'))));
  assert.is('code' in back, false);
  assert.is(back.name, 'RangeError');
});

test('what is thrown and is no error becomes the message of one', () => {
  for (const [thrown, message] of [
    ['text', 'text'],
    [3, '3'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ a: 1 }, '[object Object]'],
    [Object.create(null), 'object'],
  ] as const) {
    assert.equal(errorToRecord(thrown), { name: 'Error', message });
  }
});

test('an error without cause or details has no cause and empty details', () => {
  const error = new DataError('why');
  assert.is('cause' in error, false);
  assert.equal(error.details, {});
});

test('an abort error names the call and keeps the reason of the signal', () => {
  const reason = new Error('enough');
  const error = abortError('KMeans.fit', AbortSignal.abort(reason));
  assert.is(error.message, 'KMeans.fit was aborted.');
  assert.is(error.code, 'ERR_GYRE_ABORTED');
  assert.is(error.cause, reason);
});

test('a rule that does not hold is an internal error', () => {
  invariant(true, 'holds');
  for (const no of [false, 0, null, undefined, '']) {
    assert.throws(
      () => invariant(no, 'broken'),
      (error: unknown) => error instanceof InternalError && error.message === 'broken',
    );
  }
});

test.run();
