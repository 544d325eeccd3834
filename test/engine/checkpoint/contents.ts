/** Checkpoints that tests write: all of it follows from the number, so any can be told whole. */
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import type {
  CheckpointMeta,
  CheckpointStore,
  StoredCheckpoint,
} from '../../../src/engine/checkpoint/store.js';

export function metaOf(id: number): CheckpointMeta {
  return { job: 'tests', parallelism: 1 + (id % 4), round: id * 10, plan: { hash: `#${id}` } };
}

/** Parts of 0 to `maxBytes` bytes, of any length, between 0 and 6 of them. */
export function partsOf(id: number, maxBytes: number): Map<string, Uint8Array> {
  const random = new JavaRandom(id);
  const parts = new Map<string, Uint8Array>();
  for (let i = random.nextInt(7); i > 0; i--) {
    const bytes = new Uint8Array(random.nextInt(4) === 0 ? 0 : random.nextInt(maxBytes));
    for (let at = 0; at < bytes.length; at++) bytes[at] = random.next(8);
    parts.set(`node ${i}/${random.nextInt(10)}`, bytes);
  }
  return parts;
}

/** Writes checkpoint `id`. */
export async function writeOne(
  store: CheckpointStore,
  id: number,
  maxBytes: number,
): Promise<void> {
  const writer = await store.begin(id);
  for (const [key, bytes] of partsOf(id, maxBytes)) writer.write(key, bytes);
  await writer.commit(metaOf(id));
}

/** Fails unless a checkpoint is what {@link writeOne} wrote. */
export function assertWhole(stored: StoredCheckpoint, maxBytes: number, why: string): void {
  const expected = partsOf(stored.id, maxBytes);
  assert.is(JSON.stringify(stored.meta), JSON.stringify(metaOf(stored.id)), why);
  assert.is(JSON.stringify([...stored.parts.keys()]), JSON.stringify([...expected.keys()]), why);
  for (const [key, bytes] of expected) {
    assert.ok(Buffer.from(bytes).equals(stored.parts.get(key)!), `${why}: bytes of "${key}"`);
  }
}
