/** What pipelines and graphs have in common: stages that are made of stages, and how those are run. */

import { join } from 'node:path';
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { CheckpointOptions } from '../engine/checkpoint/options.js';
import { AlgoOperator, type FitOptions, type Progress, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';

/** What goes from stage to stage. */
export type Tables = Table | readonly Table[] | TableStream;

/** Any stage, as far as those that are made of stages know it. */
export interface AnyStage {
  save(path: string): Promise<void>;
}

/** A stage that transforms: a transformer, a model, an AlgoOperator, or one made of such. */
export interface TransformingStage extends AnyStage {
  transform(input: never, options?: StageOptions): Promise<Table | Table[]> | TableStream;
}

/** A stage that learns. */
export interface LearningStage extends AnyStage {
  fit(input: never, options?: FitOptions): Promise<TransformingStage>;
}

/** Progress of one of several stages. */
export interface StageProgress extends Progress {
  /** Which of the stages, from 0. */
  readonly stage: number;
}

/** Options of `fit` of stages that are made of stages. */
export interface FitStagesOptions extends Omit<FitOptions, 'onProgress'> {
  /** Called on the calling thread after every round or batch of a stage that learns. */
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
}

/** What has both methods transforms, as in Flink ML. */
export function isTransforming(stage: unknown): stage is TransformingStage {
  return typeof (stage as Partial<TransformingStage> | null)?.transform === 'function';
}

export function isLearning(stage: unknown): stage is LearningStage {
  const { fit } = (stage ?? {}) as Partial<LearningStage>;
  return typeof fit === 'function' && !isTransforming(stage);
}

/** The name of a stage's class, for messages. */
export function nameOf(stage: unknown): string {
  const { className } = ((stage as object | null)?.constructor ?? {}) as { className?: unknown };
  return typeof className === 'string' ? className : showValue(stage);
}

/** Throws unless a value can be a stage of others. */
export function checkStage(who: string, stage: unknown): asserts stage is AnyStage {
  const isStage = isTransforming(stage) || isLearning(stage);
  if (isStage && typeof (stage as Partial<AnyStage>).save === 'function') return;
  throw new InvalidParamError(
    `${who} must be a stage, with fit or transform, and save; got ${showValue(stage)}.`,
    { details: { who } },
  );
}

/** Throws unless a value is a list of stages. */
export function checkStages(className: string, stages: readonly unknown[]): void {
  if (!Array.isArray(stages)) {
    throw new InvalidParamError(`${className} takes a list of stages, got ${showValue(stages)}.`, {
      details: { who: className },
    });
  }
  stages.forEach((stage, i) => {
    checkStage(`${className}: stage ${i}`, stage);
  });
}

/**
 * Transforms whatever a stage takes; its own check refuses the rest. One table and an array of one
 * are the same to whoever hands them on.
 */
export async function transformWith(
  stage: TransformingStage,
  input: Tables,
  options: StageOptions,
): Promise<Tables> {
  const takesArray = stage instanceof AlgoOperator && stage.inputKind === 'tables';
  let given = input;
  if (takesArray && input instanceof Table) given = [input];
  if (!takesArray && Array.isArray(input) && input.length === 1) given = input[0];
  return stage.transform(given as never, options);
}

/**
 * Fits the stage `index`.
 *
 * Checkpoints of one job are in a folder that has its name, and two stages may be of one class: each
 * has a folder of its own.
 */
export function fitWith(
  stage: LearningStage,
  index: number,
  input: Tables,
  { onProgress, checkpoint, ...options }: FitStagesOptions,
): Promise<TransformingStage> {
  const given = Array.isArray(input) && input.length === 1 ? input[0] : input;
  return stage.fit(given as never, {
    ...options,
    ...(onProgress && {
      onProgress: (progress: Progress) => onProgress({ ...progress, stage: index }),
    }),
    ...(checkpoint !== undefined && { checkpoint: checkpointOf(checkpoint, index) }),
  });
}

function checkpointOf(checkpoint: CheckpointOptions | null, index: number) {
  return checkpoint && { ...checkpoint, folder: join(checkpoint.folder, String(index)) };
}

/** The options of `transform` among those of `fit`. */
export function transformOptions({ session, signal }: FitStagesOptions): StageOptions {
  return { session, signal };
}
