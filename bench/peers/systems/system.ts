/** A whole system that does the same work: what the frame asks of it. */
import type { Work } from '../work.js';
import type { Command } from './command.js';
import type { Answer } from './line-process.js';
import type { ModelFacts } from './model-facts.js';

/** Threads of every system. */
export const THREADS = 2;

/**
 * How KMeans begins when models are compared: with the sample that Flink ML draws by its seed, or
 * with the first k rows.
 */
export type KMeansStart = 'sample' | 'firstRows';

export interface System {
  /** As in the tables. */
  readonly name: string;
  /**
   * Installs what is needed under build/peers, unless it is there. Returns the versions.
   *
   * @throws Error with the reason when it cannot be had.
   */
  install(): string;
  /** A process that does the work once, from its start to its result, and ends. */
  endToEnd(work: Work, resultFile: string): Command;
  /**
   * A process that stays. `{ do: 'run', work }` does the work once more and is answered with
   * `{ seconds }`, `{ do: 'model', work, start }` with the model.
   */
  process(): Command;
  /** How its KMeans can be made to begin when models are compared. */
  readonly kmeansStart: KMeansStart;
  /** The model of an answer. */
  factsOf(work: Work, answer: Answer): ModelFacts;
}
