/** What cuts rows into windows, for {@link WindowedMoments}. */
import type { RunningMoments } from './running-moments.js';
import type { VectorColumn } from './scaling.js';

/** Sees rows, and says when windows are complete. */
export interface WindowCutter {
  /** @param times Event times of the rows; null where windows do not go by them. */
  add(column: VectorColumn, times: Float64Array | null): void;
  onTimer?(): void;
  onInputEnd(): void;
  /** What a checkpoint has of it: plain data. */
  readonly state: unknown;
  restore(state: unknown): void;
}

/**
 * Tells that a window is complete.
 *
 * @param timestamp The last instant of the window by event time; infinity for windows of another kind.
 */
export type Fire = (window: RunningMoments, timestamp: number) => void;
