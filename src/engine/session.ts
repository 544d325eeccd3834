/**
 * Sessions: threads, their memory and their kernels, for any number of jobs. The point where Gyre
 * is embedded; plain `fit` and `transform` use a default session that is made when it is first
 * needed.
 */
import { availableParallelism, tmpdir } from 'node:os';
import type { Piscina } from 'piscina';
import { ClosedError, InvalidParamError, MemoryLimitError, PlanError } from '../core/errors.js';
import { int, nullable, oneOf, type ParamTable, resolveParams, string } from '../core/params.js';
import { Arena } from '../memory/arena.js';
import {
  type CompiledKernels,
  compileKernelsSync,
  instantiateKernels,
  type KernelBuild,
  type KernelOption,
  type Kernels,
} from '../memory/kernels.js';
import { alignUp, ENDPOINT_BASE, endpointLayout } from '../memory/layout.js';
import { type CheckpointOptions, checkpointSettings } from './checkpoint/options.js';
import { Gate } from './gate.js';
import { isImporting } from './importing.js';
import { Job, type JobOptions } from './job.js';
import { WorkerPool } from './pool.js';

const PAGE_BYTES = 65_536;
/** What WebAssembly can address: 4 GiB. Reserved, not used: pages cost nothing until written. */
const MAX_MEMORY_BYTES = 65_536 * PAGE_BYTES;
/** Room for the kernels' work beside the rings, at the least. */
const MIN_ARENA_BYTES = 1 << 22;

interface ThreadParams {
  readonly threads: number | null;
  readonly kernels: KernelOption;
  readonly inlineWork: number;
}

/**
 * What a core does in about the time that it takes to hand a job to workers that are up; where the
 * lines of bench/inline.ts cross.
 */
const INLINE_WORK = 10_000_000;

const sessionParams: ParamTable<ThreadParams> = {
  threads: nullable(int(0, { min: 0, max: 1024 })),
  kernels: oneOf(['auto', 'simd', 'relaxed'], 'auto'),
  inlineWork: int(INLINE_WORK, { min: 0 }),
};

interface MemoryParams {
  readonly maxBytes: number | null;
  readonly spillFolder: string | null;
}

const memoryParams: ParamTable<MemoryParams> = {
  maxBytes: nullable(int(0, { min: 1 << 24 })),
  spillFolder: nullable(string('')),
};

/** What a session may use. */
export interface MemoryOptions {
  /** Bytes of all its memories together; records beyond that go to disk. **Default:** 4 GiB each. */
  readonly maxBytes?: number | undefined;
  /** Where they go, in a folder of its own for each job. **Default:** the system's temporary folder. */
  readonly spillFolder?: string | undefined;
}

/** What a session is made of; all of it has defaults. */
export interface SessionOptions {
  /** Workers of a job, by default as many as there are cores. 0: everything on this thread. */
  readonly threads?: number | undefined;
  /** A pool that the service has already; see `gyre/worker`. */
  readonly pool?: Piscina | undefined;
  readonly memory?: MemoryOptions | undefined;
  /** `auto` takes `relaxed` (FMA) where this Node has it without a flag, else `simd`, equal everywhere. */
  readonly kernels?: KernelOption | undefined;
  /**
   * Calls of fewer multiplications and additions than this run on the calling thread, with the same
   * results. 0 keeps it free. **Default:** 10,000,000, some milliseconds.
   */
  readonly inlineWork?: number | undefined;
  /** Checkpoints of all jobs that name none of their own. */
  readonly checkpoint?: CheckpointOptions | undefined;
}

/** A shared memory with its kernels, for the calling thread. */
export interface ThreadMemory {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
}

/** A worker's memory, and the name by which the worker knows it from job to job. */
export interface WorkerMemory {
  readonly memory: WebAssembly.Memory;
  readonly id: string;
}

let sessions = 0;

