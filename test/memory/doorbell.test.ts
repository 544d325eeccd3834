import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InternalError } from '../../src/core/errors.js';
import { Doorbell, LocalBell } from '../../src/memory/doorbell.js';
import { COUNTER, OTHER_BELL, OWN_BELL } from './doorbell-worker.js';

const TURNS = 20_000;

test('no wake-up is lost when two threads take turns', async () => {
  const buffer = new SharedArrayBuffer(512);
  const url = new URL('./doorbell-worker.js', import.meta.url);
  const workers = [0, 1].map(
    (side) => new Worker(url, { workerData: { buffer, side, turns: TURNS } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  assert.is(new Int32Array(buffer)[COUNTER / 4], 2 * TURNS);
});

test('no wake-up is lost when one of them must not block', async () => {
  const buffer = new SharedArrayBuffer(512);
  const counter = new Int32Array(buffer, COUNTER, 1);
  const [own, other] = [new Doorbell(buffer, OWN_BELL), new Doorbell(buffer, OTHER_BELL)];
  const url = new URL('./doorbell-worker.js', import.meta.url);
  const turns = 2000;
  const worker = new Worker(url, { workerData: { buffer, side: 1, turns } });
  const exit = once(worker, 'exit');
  for (let turn = 0; turn < turns; turn++) {
    while (Atomics.load(counter, 0) !== 2 * turn) {
      await own.parkAsync(() => Atomics.load(counter, 0) === 2 * turn);
    }
    Atomics.add(counter, 0, 1);
    other.ring();
  }
  await exit;
  assert.is(counter[0], 2 * turns);
});

test('a local bell wakes its owner, and work that is there already does not wait', async () => {
  const bell = new LocalBell();
  await bell.parkAsync(() => true);
  let woken = false;
  const parked = bell
    .parkAsync(() => false)
    .then(() => {
      woken = true;
    });
  await null;
  assert.not(woken);
  bell.ring();
  bell.ring();
  await parked;
  assert.throws(
    () => bell.park(),
    (error: unknown) => error instanceof InternalError,
  );
});

test.run();
