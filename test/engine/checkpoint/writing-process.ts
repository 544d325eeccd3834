/**
 * A process that writes checkpoints into a folder until it is killed, and prints the number of each
 * after it is committed. `node writing-process.js <folder> <max bytes of a part> <call>`: at this call
 * of the file system it kills itself, -1 for never. With `fill` for a call it writes until the disk
 * is full, and prints what is then there.
 */
import { writeSync } from 'node:fs';
import { CheckpointError } from '../../../src/core/errors.js';
import { CheckpointStore } from '../../../src/engine/checkpoint/store.js';
import { assertWhole, metaOf, writeOne } from './contents.js';
import { FailingFs } from './failing-fs.js';

const [folder, maxBytes, call] = process.argv.slice(2) as [string, string, string];
const failing = new FailingFs();
const store = new CheckpointStore({
  folder,
  keep: 2,
  warn: (message) => writeSync(2, `${message}\n`),
  fs: failing.fs,
});

async function writeForEver(): Promise<void> {
  failing.fault = (n) => {
    if (n === Number(call)) process.kill(process.pid, 'SIGKILL');
    return null;
  };
  for (;;) {
    const id = store.nextId();
    await writeOne(store, id, Number(maxBytes));
    writeSync(1, `${id}\n`);
  }
}

/** Writes checkpoints with parts of more and more bytes, until one does not fit. */
async function fill(): Promise<void> {
  let id = 1;
  let error: unknown;
  for (; error === undefined && id < 100; id++) {
    error = await grow(id).catch((thrown: unknown) => thrown);
  }
  const loaded = await store.load();
  await writeOne(store, store.nextId(), 100);
  const next = await store.load();
  assertWhole(next!, 100, 'written after the disk was full');
  const { code } = (error as CheckpointError).cause as { code?: string };
  const isOurs = error instanceof CheckpointError;
  const last = { failed: id - 1, loaded: loaded?.id, next: next?.id };
  writeSync(1, JSON.stringify({ isOurs, code, ...last, handles: failing.openHandles }));
}

async function grow(id: number): Promise<void> {
  const writer = await store.begin(id);
  writer.write('part', new Uint8Array(id * 100_000).fill(id));
  await writer.commit(metaOf(id));
}

await (call === 'fill' ? fill() : writeForEver());
