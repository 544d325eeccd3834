/** Memory of snapshots that is used again. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SnapshotBuffers } from '../../../src/engine/checkpoint/buffers.js';

const MIB = 1 << 20;

test('memory that was given back is taken again, the smallest that fits first', () => {
  const buffers = new SnapshotBuffers();
  const [large, small] = [buffers.take(4 * MIB), buffers.take(2 * MIB)];
  buffers.giveBack(large);
  buffers.giveBack(small);
  assert.is(buffers.take(2 * MIB), small);
  assert.is(buffers.take(2 * MIB), large);
  assert.is.not(buffers.take(2 * MIB), small);
});

test('memory has room for a state that has grown by a little, and none that is wasted on small ones', () => {
  const buffers = new SnapshotBuffers();
  const taken = buffers.take(9 * MIB + 8);
  assert.ok(taken.byteLength >= 10 * MIB && taken.byteLength <= (9 * MIB + 8) * 1.125);
  buffers.giveBack(taken);
  assert.is(buffers.take(10 * MIB), taken);
  assert.is(buffers.take(24).byteLength, 24);
});

test('what a checkpoint had no use for is let go', () => {
  const buffers = new SnapshotBuffers();
  const taken = buffers.take(MIB);
  buffers.giveBack(taken);
  buffers.trim();
  assert.is.not(buffers.take(MIB), taken);
});

test.run();
