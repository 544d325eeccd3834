import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InternalError, MemoryLimitError } from '../../src/core/errors.js';
import { Arena, type Segment } from '../../src/memory/arena.js';

const SIZE = 64 * 64;

const arenaOf = (bytes = SIZE): Arena =>
  new Arena({ buffer: new SharedArrayBuffer(bytes) }, { base: 64 });

const internal = (e: unknown): boolean =>
  e instanceof InternalError && e.code === 'ERR_GYRE_INTERNAL';

test('segments are 64-byte aligned, apart, and come back to the lowest hole', () => {
  const arena = arenaOf();
  const [a, b, c] = [arena.allocate(1), arena.allocate(100), arena.allocate(64)];
  assert.equal([a.address, b.address, c.address], [64, 128, 256]);
  assert.is(b.bytes, 100);
  assert.is(arena.used, 64 + 128 + 64);
  b.free();
  assert.is(arena.allocate(64).address, 128);
  assert.is(arena.allocate(128).address, 320);
  assert.is(arena.peak, 64 + 64 + 64 + 128);
});

test('freed neighbours join, so that their whole space can be taken again', () => {
  const arena = arenaOf();
  const parts = Array.from({ length: 4 }, () => arena.allocate(256));
  const rest = arena.allocate(arena.free);
  for (const i of [0, 2, 1, 3]) parts[i]!.free();
  assert.is(arena.allocate(1024).address, 64);
  rest.free();
});

test('a request without room names what was asked, what is free and the limit', () => {
  const arena = arenaOf();
  const a = arena.allocate(1024);
  arena.allocate(1024);
  a.free();
  const asked = 2048;
  assert.throws(
    () => arena.allocate(asked),
    (e: unknown) => {
      assert.instance(e, MemoryLimitError);
      const error = e as MemoryLimitError;
      assert.is(error.code, 'ERR_GYRE_MEMORY');
      assert.equal(error.details, {
        asked,
        free: SIZE - 64 - 1024,
        largest: 1984,
        limit: SIZE - 64,
      });
      assert.match(error.message, /no room for 2048 bytes: 3008 of 4032 are free/);
      return true;
    },
  );
  assert.is(arena.used, 1024);
});

test('scratch grows down from the top and is freed by its mark', () => {
  const arena = arenaOf();
  const outer = arena.mark();
  assert.is(arena.scratch(8), SIZE - 64);
  const inner = arena.mark();
  assert.is(arena.scratch(65), SIZE - 192);
  arena.release(inner);
  assert.is(arena.used, 64);
  assert.is(arena.scratch(64), SIZE - 128);
  arena.release(outer);
  assert.is(arena.used, 0);
  assert.is(arena.peak, 192);
});

test('scratch and pinned segments never meet', () => {
  const arena = arenaOf();
  const a = arena.allocate(1024);
  const mark = arena.mark();
  arena.scratch(2048);
  assert.throws(
    () => arena.allocate(1024),
    (e: unknown) => e instanceof MemoryLimitError,
  );
  const b = arena.allocate(960);
  assert.is(arena.free, 0);
  assert.throws(
    () => arena.scratch(1),
    (e: unknown) => e instanceof MemoryLimitError,
  );
  a.free();
  // The hole lies below a pinned segment: scratch cannot have it.
  assert.throws(
    () => arena.scratch(1),
    (e: unknown) => e instanceof MemoryLimitError,
  );
  b.free();
  assert.is(arena.scratch(1984), 64);
  arena.release(mark);
  assert.is(arena.free, SIZE - 64);
});

test('scoped frees its scratch when its body throws', () => {
  const arena = arenaOf();
  assert.throws(
    () =>
      arena.scoped(() => {
        arena.scratch(100);
        throw new Error('kernel');
      }),
    /kernel/,
  );
  assert.is(arena.used, 0);
  assert.is(
    arena.scoped(() => arena.scratch(1)),
    SIZE - 64,
  );
});

test('a second free, a wrong mark and scratch without a mark are internal errors', () => {
  const arena = arenaOf();
  const a = arena.allocate(1);
  a.free();
  assert.throws(() => a.free(), internal);
  assert.throws(() => arena.scratch(1), internal);
  const outer = arena.mark();
  arena.mark();
  assert.throws(() => arena.release(outer), internal);
  assert.throws(() => arena.release(99), internal);
  assert.throws(() => arena.allocate(-1), internal);
  assert.throws(() => arena.allocate(0.5), internal);
});

test('views show the bytes at their address', () => {
  const arena = arenaOf();
  const { address } = arena.allocate(64);
  arena.f64(address, 8)[1] = 1;
  assert.is(arena.i32(address, 16)[3], 0x3ff00000);
  assert.is(arena.u16(address, 32)[7], 0x3ff0);
  assert.is(arena.u8(address, 64)[15], 0x3f);
  assert.is(arena.f32(address, 16)[3], 1.875);
});

test('a range within a buffer is respected, and rounded to whole lines', () => {
  const memory = { buffer: new SharedArrayBuffer(4096) };
  const arena = new Arena(memory, { base: 1000, limit: 2000 });
  assert.equal([arena.base, arena.limit], [1024, 1984]);
  assert.is(arena.allocate(960).address, 1024);
  assert.is(arena.free, 0);
  assert.is(new Arena(memory, { base: 0 }).base, 64);
  assert.throws(() => new Arena(memory, { base: 5000 }), internal);
});

test('random allocations and frees never overlap, and give the whole space back', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('allocate' as const), n: fc.nat(900) }),
    fc.record({ kind: fc.constant('free' as const), n: fc.nat(100) }),
    fc.record({ kind: fc.constant('scratch' as const), n: fc.nat(500) }),
    fc.record({ kind: fc.constant('release' as const), n: fc.constant(0) }),
  );
  const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const arena = arenaOf();
    const live: Segment[] = [];
    const marks: { mark: number; pieces: number[][] }[] = [];
    for (const { kind, n } of steps) {
      try {
        if (kind === 'allocate') live.push(arena.allocate(n));
        else if (kind === 'free') live.splice(n % (live.length || 1), 1)[0]?.free();
        else if (kind === 'release') {
          const open = marks.pop();
          if (open) arena.release(open.mark);
        } else {
          const open = { mark: arena.mark(), pieces: [] as number[][] };
          marks.push(open);
          open.pieces.push([arena.scratch(n), n]);
        }
      } catch (e) {
        assert.instance(e, MemoryLimitError);
      }
      const pieces = [
        ...live.map((s) => [s.address, s.bytes]),
        ...marks.flatMap((m) => m.pieces),
      ].sort((a, b) => a[0]! - b[0]!);
      let end = arena.base;
      let used = 0;
      for (const [address, bytes] of pieces as [number, number][]) {
        assert.ok(address >= end, `${address} overlaps what ends at ${end}`);
        end = address + Math.max(bytes, 1);
        used += Math.max(Math.ceil(bytes / 64), 1) * 64;
      }
      assert.ok(end <= arena.limit);
      assert.is(arena.used, used);
    }
    for (const segment of live) segment.free();
    while (marks.length > 0) arena.release(marks.pop()!.mark);
    assert.is(arena.used, 0);
    assert.is(arena.allocate(SIZE - 64).address, arena.base);
  });
  fc.assert(property, { seed: 20261122, numRuns: 500 });
});

test.run();
