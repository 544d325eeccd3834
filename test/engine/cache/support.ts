/** What the tests of the caches share: small spaces, and records of all kinds. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as assert from 'uvu/assert';
import type { JavaRandom } from '../../../src/core/random.js';
import type { FileCalls } from '../../../src/engine/cache/spill-file.js';
import { SpillFolder } from '../../../src/engine/cache/spill-folder.js';
import { SpillSpace, type SpillSpaceOptions } from '../../../src/engine/cache/spill-space.js';
import { Arena } from '../../../src/memory/arena.js';
import { Table } from '../../../src/table/table.js';
import { DenseVector } from '../../../src/table/vector.js';

/** Where this file's folders go; deleted when the process ends. */
export const BASE: string = mkdtempSync(join(tmpdir(), 'gyre-cache-test-'));
process.once('exit', () => rmSync(BASE, { recursive: true, force: true }));

export interface TestSpace {
  readonly space: SpillSpace;
  readonly arena: Arena;
  readonly folder: SpillFolder;
  /** Names of the spill files that there are now. */
  files(): string[];
  /** Closes the space, and checks that it held nothing back. */
  end(): void;
}

export interface TestSpaceOptions extends Partial<SpillSpaceOptions> {
  readonly arenaBytes?: number;
  readonly calls?: FileCalls;
}

export function openSpace(options: TestSpaceOptions = {}): TestSpace {
  const { arenaBytes = 1 << 20, calls, ...rest } = options;
  const arena = new Arena({ buffer: new SharedArrayBuffer(arenaBytes) }, { base: 64 });
  // Somebody else's: what a space gives back must not be more than it took.
  arena.allocate(64);
  const { path } = SpillFolder.under(BASE);
  const folder = new SpillFolder(path, calls);
  const space = new SpillSpace({ arena, memoryBytes: arenaBytes, folder, ...rest });
  const files = (): string[] => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  };
  const end = (): void => {
    space.close();
    assert.is(arena.used, 64, 'a segment was not freed');
    assertEqual(files(), [], 'a file was left');
    folder.remove();
  };
  return { space, arena, folder, files, end };
}

const plain = (value: unknown): unknown => (value instanceof Table ? value.toRows() : value);

/** Equality that tells -0 from 0 and looks into tables. */
export const isSame = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

export function assertEqual(actual: unknown, expected: unknown, message: string): void {
  assert.ok(isSame(actual, expected), message);
}

const TABLE = Table.fromRows([
  { x: 1.5, name: 'one' },
  { x: null, name: 'zwei é' },
]);

function floats(random: JavaRandom, most: number): Float64Array {
  return Float64Array.from({ length: random.nextInt(most) }, () => random.nextDouble());
}

/** What has no encoded form, and is kept by reference. */
const SYMBOLS = ['a', 'b', 'c', 'd'].map((name) => Symbol(name));

const KINDS: readonly ((random: JavaRandom) => unknown)[] = [
  (random) => random.nextInt(1000),
  (random) => random.nextDouble(),
  () => undefined,
  () => null,
  () => -0,
  (random) => 'é'.repeat(random.nextInt(40)),
  (random) => 'x'.repeat(random.nextInt(300)),
  (random) => floats(random, 8),
  (random) => floats(random, 400),
  (random) => Uint8Array.from({ length: random.nextInt(20) }, (_, i) => i),
  (random) => ({ epoch: random.nextInt(9), value: floats(random, 20), name: 'key' }),
  (random) => [random.nextInt(5), [undefined, 'nested'], new Map([['a', random.nextInt(3)]])],
  () => TABLE,
  (random) => new DenseVector(floats(random, 10)),
  (random) => oneOf(random, SYMBOLS),
  (random) => 10n ** BigInt(random.nextInt(30)),
];

/** A record of any kind; most are small. */
export function anyRecord(random: JavaRandom): unknown {
  const kind = random.nextInt(2) === 0 ? 0 : random.nextInt(KINDS.length);
  return KINDS[kind]!(random);
}

export const oneOf = <T>(random: JavaRandom, items: readonly T[]): T =>
  items[random.nextInt(items.length)]!;
