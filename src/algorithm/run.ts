/** How the library runs its jobs: on the session of the caller, inline when that is faster. */
import type { Job } from '../engine/job.js';
import { defaultSession, type Session } from '../engine/session.js';

/** Options of every long call. */
export interface RunOptions {
  /** Where to run; by default a session that all such calls share. */
  readonly session?: Session | undefined;
  /** Stops the call, which then fails with `ERR_GYRE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A job on the caller's session; on the calling thread when the work is small, the session has no
 * threads, or a stream that may have no end holds them.
 */
export function openJob(who: string, work: number, options: RunOptions): Job {
  const session = options.session ?? defaultSession();
  const inline = work < session.inlineWork || session.isStreaming;
  return session.job(who, { signal: options.signal, ...(inline && { threads: 0 }) });
}
