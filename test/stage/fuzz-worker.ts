/** Reads changed model files, one after the other, and says before each which one it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { GyreError, KMeansModel, Table } from '../../src/index.js';
import { readArrowFile } from '../../src/stage/arrow-file.js';
import { seeded } from '../reference/random.js';

/** What is changed: a byte (all of its bits, or one of them), or 32 or 64 bits. */
export interface FuzzTask {
  readonly bytes: Uint8Array;
  readonly kind: 'flip' | 'bit' | 'words';
  readonly seed: number;
}

export interface FuzzReport {
  errors: number;
  models: number;
  /** What is neither. */
  readonly strange: string[];
  slowestMs: number;
}

/** Lengths and offsets that a loop, an allocation or an address should not believe. */
const WORDS = [
  0n,
  1n,
  4n,
  255n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 62n,
  -1n,
  -8n,
  -(2n ** 63n),
];

const { bytes, kind, seed } = workerData as FuzzTask;
const random = seeded(seed);
const report: FuzzReport = { errors: 0, models: 0, strange: [], slowestMs: 0 };
const points = Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' });

function changed(at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  if (kind === 'flip') copy[at]! ^= 0xff;
  if (kind === 'bit') copy[at]! ^= 1 << random.below(8);
  if (kind === 'words') {
    const word = WORDS[random.below(WORDS.length)]!;
    if (random.below(2) === 0) view.setInt32(at, Number(BigInt.asIntN(32, word)), true);
    else view.setBigInt64(Math.min(at, copy.length - 8), word, true);
  }
  return copy;
}

/** Reads the file, and a model of it transforms: its arrays go to kernels as they are. */
function read(file: Uint8Array): void {
  const data = readArrowFile(file);
  if (kind !== 'words') {
    KMeansModel.fromSaved({ k: 2 }, data).toServable().transform(points);
    return;
  }
  for (const row of data.toRows()) JSON.stringify(row, (_, cell) => String(cell));
}

const step = kind === 'words' ? 4 : 1;
for (let at = 0; at + step <= bytes.length; at += step) {
  if (at % 64 === 0) parentPort!.postMessage(at);
  const start = performance.now();
  try {
    read(changed(at));
    report.models++;
  } catch (error) {
    // Reading beyond the end is a RangeError; an overflow of the stack would be one, too.
    const isKnown =
      error instanceof GyreError ||
      (error instanceof RangeError && !/call stack|invalid array/i.test(error.message));
    if (isKnown) report.errors++;
    else report.strange.push(`${kind} at ${at}: ${(error as Error).stack}`);
  }
  report.slowestMs = Math.max(report.slowestMs, performance.now() - start);
}
parentPort!.postMessage(report);
