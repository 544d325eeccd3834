/** Rows whose labels follow weights that are exchanged for others on the way. */
import { Column, Table } from '../../index.js';
import { Gaussian } from './gaussian.js';

const FEATURES = 8;
/** Scale of the weights: the larger, the less the labels are left to chance. */
const SCALE = 1.5;

export interface TurningLabels {
  readonly rows: number;
  readonly batchRows: number;
  readonly seed: number;
}

/** Shares of the stream at which the weights change. */
export const TURNS: readonly number[] = [1 / 3, 2 / 3];

/** A table a batch: `features`, a constant one among them, and `label`. */
export async function* turningLabels(stream: TurningLabels): AsyncGenerator<Table> {
  const { rows, batchRows, seed } = stream;
  const random = new Gaussian(seed);
  const phases = [0, ...TURNS].map(() =>
    Float64Array.from({ length: FEATURES }, () => SCALE * random.next()),
  );
  for (let start = 0; start < rows; start += batchRows) {
    const count = Math.min(batchRows, rows - start);
    const values = Float64Array.from({ length: count * FEATURES }, (_, i) =>
      i % FEATURES === 0 ? 1 : random.next(),
    );
    const label = Float64Array.from({ length: count }, (_, i) => {
      const phase = TURNS.filter((turn) => start + i >= turn * rows).length;
      let margin = 0;
      for (let t = 0; t < FEATURES; t++) margin += values[i * FEATURES + t]! * phases[phase]![t]!;
      return random.uniform() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
    });
    yield Table.fromColumns({ features: Column.dense(values, FEATURES), label });
  }
}
