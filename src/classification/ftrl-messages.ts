/** What {@link FtrlLearner} is told, and what it tells: other learners, and the main thread. */
import type { TreeNode } from '../algorithm/combination-tree.js';
import type { Table } from '../table/table.js';
import type { FtrlState } from './feature-ranges.js';
import type { RowNames } from './row-queue.js';

export interface FtrlParams {
  readonly names: RowNames;
  readonly globalBatchSize: number;
  readonly alpha: number;
  readonly beta: number;
  readonly l1: number;
  readonly l2: number;
  readonly initial: FtrlState | null;
  /** Whether predictions made before learning are emitted. */
  readonly prequential: boolean;
}

/** What reaches the learners from the stream: rows, or a wish for the model at this point. */
export type LearnerInput = Table | ModelRequest;
export interface ModelRequest {
  /** The model after the batches so far, but at least one, under this number. */
  readonly request: number;
}

/** Number of a request for the model after every batch from now on. */
export const EVERY_VERSION = -1;
/** Number of the final model, which learners send by themselves. */
export const FINAL = 0;
/** Number of what asks for nothing: a job that has begun again may go on. */
export const NO_REQUEST = -2;

/** One learner's margins of a batch. */
export interface Margins {
  readonly batch: number;
  readonly nodes: readonly TreeNode<Float64Array>[];
}

/** A range of a model, on its way to the main thread. */
export interface ModelPart {
  /** Number of the request. */
  readonly request: number;
  readonly modelVersion: number;
  /** Number of parts that make the model. */
  readonly parts: number;
  readonly size: number;
  readonly lo: number;
  readonly coefficient: Float64Array;
  readonly z: Float64Array;
  readonly n: Float64Array;
}

/** Predictions of a batch, made before it was learned from. */
export interface PrequentialBatch {
  /** Version of the model that predicted; 0 before anything was learned. */
  readonly modelVersion: number;
  /** P(label = 1), one a row. */
  readonly probabilities: Float64Array;
  readonly labels: Float64Array;
}

export interface LearnerProgress {
  readonly modelVersion: number;
  /** All rows so far. */
  readonly rows: number;
  /** Mean log-loss of the rows since the last report, each before it was learned from. */
  readonly loss: number;
}

/** Side outputs. */
export const PARTS = 'parts';
export const PREDICTIONS = 'predictions';
export const PROGRESS = 'progress';
