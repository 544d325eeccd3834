/** Pipelines on disk: how many stages there are, and each in a folder of its own. */
import { join } from 'node:path';
import { showValue } from '../core/params.js';
import { childFolder, METADATA_FILE, type StageMetadata, writeStage } from '../stage/save.js';
import { broken } from '../stage/saved-folder.js';
import type { AnyStage } from './composite.js';

/** Stages of a pipeline or a graph that is loaded: who has more can nest pipelines. */
export const MAX_STAGES = 1000;

/** Writes a pipeline. */
export function saveList(
  path: string,
  className: string,
  stages: readonly AnyStage[],
): Promise<void> {
  return writeStage(path, {
    className,
    params: {},
    data: null,
    fields: { numStages: stages.length },
    children: new Map(stages.map((stage, i) => [childFolder(i, stages.length), stage])),
  });
}

/**
 * The folders of a pipeline's stages.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when the metadata do not say how many there are.
 */
export function foldersOfList({ numStages }: StageMetadata, path: string): string[] {
  const count = checkCount(path, 'numStages', numStages);
  return Array.from({ length: count }, (_, i) => childFolder(i, count));
}

/** A number of stages as metadata give it. */
export function checkCount(path: string, name: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_STAGES) {
    return value as number;
  }
  throw broken(
    join(path, METADATA_FILE),
    `${name} must be an integer from 0 to ${MAX_STAGES}, got ${showValue(value)}.`,
  );
}
