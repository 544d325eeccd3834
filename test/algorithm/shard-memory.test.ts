import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TreeNode } from '../../src/algorithm/combination-tree.js';
import { ShardMemory } from '../../src/algorithm/shard-memory.js';
import { PartialsOfShards } from '../../src/algorithm/train.js';
import type { Training } from '../../src/algorithm/training.js';
import type { Collector, OperatorContext } from '../../src/engine/operator.js';
import { Arena } from '../../src/memory/arena.js';
import { Table } from '../../src/table/table.js';

const BYTES = 1 << 16;

const newArena = (): Arena =>
  new Arena({ buffer: new SharedArrayBuffer(BYTES) }, { base: 64, limit: BYTES });

test('what a shard remembers are zeros, wherever they lie, and are given back together', () => {
  const arena = newArena();
  arena.u8(64, BYTES - 128).fill(7);
  const memory = new ShardMemory(arena);
  const addresses = [memory.allocate(1000)!, memory.allocate(2000)!];
  assert.equal([...arena.u8(addresses[0]!, 1000)], new Array(1000).fill(0));
  assert.equal([...arena.u8(addresses[1]!, 2000)], new Array(2000).fill(0));
  memory.kept = addresses;
  memory.free();
  assert.is(arena.used, 0);
  assert.is(memory.kept, undefined);
});

test('a quarter of the memory is left to others: a shard then remembers nothing', () => {
  const arena = newArena();
  const memory = new ShardMemory(arena);
  assert.is(memory.allocate(BYTES), null);
  assert.type(memory.allocate(BYTES / 2), 'number');
  assert.is(memory.allocate(BYTES / 3), null);
  assert.type(memory.allocate(BYTES / 8), 'number');
});

test('memory in pieces that are too small is no memory', () => {
  const arena = newArena();
  const segments = Array.from({ length: 15 }, () => arena.allocate(BYTES / 16));
  segments.forEach((segment, i) => {
    if (i % 2 === 0) segment.free();
  });
  assert.is(new ShardMemory(arena).allocate(BYTES / 8), null);
});

/** Adds up how often each shard was seen: by what it remembers, and by its kernel memory. */
export function countingTraining(): Training<number, number[]> {
  return {
    partial(_shard, _state, { arena }, memory) {
      memory.kept ??= memory.allocate(8);
      const seen = arena.f64(memory.kept as number, 1);
      seen[0]! += 1;
      return [seen[0]!];
    },
    combine: (a, b) => [...a, ...b],
    update: (state) => ({ state, done: false }),
  };
}

test('shards remember from round to round, each for itself, until the operator is closed', async () => {
  const arena = newArena();
  const ref = { module: import.meta.url, name: 'countingTraining', params: null };
  const operator = new PartialsOfShards(ref);
  await operator.open({ arena, kernels: null, stopped: false } as unknown as OperatorContext);
  const emitted: unknown[] = [];
  const collector = (input: number) =>
    ({ input, emit: (value: unknown) => emitted.push(value) }) as unknown as Collector;
  const table = Table.fromColumns({ x: new Float64Array(1) });
  for (let index = 0; index < 2; index++) {
    operator.process({ index, count: 2, rowStart: index, table }, collector(0));
  }
  for (let epoch = 0; epoch < 3; epoch++) {
    operator.process({ state: 0 }, collector(1));
    operator.onEpochEnd(epoch, collector(0) as Collector<TreeNode<unknown>[]>);
  }
  const node = (value: number[]) => [{ level: 1, index: 0, value }];
  assert.equal(emitted, [node([1, 1]), node([2, 2]), node([3, 3])]);
  assert.ok(arena.used > 0);
  operator.close();
  assert.is(arena.used, 0);
});

test.run();
