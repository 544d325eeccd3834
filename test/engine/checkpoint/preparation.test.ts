import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SnapshotCollector } from '../../../src/engine/checkpoint/cut.js';
import { arrayBytes, Preparation } from '../../../src/engine/checkpoint/preparation.js';
import { Table } from '../../../src/table/table.js';

const MIB = 1 << 20;

/** Notes what is asked of it; fresh memory is filled, so that it shows where it was written. */
class Collector implements Partial<SnapshotCollector> {
  readonly allocated: ArrayBuffer[] = [];
  readonly released: ArrayBuffer[] = [];
  timesPrepared = 0;

  allocate(bytes: number): ArrayBuffer {
    const buffer = new ArrayBuffer(bytes);
    new Uint8Array(buffer).fill(1);
    this.allocated.push(buffer);
    return buffer;
  }

  release(buffer: ArrayBuffer): void {
    this.released.push(buffer);
  }

  prepared(): void {
    this.timesPrepared++;
  }
}

const preparation = (sizes: readonly number[], collector: Collector) =>
  new Preparation(sizes, collector as unknown as SnapshotCollector);

test('arrays are found in whatever holds them, and cycles and long lists end the search', () => {
  assert.is(arrayBytes(null), 0);
  assert.is(arrayBytes(new Float64Array(3)), 24);
  assert.is(
    arrayBytes({ a: [new Uint8Array(5), 'text', 7], b: new Map([[1, new Int32Array(2)]]) }),
    13,
  );
  assert.is(arrayBytes(new Set([new Float32Array(1)])), 4);
  assert.is(arrayBytes(Table.fromColumns({ x: new Float64Array(4) })), 32);
  const cyclic: unknown[] = [new Uint8Array(1)];
  cyclic.push(cyclic);
  assert.ok(arrayBytes(cyclic) >= 1);
  assert.is(arrayBytes([...new Array(5000).fill(0), new Uint8Array(9)]), 0);
});

test('every page of memory for a large state is written, in many steps, and given back', () => {
  const collector = new Collector();
  const work = preparation([3 * MIB, 5 * MIB + 1], collector);
  assert.is(collector.allocated.length, 2);
  let steps = 0;
  while (!work.step()) {
    assert.is(collector.timesPrepared, 0, 'not before it is done');
    steps++;
  }
  assert.ok(steps > 20, `${steps} steps`);
  assert.is(collector.timesPrepared, 1);
  assert.equal(collector.released, collector.allocated);
  for (const buffer of collector.released) {
    const bytes = new Uint8Array(buffer);
    for (let at = 0; at < bytes.length; at += 4096) assert.is(bytes[at], 0);
  }
  assert.ok(
    collector.allocated[0]!.byteLength > 3 * MIB,
    'with room for what is beside the arrays',
  );
});

test('small states need no memory of their own', () => {
  const collector = new Collector();
  assert.ok(preparation([0, 1000, MIB - 1], collector).step());
  assert.is(collector.allocated.length, 0);
  assert.is(collector.timesPrepared, 1);
});

test.run();