/**
 * Threads, memory and kernels for jobs. Cheap to make: threads start with the first job that needs
 * them.
 *
 * `close()` waits for running jobs, `destroy()` stops them; both may be called any number of times.
 * A session that is never closed does not keep the process alive.
 *
 * @example
 * ```ts
 * const session = new Session({ threads: 2 });
 * try {
 *   const model = await new KMeans({ k: 3 }).fit(table, { session });
 * } finally {
 *   await session.close();
 * }
 * ```
 */
export class Session {
  /** Workers of a job. */
  readonly threads: number;
  /** Work below which calls run on the calling thread. */
  readonly inlineWork: number;
  /** @internal Where jobs keep the records that do not fit into memory. */
  readonly spillFolder: string;
  /** Checkpoints of jobs that name none of their own. */
  readonly checkpoint: CheckpointOptions | undefined;
  /** Unique in the process; names the session's memories to the workers. */
  readonly id: number = sessions++;
  readonly #kernels: KernelOption;
  readonly #memoryBytes: number;
  readonly #running = new Map<Promise<unknown>, () => void>();
  /** The workers' memories belong to one job at a time. */
  readonly #gangs = new Gate(1);
  #streaming = 0;
  #pool: WorkerPool | null = null;
  #compiled: CompiledKernels | null = null;
  #memories: WorkerMemory[] | null = null;
  #named = 0;
  #inline: (ThreadMemory & { readonly arena: Arena }) | null = null;
  #gang: ThreadMemory | null = null;
  #closed = false;

  constructor(options: SessionOptions = {}) {
    const { pool, memory, checkpoint, ...rest } = options;
    const unknown = Object.keys(rest).find((name) => !Object.hasOwn(sessionParams, name));
    if (unknown !== undefined) {
      throw new InvalidParamError(
        `Session has no option ${JSON.stringify(unknown)}; it has threads, pool, memory, ` +
          'kernels, inlineWork, checkpoint.',
        { details: { option: unknown } },
      );
    }
    const values = resolveParams('Session', sessionParams, rest);
    const { maxBytes, spillFolder } = resolveParams('Session.memory', memoryParams, memory ?? {});
    this.spillFolder = spillFolder ?? tmpdir();
    this.threads = values.threads ?? availableParallelism();
    this.#kernels = values.kernels;
    this.inlineWork = values.inlineWork;
    if (checkpoint !== undefined) checkpointSettings('Session.checkpoint', checkpoint);
    this.checkpoint = checkpoint;
    if (pool !== undefined) this.#pool = new WorkerPool(this.threads, pool);
    this.#memoryBytes = this.#shareOf(maxBytes);
  }

  /** The kernel build that this session uses. Compiles the kernels when it is first asked for. */
  get kernelBuild(): KernelBuild {
    return this.compiled.build;
  }

  /** A new job: a dataflow graph to be built and run. */
  job(name: string, options?: JobOptions): Job {
    this.#checkOpen();
    if (isImporting()) {
      throw new PlanError(
        `${name}: a module with operators started this job while a worker imported it; put operators ` +
          'into a module of their own.',
        { details: { job: name } },
      );
    }
    return new Job(this, name, options);
  }

