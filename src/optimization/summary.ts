/** How a training went. */

/**
 * Why a training ended: the objective (solver `'lbfgs'`) or the loss of a batch (`'sgd'`) is as
 * `tol` asks for, no step lowers the objective any more, or all rounds are done.
 */
export type TrainingEnd = 'tol' | 'stalled' | 'maxIter';

/** How a training went: of a model that was fitted, not of one that was loaded. */
export interface TrainingSummary {
  /**
   * With `'lbfgs'` the objective, penalty included, before the first iteration and after each. With
   * `'sgd'` the mean loss of each round's batch, before the step that was made of it.
   */
  readonly objectiveHistory: readonly number[];
  /** Iterations, or steps. */
  readonly totalIterations: number;
  readonly reason: TrainingEnd;
}
