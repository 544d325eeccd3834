/** Checkpoints that something happened to: they are found out, and never read as anything else. */
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { VERSION } from '../../../src/core/version.js';
import { CheckpointStore } from '../../../src/engine/checkpoint/store.js';
import { assertSame, rejects, throws } from '../support.js';
import { assertWhole, metaOf, partsOf, writeOne } from './contents.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-broken-'));
test.after(() => rmSync(root, { recursive: true }));

const MAX = 100;
/** Numbers of checkpoints that have parts, empty ones too. */
const [OLDER, NEWER] = [2, 3];
const FILES = ['data.bin', 'manifest.json'];

function storeOf(folder: string) {
  const warnings: { message: string; details: Record<string, unknown> }[] = [];
  const warn = (message: string, details: object) =>
    void warnings.push({ message, details: details as Record<string, unknown> });
  return { store: new CheckpointStore({ folder, keep: 2, warn }), warnings };
}

const original = join(root, 'original');
let copies = 0;

/** A folder with checkpoints OLDER and NEWER. */
function newCopy(): string {
  const copy = join(root, `${copies++}`);
  cpSync(original, copy, { recursive: true });
  return copy;
}

test.before(async () => {
  const { store } = storeOf(original);
  for (const id of [OLDER, NEWER]) await writeOne(store, id, MAX);
});

/** The older checkpoint is loaded with one warning; without an older one there is an error. */
async function assertSkipped(folder: string, reason: RegExp, why: string): Promise<void> {
  const { store, warnings } = storeOf(folder);
  const stored = await store.load();
  assert.is(stored?.id, OLDER, why);
  assertWhole(stored!, MAX, why);
  assert.is(warnings.length, 1, why);
  const [{ message, details }] = warnings as [(typeof warnings)[0]];
  assert.match(message, new RegExp(`^checkpoint ${NEWER} in .* is skipped: `), why);
  assert.match(message, reason, why);
  assertSame([details.id, details.folder], [NEWER, folder], why);
  rmSync(join(folder, `checkpoint-${OLDER}`), { recursive: true });
  const alone = storeOf(folder);
  const error = await rejects(alone.store.load(), 'ERR_GYRE_CHECKPOINT', reason);
  assert.match(error.message, /must be whole to go on from, got 1 that are broken; remove/);
  assertSame(error.details, { folder, ids: [NEWER] }, why);
  assertSame(alone.warnings, [], why);
  rmSync(folder, { recursive: true });
}

/** Changes one file of the newest checkpoint, by the seed; returns what was done. */
function damage(folder: string, random: JavaRandom): string {
  const name = FILES[random.nextInt(2)]!;
  const file = join(folder, `checkpoint-${NEWER}`, name);
  const bytes = readFileSync(file);
  const at = random.nextInt(bytes.length);
  const kind = random.nextInt(20);
  if (kind === 0) {
    rmSync(file);
    return `${name} removed`;
  }
  if (kind < 10) {
    truncateSync(file, at);
    return `${name} cut to ${at} of ${bytes.length}`;
  }
  const bit = random.nextInt(8);
  bytes[at] = bytes[at]! ^ (1 << bit);
  writeFileSync(file, bytes);
  return `${name}: bit ${bit} of byte ${at} flipped`;
}

test('a checkpoint with a file cut, flipped in a bit or removed is skipped', async () => {
  for (let seed = 0; seed < 500; seed++) {
    const folder = newCopy();
    const done = damage(folder, new JavaRandom(seed));
    await assertSkipped(folder, /data\.bin|manifest\.json/, `seed ${seed}: ${done}`);
  }
});

test('every bit of the manifest and of the data counts', async () => {
  const folder = newCopy();
  for (const name of FILES) {
    const file = openSync(join(folder, `checkpoint-${NEWER}`, name), 'r+');
    const bytes = readFileSync(file);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >> 3;
      writeSync(file, Uint8Array.of(bytes[at]! ^ (1 << (bit & 7))), 0, 1, at);
      const { store, warnings } = storeOf(folder);
      assert.is((await store.load())?.id, OLDER, `${name}, bit ${bit}`);
      assert.is(warnings.length, 1);
      writeSync(file, bytes, at, 1, at);
    }
    closeSync(file);
  }
  assert.is((await storeOf(folder).store.load())?.id, NEWER, 'all bits are back');
});