  /** Waits for the running jobs, then ends the threads. No job can be started any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running.keys());
    await this.#pool?.destroy();
    this.#release();
  }

  /** Stops the running jobs, which fail with `ERR_GYRE_ABORTED`, and ends the threads. */
  async destroy(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#running.values()) stop();
    await this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal The compiled kernels, shared by all threads. */
  get compiled(): CompiledKernels {
    this.#compiled ??= compileKernelsSync(this.#kernels);
    return this.#compiled;
  }

  /**
   * Whether a job over streams without an end holds the workers. Other work then runs on the
   * calling thread, with the same results, rather than wait for ever.
   */
  get isStreaming(): boolean {
    return this.#streaming > 0;
  }

  /**
   * @internal Waits until the workers and their memories are free; call what it returns after.
   *
   * @throws The reason of the signal, when it is aborted first.
   */
  async takeWorkers(streaming: boolean, signal: AbortSignal): Promise<() => void> {
    const taken: (() => void)[] = [];
    const release = () => {
      for (const giveBack of taken.splice(0).reverse()) giveBack();
    };
    if (streaming) {
      this.#streaming++;
      taken.push(() => {
        this.#streaming--;
      });
    }
    try {
      taken.push(await this.#gangs.take(1, signal));
      taken.push(await this.pool.take(this.threads, signal));
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** @internal The pool, made when the first job needs it. */
  get pool(): WorkerPool {
    this.#pool ??= new WorkerPool(this.threads);
    return this.#pool;
  }

  /** @internal The workers' memories. */
  get memories(): readonly WorkerMemory[] {
    this.#memories ??= Array.from({ length: this.threads }, () => ({
      memory: this.#newMemory(),
      id: `${this.id}/${this.#named++}`,
    }));
    return this.#memories;
  }

  /** @internal Lets the next job have new memories, the main thread's included. */
  dropMemories(): void {
    this.#memories = null;
    this.#gang = null;
  }

  /** @internal Memory and arena of jobs that run on the calling thread; they share it. */
  get inline(): ThreadMemory & { readonly arena: Arena } {
    if (this.#inline === null) {
      const opened = this.#openMemory();
      const arena = new Arena(opened.kernels, { base: ENDPOINT_BASE });
      this.#inline = { ...opened, arena };
    }
    return this.#inline;
  }

  /** @internal Memory of the main thread in jobs with workers; one such job runs at a time. */
  get gang(): ThreadMemory {
    this.#gang ??= this.#openMemory();
    return this.#gang;
  }

  /**
   * @internal Starts a job and keeps it until it is over, so that `close` can wait for it and
   * `destroy` can stop it.
   */
  track(run: () => Promise<void>, stop: () => void): Promise<void> {
    this.#checkOpen();
    const job = run();
    this.#running.set(job, stop);
    const forget = () => this.#running.delete(job);
    job.then(forget, forget);
    return job;
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('Session: it is closed; make a new one.');
  }

  #release(): void {
    this.#memories = null;
    this.#inline = null;
    this.#gang = null;
  }

  #shareOf(maxBytes: number | null): number {
    if (maxBytes === null) return MAX_MEMORY_BYTES;
    // One memory per worker; this thread has one for its own jobs and one for jobs with workers.
    const memories = this.threads === 0 ? 1 : this.threads + 2;
    const share = Math.floor(maxBytes / memories / PAGE_BYTES) * PAGE_BYTES;
    const least = endpointLayout(this.threads, this.threads).end + MIN_ARENA_BYTES;
    if (share < least) {
      throw new MemoryLimitError(
        `Session.memory.maxBytes must be at least ${alignUp(least, PAGE_BYTES) * memories} ` +
          `for ${this.threads} threads, got ${maxBytes}.`,
        { details: { maxBytes, threads: this.threads } },
      );
    }
    return Math.min(share, MAX_MEMORY_BYTES);
  }

  #openMemory(): ThreadMemory {
    const memory = this.#newMemory();
    return { memory, kernels: instantiateKernels(this.compiled, memory) };
  }

  /** Reserved as a whole from the start, so that no view of it ever goes stale. */
  #newMemory(): WebAssembly.Memory {
    const pages = this.#memoryBytes / PAGE_BYTES;
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (cause) {
      throw new MemoryLimitError(
        `Session: ${this.#memoryBytes} bytes of address space cannot be reserved; ` +
          'set memory.maxBytes.',
        { details: { bytes: this.#memoryBytes }, cause },
      );
    }
  }
}

let shared: Session | null = null;

/** The session of calls that name none: as many threads as cores, made when first needed. */
export function defaultSession(): Session {
  shared ??= new Session();
  return shared;
}
