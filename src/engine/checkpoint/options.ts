/** When a job's checkpoints are taken, where they are, and what becomes of a job that fails. */
import { InvalidParamError } from '../../core/errors.js';
import { boolean, int, nullable, type ParamTable, resolveParams } from '../../core/params.js';

/** Options of a job with checkpoints. */
export interface CheckpointOptions {
  /** The job's checkpoints are in a folder of this one that has the job's name. */
  readonly folder: string;
  /** Takes one so many milliseconds after the last. */
  readonly everyMs?: number | undefined;
  /** Takes one each time that the job's sources have given so many rows. */
  readonly everyRows?: number | undefined;
  /** Takes one each time that an iteration has made so many rounds. */
  readonly everyEpochs?: number | undefined;
  /** How many are kept. **Default:** 2. */
  readonly keep?: number | undefined;
  /**
   * Goes on from the newest checkpoint that is there, or begins when there is none. Without it,
   * checkpoints of an earlier run are removed. **Default:** false.
   */
  readonly resume?: boolean | undefined;
  /** How often a job that fails goes on from its last checkpoint. **Default:** 3. */
  readonly restarts?: number | undefined;
  /** Waits so long before the first restart, and twice as long before each further. **Default:** 100. */
  readonly backoffMs?: number | undefined;
}

interface CheckpointParams {
  readonly everyMs: number | null;
  readonly everyRows: number | null;
  readonly everyEpochs: number | null;
  readonly keep: number;
  readonly resume: boolean;
  readonly restarts: number;
  readonly backoffMs: number;
}

/** {@link CheckpointOptions}, checked and with all defaults. */
export type CheckpointSettings = CheckpointParams & { readonly folder: string };

const params: ParamTable<CheckpointParams> = {
  everyMs: nullable(int(0, { min: 1, max: 2 ** 31 - 1 })),
  everyRows: nullable(int(0, { min: 1 })),
  everyEpochs: nullable(int(0, { min: 1 })),
  keep: int(2, { min: 1, max: 1000 }),
  resume: boolean(false),
  restarts: int(3, { min: 0, max: 1_000_000 }),
  backoffMs: int(100, { min: 0, max: 600_000 }),
};

/** The longest wait before a restart. */
export const MAX_BACKOFF_MS = 10_000;

/** @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for an unknown or invalid option. */
export function checkpointSettings(who: string, options: CheckpointOptions): CheckpointSettings {
  const { folder, ...rest } = options;
  if (typeof folder !== 'string' || folder === '') {
    throw new InvalidParamError(
      `${who}.folder must be the path of a folder, got ${String(folder)}.`,
    );
  }
  return { folder, ...resolveParams(who, params, rest) };
}