test('bytes behind the end of a file are found', async () => {
  for (const name of FILES) {
    const folder = newCopy();
    writeFileSync(join(folder, `checkpoint-${NEWER}`, name), '\n', { flag: 'a' });
    await assertSkipped(folder, /data\.bin|manifest\.json/, name);
  }
});

test('several that are broken get a warning each, newest first', async () => {
  const folder = newCopy();
  const { store } = storeOf(folder);
  await writeOne(store, NEWER + 7, MAX);
  for (const id of [NEWER, NEWER + 7]) rmSync(join(folder, `checkpoint-${id}`, 'data.bin'));
  cpSync(join(original, `checkpoint-${OLDER}`), join(folder, `checkpoint-${OLDER}`), {
    recursive: true,
  });
  const again = storeOf(folder);
  assert.is((await again.store.load())?.id, OLDER);
  assertSame(
    again.warnings.map(({ details }) => details.id),
    [NEWER + 7, NEWER],
  );
});

interface Manifest {
  formatVersion: unknown;
  gyreVersion: unknown;
  id: unknown;
  meta: unknown;
  parts: unknown;
}

/** Puts other text into a manifest, with the checksum that it needs. */
function seal(file: string, inner: string): void {
  const sum = crc32(inner).toString(16).padStart(8, '0');
  writeFileSync(file, `{"crc32": "${sum}", "manifest": ${inner}}\n`);
}

/** A folder whose newest manifest was changed by someone who knows how to compute a checksum. */
function forged(change: (manifest: Manifest) => unknown): string {
  const folder = newCopy();
  const file = join(folder, `checkpoint-${NEWER}`, 'manifest.json');
  const { manifest } = JSON.parse(readFileSync(file, 'utf8')) as { manifest: Manifest };
  const changed = change(manifest);
  seal(file, typeof changed === 'string' ? changed : JSON.stringify(changed));
  return folder;
}

type Part = { key: unknown; offset: unknown; bytes: unknown; crc32: unknown };
const withParts =
  (change: (parts: Part[]) => unknown) =>
  (manifest: Manifest): Manifest => {
    const parts = manifest.parts as Part[];
    return { ...manifest, parts: change(parts) ?? parts };
  };

const setPart = (i: number, values: Partial<Part>) =>
  withParts((parts) => void Object.assign(parts[i]!, values));

test('a forged manifest with a right checksum and nothing changed is read', async () => {
  const { store, warnings } = storeOf(forged((manifest) => manifest));
  assertWhole((await store.load())!, MAX, 'forged');
  assertSame(warnings, []);
});

