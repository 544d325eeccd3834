/** A thread that fills a queue until it spills, and then hangs, for spill-folder.test.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { SpillFolder } from '../../../src/engine/cache/spill-folder.js';
import { SpillQueue } from '../../../src/engine/cache/spill-queue.js';
import { SpillSpace } from '../../../src/engine/cache/spill-space.js';
import { Arena } from '../../../src/memory/arena.js';

function spillAndHang(path: string): void {
  const arena = new Arena({ buffer: new SharedArrayBuffer(4096) }, { base: 64 });
  const folder = new SpillFolder(path);
  const queue = new SpillQueue<number>(new SpillSpace({ arena, memoryBytes: 0, folder }), 0);
  while (queue.usage.diskBytes === 0) queue.push(queue.length);
  parentPort?.postMessage(queue.usage);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

if (workerData !== null) spillAndHang(workerData as string);
