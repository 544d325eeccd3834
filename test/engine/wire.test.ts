import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decode } from '../../src/engine/decoder.js';
import { Encoder } from '../../src/engine/encoder.js';
import { Region } from '../../src/memory/ring.js';
import { Column } from '../../src/table/column.js';
import { Table } from '../../src/table/table.js';
import { DenseVector, SparseVector } from '../../src/table/vector.js';
import { throws } from './support.js';

const SEED = 20_261_122;
const AT = 64;

/** Through shared memory and back; checks that exactly the measured bytes were touched. */
function roundTrip(value: unknown, inPlace = false): unknown {
  const encoder = new Encoder(value);
  assert.is(encoder.bytes % 8, 0);
  const size = AT + encoder.bytes + 64;
  const region = new Region(new SharedArrayBuffer(size), 0, size);
  region.bytes.fill(0xa5);
  encoder.writeTo(region, AT);
  const outside = [...region.bytes.subarray(0, AT), ...region.bytes.subarray(AT + encoder.bytes)];
  assert.ok(
    outside.every((byte) => byte === 0xa5),
    'written outside of what was measured',
  );
  return decode(region, AT, inPlace);
}

const typedArrays = fc.oneof(
  fc.float64Array(),
  fc.float32Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.uint8Array({ maxLength: 3000 }),
  fc.int8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  fc.uint8ClampedArray(),
);

const leaves = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, Number.NaN, Infinity, 2 ** 31, -(2 ** 31), 2 ** 53, 5e-324),
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 100 }),
  fc.constantFrom('', '\ud800', 'a\udc00b', 'é'.repeat(40), 'x'.repeat(32), 'x'.repeat(33)),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.bigInt(),
  fc.date(),
  typedArrays,
);

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    fc.array(fc.tuple(leaves, tie('value'))).map((entries) => new Map(entries)),
    fc.array(fc.oneof(fc.string(), fc.integer())).map((items) => new Set(items)),
  ),
})).value;

test(`values come back as they went, seed ${SEED}`, () => {
  const property = fc.property(values, (value) => {
    // Unlike uvu's equality, this one tells -0 from 0 and finds NaN equal in typed arrays.
    assert.ok(isDeepStrictEqual(roundTrip(value), value));
    assert.ok(isDeepStrictEqual(roundTrip(value, true), value));
  });
  fc.assert(property, { seed: SEED, numRuns: 1500 });
});

test('zeros keep their sign and NaN stays NaN, also in arrays', () => {
  for (const value of [-0, 0, Number.NaN]) {
    assert.ok(Object.is(roundTrip(value), value));
    assert.ok(Object.is((roundTrip(new Float64Array([value])) as Float64Array)[0], value));
    assert.ok(Object.is((roundTrip([value]) as number[])[0], value));
  }
});

test('what a small array holds is its own, not shared or overwritten later', () => {
  const arrays = Array.from({ length: 3000 }, (_, i) => Float64Array.from([i, -i, 0.5]));
  const copies = arrays.map((array) => roundTrip(array) as Float64Array);
  copies.forEach((copy, i) => {
    assert.equal(copy, arrays[i]);
    assert.not(copy.buffer instanceof SharedArrayBuffer);
  });
  try {
    structuredClone(copies[0], { transfer: [copies[0]!.buffer as ArrayBuffer] });
  } catch {
    // Newer versions of Node refuse; older ones copy.
  }
  assert.equal(copies[1], arrays[1], 'a transfer takes no neighbour away');
  const bits = new Uint32Array([1, 0x7ff00000]);
  const back = roundTrip(new Float64Array(bits.buffer)) as Float64Array;
  assert.equal(new Uint32Array(back.buffer, back.byteOffset, 2), bits, 'NaN keeps its payload');
});

test('arrays read in place are views of the memory, others copies', () => {
  for (const length of [3, 1000]) {
    const array = new Float64Array(length).fill(7);
    const encoder = new Encoder(array);
    const region = new Region(new SharedArrayBuffer(16_384), 0, 16_384);
    encoder.writeTo(region, 0);
    const view = decode(region, 0, true) as Float64Array;
    const copy = decode(region, 0) as Float64Array;
    region.f64.fill(9);
    assert.is(view[0], 9);
    assert.is(copy[0], 7);
  }
});

test('views with an offset, buffers and holes travel as values', () => {
  const base = Float32Array.from([1, 2, 3, 4, 5]);
  assert.equal(roundTrip(base.subarray(1, 4)), Float32Array.from([2, 3, 4]));
  assert.equal(roundTrip(Buffer.from('abc')), new Uint8Array([97, 98, 99]));
  // biome-ignore lint/suspicious/noSparseArray: holes are the point.
  assert.equal(roundTrip([1, , 3]), [1, undefined, 3]);
  assert.equal(roundTrip(new Float64Array(new SharedArrayBuffer(16))), new Float64Array(2));
});

test('a key named __proto__ is a key', () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
  const back = roundTrip(value) as Record<string, unknown>;
  assert.equal(Object.keys(back), ['__proto__', 'a']);
  assert.is(back.polluted, undefined);
});

test('errors, expressions and buffers go as clones', () => {
  assert.is((roundTrip(new RangeError('no')) as Error).message, 'no');
  assert.equal(roundTrip(/a+b/gi), /a+b/gi);
  assert.equal(roundTrip(new Uint8Array([1, 2]).buffer), new Uint8Array([1, 2]).buffer);
});

test('vectors and tables come back equal, with nulls', () => {
  const dense = roundTrip(new DenseVector(Float64Array.from([1, -0, 2.5]))) as DenseVector;
  assert.instance(dense, DenseVector);
  assert.equal(dense.values, Float64Array.from([1, -0, 2.5]));
  const sparse = new SparseVector(9, Int32Array.from([1, 8]), Float64Array.from([2, 3]));
  const back = roundTrip({ nested: [sparse] }) as { nested: SparseVector[] };
  assert.instance(back.nested[0], SparseVector);
  assert.equal(back.nested[0], sparse);
  const table = Table.fromRows(
    Array.from({ length: 100 }, (_, i) => ({
      x: i / 3,
      name: i % 7 === 0 ? null : `row ${i} é`,
      flag: i % 2 === 0,
      v: new DenseVector(Float64Array.from([i, 2 * i])),
    })),
  );
  const slice = table.slice(13, 57);
  for (const each of [table, slice]) {
    const copy = roundTrip(each) as Table;
    assert.instance(copy, Table);
    assert.equal(copy.schema, each.schema);
    assert.equal(copy.toRows(), each.toRows());
  }
  const matrix = Table.fromColumns({ m: Column.dense(Float32Array.from([1, 2, 3, 4]), 2) });
  assert.equal((roundTrip(matrix) as Table).toRows(), matrix.toRows());
});

test('what cannot travel is refused with what it is', () => {
  class Mine {}
  for (const value of [() => 1, Symbol('s'), new Mine(), { deep: [new Mine()] }, new WeakMap()]) {
    throws(() => new Encoder(value), 'ERR_GYRE_PLAN', /must be plain data to reach another thread/);
  }
});

test.run();