const forgeries: readonly [string, (manifest: Manifest) => unknown, RegExp][] = [
  ['is not JSON', () => '{"formatVersion": 1,', /JSON/],
  ['is empty', () => '', /JSON/],
  ['is null', () => 'null', /must be an object, got null/],
  ['is an array', () => '[]', /must be an object/],
  ['has no version', ({ formatVersion: _, ...rest }) => rest, /formatVersion must be an integer/],
  ['has version 0', (m) => ({ ...m, formatVersion: 0 }), /formatVersion must be .* got 0/],
  ['has version "2"', (m) => ({ ...m, formatVersion: '2' }), /formatVersion must be .* got "2"/],
  ['has the number of another', (m) => ({ ...m, id: OLDER }), /id must be 3, got 2/],
  ['has its number as text', (m) => ({ ...m, id: `${NEWER}` }), /id must be 3, got "3"/],
  ['has no meta', ({ meta: _, ...rest }) => rest, /meta must be an object, got undefined/],
  ['has an array as meta', (m) => ({ ...m, meta: [] }), /meta must be an object/],
  ['has no job', (m) => ({ ...m, meta: { parallelism: 1 } }), /meta.job must be a string/],
  ['has no parallelism', (m) => ({ ...m, meta: { job: '' } }), /meta.parallelism must be an int/],
  ['has half a worker', (m) => ({ ...m, meta: { job: '', parallelism: 0.5 } }), /got 0.5/],
  ['has no parts', ({ parts: _, ...rest }) => rest, /parts must be an array, got undefined/],
  ['has parts by name', (m) => ({ ...m, parts: { length: 3 } }), /parts must be an array/],
  ['has a part that is null', withParts((p) => [null, ...p.slice(1)]), /part 0 must be/],
  ['has a part without a key', setPart(0, { key: undefined }), /part 0 must be/],
  ['has a key that is a number', setPart(0, { key: 7 }), /part 0 must be/],
  ['has a key twice', withParts((p) => void Object.assign(p[1]!, { key: p[0]!.key })), /twice/],
  ['has a part at -8', setPart(0, { offset: -8 }), /part 0 must be .*offset: 0/],
  ['has a part at 1', setPart(0, { offset: 1 }), /part 0 must be/],
  ['has parts that overlap', setPart(1, { offset: 0 }), /part 1 must be/],
  ['has parts in another order', withParts((p) => p.reverse()), /part \d must be/],
  ['has a part of -1 bytes', setPart(0, { bytes: -1 }), /part 0 must be/],
  ['has a part of half a byte', setPart(0, { bytes: 0.5 }), /part 0 must be/],
  ['has a part of 2^60 bytes', setPart(0, { bytes: 2 ** 60 }), /part 0 must be/],
  [
    'ends beyond the file',
    withParts((p) => void Object.assign(p.at(-1)!, { bytes: 1e9 })),
    /bytes, got/,
  ],
  ['ends within the file', withParts((p) => p.slice(0, 1)), /must be a file of \d+ bytes, got/],
  ['has a checksum that is text', setPart(0, { crc32: '0' }), /part 0 must be/],
  ['has another checksum', setPart(0, { crc32: 1 }), /checksum of the part .* does not hold/],
];

for (const [what, change, reason] of forgeries) {
  test(`a checkpoint is skipped whose manifest ${what}`, async () => {
    await assertSkipped(forged(change), reason, what);
  });
}

test('a checkpoint of a later version is not broken: it is refused with both versions', async () => {
  const folder = forged((manifest) => ({
    formatVersion: 2,
    gyreVersion: '9.8.7',
    everything: [manifest, 'is different'],
  }));
  const { store, warnings } = storeOf(folder);
  const message = new RegExp(
    `checkpoint-${NEWER}.*format version must be at most 1, which gyre ${VERSION} reads, ` +
      'got 2, written by gyre "9.8.7"',
  );
  await rejects(store.load(), 'ERR_GYRE_CHECKPOINT', message);
  throws(() => store.peek(), 'ERR_GYRE_CHECKPOINT', message);
  assertSame(warnings, []);
});

test('what is not a file or folder in its place is skipped, and not waited for', async () => {
  const whole = (folder: string) => join(folder, `checkpoint-${NEWER}`);
  const cases: readonly [string, (folder: string) => void][] = [
    ['a file for the folder', (folder) => writeFileSync(whole(folder), 'x')],
    ['an empty folder', (folder) => mkdirSync(whole(folder))],
    ['a link to nothing', (folder) => symlinkSync(join(folder, 'nothing'), whole(folder))],
    ['a link to itself', (folder) => symlinkSync(whole(folder), whole(folder))],
  ];
  for (const [what, make] of cases) {
    const folder = newCopy();
    rmSync(whole(folder), { recursive: true });
    make(folder);
    await assertSkipped(folder, /E[A-Z]+/, what);
  }
  for (const name of FILES) {
    const folder = newCopy();
    rmSync(join(whole(folder), name));
    mkdirSync(join(whole(folder), name));
    await assertSkipped(folder, /must be a file/, name);
  }
});

test('the checkpoints of these tests have what is to be found', () => {
  const sizes = [...partsOf(NEWER, MAX).values()].map((bytes) => bytes.length);
  assert.ok(sizes.length > 2 && sizes.some((size) => size % 8 !== 0), `${sizes}`);
  assert.is(metaOf(NEWER).job, 'tests');
});

test.run();
