/** One of two threads that count by turns, for doorbell.test.ts. */
import { workerData } from 'node:worker_threads';
import { Doorbell } from '../../src/memory/doorbell.js';

export const OWN_BELL = 0;
export const OTHER_BELL = 128;
export const COUNTER = 256;

interface Turns {
  readonly buffer: SharedArrayBuffer;
  readonly side: 0 | 1;
  readonly turns: number;
}

function takeTurns({ buffer, side, turns }: Turns): void {
  const bells = [new Doorbell(buffer, OWN_BELL), new Doorbell(buffer, OTHER_BELL)];
  const counter = new Int32Array(buffer, COUNTER, 1);
  for (let turn = 0; turn < turns; turn++) {
    const mine = 2 * turn + side;
    while (Atomics.load(counter, 0) !== mine) {
      bells[side]!.park(() => Atomics.load(counter, 0) === mine);
    }
    Atomics.add(counter, 0, 1);
    bells[1 - side]!.ring();
  }
}

if (workerData !== null) takeTurns(workerData as Turns);
