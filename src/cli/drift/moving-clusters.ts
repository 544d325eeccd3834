/** Points in clouds that go round, each on its way. */
import { Column, Table } from '../../index.js';
import { Gaussian } from './gaussian.js';

/** How far clouds are from the middle, and how wide they are. */
const RADIUS = 10;
const SPREAD = 0.8;
/** A cloud's distance from the middle swings by this share. */
const SWING = 0.35;

export interface MovingClusters {
  readonly k: number;
  readonly rows: number;
  readonly batchRows: number;
  readonly seed: number;
}

/** What is in view of the clouds at any time, in both directions. */
export const EXTENT: number = RADIUS * (1 + SWING) + 4 * SPREAD;

/** The middle of a cloud when a share of the stream is over: one turn in all. */
export function cloudAt(j: number, k: number, share: number): readonly [number, number] {
  const turn = 2 * Math.PI * (j / k + share);
  const radius = RADIUS * (1 + SWING * Math.sin(2 * Math.PI * (2 * share + j / k)));
  return [radius * Math.cos(turn), radius * Math.sin(turn)];
}

/** A table a batch. */
export async function* movingClusters(stream: MovingClusters): AsyncGenerator<Table> {
  const { k, rows, batchRows, seed } = stream;
  const random = new Gaussian(seed);
  for (let start = 0; start < rows; start += batchRows) {
    const count = Math.min(batchRows, rows - start);
    const values = new Float64Array(2 * count);
    for (let i = 0; i < count; i++) {
      const cloud = Math.floor(random.uniform() * k);
      const [x, y] = cloudAt(cloud, k, (start + i) / rows);
      values[2 * i] = x + SPREAD * random.next();
      values[2 * i + 1] = y + SPREAD * random.next();
    }
    yield Table.fromColumns({ features: Column.dense(values, 2) });
  }
}
