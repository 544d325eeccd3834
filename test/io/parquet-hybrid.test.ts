import * as fc from 'fast-check';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeHybrid, decodeLevels } from '../../src/io/parquet-hybrid.js';

type Run = { repeat: number; value: number } | { packed: number[] };

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** Encodes runs as the format's text says; packed runs are filled up with zeros to 8 values. */
function encode(runs: readonly Run[], width: number): { bytes: Uint8Array; values: number[] } {
  const bytes: number[] = [];
  const values: number[] = [];
  for (const run of runs) {
    if ('packed' in run) {
      const groups = Math.ceil(run.packed.length / 8);
      const padded = [...run.packed, ...new Array(groups * 8 - run.packed.length).fill(0)];
      const bits = padded.flatMap((v) => Array.from({ length: width }, (_, b) => (v >>> b) & 1));
      bytes.push(...varint(groups * 2 + 1));
      for (let i = 0; i < bits.length; i += 8) {
        bytes.push(bits.slice(i, i + 8).reduce((byte, bit, b) => byte | (bit << b), 0));
      }
      values.push(...padded);
    } else {
      bytes.push(...varint(run.repeat * 2));
      for (let b = 0; b < width; b += 8) bytes.push((run.value >>> b) & 0xff);
      values.push(...new Array(run.repeat).fill(run.value));
    }
  }
  return { bytes: Uint8Array.from(bytes), values };
}

const cases = fc.integer({ min: 1, max: 31 }).chain((width) => {
  const value = fc.integer({ min: 0, max: 2 ** width - 1 });
  const run = fc.oneof(
    fc.record({ repeat: fc.integer({ min: 1, max: 300 }), value }),
    fc.record({ packed: fc.array(value, { minLength: 1, maxLength: 40 }) }),
  );
  return fc.record({
    width: fc.constant(width),
    runs: fc.array(run, { minLength: 1, maxLength: 6 }),
  });
});

test('runs of every width come out as they went in', () => {
  fc.assert(
    fc.property(cases, fc.nat(7), ({ width, runs }, cut) => {
      const { bytes, values } = encode(runs as Run[], width);
      const count = Math.max(1, values.length - cut);
      const out = new Int32Array(count + 2).fill(-7);
      decodeHybrid(bytes, 0, bytes.length, width, out, 1, count);
      assert.equal([...out], [-7, ...values.slice(0, count), -7]);
    }),
    { seed: 7, numRuns: 400 },
  );
});

test('the result is that of hyparquet', () => {
  const { bytes, values } = encode([{ packed: [1, 2, 3, 500, 7] }, { repeat: 9, value: 77 }], 9);
  const theirs = new Array(values.length);
  readRleBitPackedHybrid({ view: new DataView(bytes.buffer), offset: 0 }, 9, theirs, bytes.length);
  const ours = new Int32Array(values.length);
  decodeHybrid(bytes, 0, bytes.length, 9, ours, 0, values.length);
  assert.equal([...ours], theirs);
});

test('bytes that end too early are refused, wherever they are cut', () => {
  const { bytes, values } = encode([{ packed: [1, 2, 3] }, { repeat: 200, value: 5 }], 12);
  for (let end = 0; end < bytes.length; end++) {
    const out = new Int32Array(values.length);
    assert.throws(
      () => decodeHybrid(bytes, 0, end, 12, out, 0, values.length),
      /encoded values end too early/,
    );
  }
  assert.throws(
    () => decodeHybrid(bytes, 0, bytes.length, 33, new Int32Array(1), 0, 1),
    /at most 32/,
  );
});

test('levels are written out only when some value is missing', () => {
  const full = encode([{ repeat: 300, value: 1 }], 1).bytes;
  assert.is(decodeLevels(full, 0, full.length, 1, 300), null);
  const packed = encode([{ packed: [1, 1, 1, 1, 1, 1, 1, 1] }], 1).bytes;
  assert.is(decodeLevels(packed, 0, packed.length, 1, 8), null);
  const mixed = encode(
    [
      { repeat: 3, value: 1 },
      { repeat: 2, value: 0 },
    ],
    1,
  ).bytes;
  assert.equal(decodeLevels(mixed, 0, mixed.length, 1, 5), Uint8Array.of(1, 1, 1, 0, 0));
});

test.run();
