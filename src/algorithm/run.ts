/** How the library runs its jobs: on the session of the caller, inline when that is faster. */
import type { CheckpointOptions } from '../engine/checkpoint/options.js';
import type { Job } from '../engine/job.js';
import { defaultSession, type Session } from '../engine/session.js';

/** Options of every long call. */
export interface RunOptions {
  /** Where to run; by default a session that all such calls share. */
  readonly session?: Session | undefined;
  /** Stops the call, which then fails with `ERR_GYRE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a call that takes many rounds. */
export interface CheckpointedOptions {
  /**
   * Checkpoints, by which the call outlives its workers and, with `resume`, its process. By default
   * the session's; null: none.
   */
  readonly checkpoint?: CheckpointOptions | null | undefined;
}

/**
 * A job on the caller's session; on the calling thread when the work is small, the session has no
 * threads, or a stream that may have no end holds them.
 */
export function openJob(
  who: string,
  work: number,
  options: RunOptions,
  checkpoint: CheckpointOptions | null | undefined = null,
): Job {
  const session = options.session ?? defaultSession();
  const inline = work < session.inlineWork || session.isStreaming;
  return session.job(who, {
    signal: options.signal,
    checkpoint: checkpoint === undefined ? session.checkpoint : checkpoint,
    ...(inline && { threads: 0 }),
  });
}
