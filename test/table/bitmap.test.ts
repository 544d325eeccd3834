import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bitmap,
  copyBits,
  countZeros,
  filledBitmap,
  getBit,
  setBit,
  setBits,
  sliceBits,
} from '../../src/table/bitmap.js';

const bits = fc.array(fc.boolean(), { maxLength: 70 });

function pack(values: readonly boolean[]): Uint8Array {
  const packed = bitmap(values.length);
  values.forEach((value, i) => {
    if (value) setBit(packed, i);
  });
  return packed;
}

const unpack = (packed: Uint8Array, n: number): boolean[] =>
  Array.from({ length: n }, (_, i) => getBit(packed, i));

test('zeros are counted up to the length, not in the padding', () => {
  fc.assert(
    fc.property(bits, (values) => {
      assert.is(countZeros(pack(values), values.length), values.filter((v) => !v).length);
    }),
    { seed: 2 },
  );
  assert.is(countZeros(filledBitmap(3), 3), 0);
});

test('a slice of bits is the slice of the values', () => {
  fc.assert(
    fc.property(bits, fc.nat(70), fc.nat(70), (values, a, b) => {
      const [start, end] = [Math.min(a, b, values.length), Math.min(Math.max(a, b), values.length)];
      const sliced = sliceBits(pack(values), start, end);
      assert.equal(unpack(sliced, end - start), values.slice(start, end));
    }),
    { seed: 3 },
  );
});

test('a slice at a byte is a view of the same memory', () => {
  const packed = pack(new Array(32).fill(true));
  assert.is(sliceBits(packed, 8, 20).buffer, packed.buffer);
  assert.is.not(sliceBits(packed, 9, 20).buffer, packed.buffer);
});

test('bits are copied to any place and leave their neighbours alone', () => {
  fc.assert(
    fc.property(bits, fc.nat(40), fc.boolean(), (values, at, around) => {
      const n = at + values.length + 5;
      const target = pack(new Array(n).fill(around));
      copyBits(pack(values), values.length, target, at);
      const expected = new Array(n).fill(around);
      expected.splice(at, values.length, ...values);
      assert.equal(unpack(target, n), expected);
    }),
    { seed: 4 },
  );
});

test('a run of ones is set and no more', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const target = bitmap(70);
      setBits(target, from, to);
      assert.equal(
        unpack(target, 70),
        Array.from({ length: 70 }, (_, i) => i >= from && i < to),
      );
    }),
    { seed: 5 },
  );
});

test.run();
