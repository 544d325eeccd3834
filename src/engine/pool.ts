/**
 * The worker pool: Gyre's own, or one that a service lends.
 *
 * A job needs all its workers at once: they wait for each other. So jobs that share a pool take
 * their threads together, first come first served, and never more than the pool has.
 */
import { Piscina } from 'piscina';
import { InvalidParamError, PoolError, WorkerFailedError } from '../core/errors.js';
import { Gate } from './gate.js';
import type { WorkerOutcome, WorkerTask } from './worker.js';

const WORKER_URL: string = new URL('./worker.js', import.meta.url).href;
/** Name of the exported function that a lent pool's worker file must have. */
const ENTRY = 'gyre';

/** How often a job looks whether its pool has lost a thread. */
const THREADS_CHECK_MS = 100;

const gates = new WeakMap<Piscina, Gate>();

function gateOf(piscina: Piscina): Gate {
  const gate = gates.get(piscina) ?? new Gate(piscina.options.maxThreads);
  gates.set(piscina, gate);
  return gate;
}

function checkLent(piscina: Piscina, threads: number): void {
  const { maxThreads, concurrentTasksPerWorker } = piscina.options;
  if (maxThreads < threads) {
    throw new PoolError(
      `Session: the pool must have at least ${threads} threads for ${threads} workers, ` +
        `its maxThreads is ${maxThreads}.`,
      { details: { threads, maxThreads } },
    );
  }
  if (concurrentTasksPerWorker !== 1) {
    throw new PoolError(
      'Session: the pool must run one task per worker, because workers of a job wait for each ' +
        `other; its concurrentTasksPerWorker is ${concurrentTasksPerWorker}.`,
      { details: { concurrentTasksPerWorker } },
    );
  }
}

/** The threads of a session. */
export class WorkerPool {
  readonly #piscina: Piscina;
  readonly #lent: boolean;

  /** @param lent The user's pool; without it, a pool of `threads` is made, which is ours to end. */
  constructor(threads: number, lent?: Piscina) {
    if (lent !== undefined && typeof lent.run !== 'function') {
      throw new InvalidParamError('Session.pool must be a Piscina instance.');
    }
    if (lent !== undefined) checkLent(lent, threads);
    this.#lent = lent !== undefined;
    this.#piscina =
      lent ??
      new Piscina({
        filename: WORKER_URL,
        name: ENTRY,
        minThreads: threads,
        maxThreads: threads,
        concurrentTasksPerWorker: 1,
        idleTimeout: Number.POSITIVE_INFINITY,
      });
  }

  /** Waits until `threads` threads are free for a job; call what it returns when the job is over. */
  take(threads: number, signal: AbortSignal): Promise<() => void> {
    return gateOf(this.#piscina).take(threads, signal);
  }

  /**
   * Runs one worker's part of a job.
   *
   * @param kill Terminates the thread; the pool starts another one in its place.
   * @throws {@link PoolError} when the worker file of a lent pool lacks our entry.
   * @throws {@link WorkerFailedError} when the thread ends without an answer.
   */
  async run(task: WorkerTask, kill: AbortSignal): Promise<WorkerOutcome> {
    const filename = this.#lent ? (this.#piscina.options.filename ?? WORKER_URL) : WORKER_URL;
    try {
      const transferList = task.port === null ? [] : [task.port];
      return await this.#piscina.run(task, { filename, name: ENTRY, signal: kill, transferList });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      // The only way to learn that from the outside is what Piscina says.
      if (this.#lent && reason.startsWith('No handler function')) {
        throw new PoolError(
          `Session: the pool's worker file ${filename} must have Gyre's entry; add the line ` +
            "export { gyre } from 'gyre/worker'.",
          { details: { filename }, cause },
        );
      }
      throw new WorkerFailedError(
        `Worker ${task.endpoint} of ${task.plan.name} ended without an answer: ${reason}`,
        { details: { worker: task.endpoint, job: task.plan.name }, cause },
      );
    }
  }

  /**
   * Until all tasks of a job have begun, or what it returns is called: gives the pool the threads back
   * that it has lost. Piscina starts no other in place of one that ends while it starts, and the task
   * that waits for it would wait for ever.
   */
  keepThreads(haveBegun: () => boolean): () => void {
    const timer = setInterval(() => {
      const { queueSize, threads, options } = this.#piscina;
      if (haveBegun()) clearInterval(timer);
      else if (queueSize > 0 && threads.length < options.maxThreads) this.#addThread();
    }, THREADS_CHECK_MS);
    return () => clearInterval(timer);
  }

  /** A task that is queued makes Piscina start a thread; this one is taken back at once. */
  #addThread(): void {
    const withdrawn = new AbortController();
    const { signal } = withdrawn;
    this.#piscina.run(null, { name: ENTRY, signal }).catch(() => {});
    withdrawn.abort();
  }

  /** Ends the threads, unless the pool is lent. */
  async destroy(): Promise<void> {
    if (!this.#lent) await this.#piscina.destroy();
  }
}
