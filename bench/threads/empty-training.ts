/** A training that does nothing but note when its rounds ended. */
import type { Training } from '../../src/algorithm/training.js';

export interface EmptyTrainingParams {
  readonly rounds: number;
}

/** When each round ended, in milliseconds; the last state only has them. */
export type Times = Float64Array | null;

export function emptyTraining({ rounds }: EmptyTrainingParams): Training<Times, number> {
  const times = new Float64Array(rounds);
  return {
    partial: () => 1,
    combine: (a, b) => a + b,
    update: (_state, _total, epoch) => {
      times[epoch] = performance.now();
      const done = epoch + 1 >= rounds;
      return { state: done ? times : null, done };
    },
  };
}
