/** Runs a job: on the calling thread alone, or with a gang of workers. */
import { AbortError, abortError, errorFromRecord } from '../core/errors.js';
import { Arena, type Segment } from '../memory/arena.js';
import { Doorbell } from '../memory/doorbell.js';
import { endpointLayout } from '../memory/layout.js';
import { resetRing } from '../memory/ring.js';
import { CREDIT_WORDS } from './channel.js';
import { type EndpointResources, openLoop, runCooperative } from './endpoint.js';
import type { Graph } from './graph.js';
import { type Allocate, type PlacedShard, placeShards } from './placement.js';
import { channelsOf, endpointOf, type Plan } from './plan.js';
import type { Session } from './session.js';
import { CONTROL_BYTES, type EndpointSpec, stopEndpoints, type TaskLoop } from './task-loop.js';
import type { WorkerTask } from './worker.js';

/** How long workers have to leave a stopped job by themselves before their threads are ended. */
const GRACE_MS = 1000;

type Buffers = Readonly<Record<string, SharedArrayBuffer>>;

function creditsFor(plan: Plan, workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(channelsOf(plan, workers).length * CREDIT_WORDS * 4);
}

/** The shards of every table that live on one endpoint, placed in its memory. */
function placeTables(
  { nodes, tables }: Graph,
  workers: number,
  endpoint: number,
  memory: SharedArrayBuffer,
  allocate: Allocate,
  copyNow: boolean,
): EndpointResources['tables'] {
  const placed: Record<number, Record<number, PlacedShard[]>> = {};
  for (const [id, table] of tables) {
    const node = nodes[id]!;
    const own: Record<number, PlacedShard[]> = {};
    for (let subtask = 0; subtask < node.parallelism; subtask++) {
      if (endpointOf(node, subtask, workers) !== endpoint) continue;
      const { parallelism } = node;
      own[subtask] = placeShards(table, subtask, parallelism, memory, allocate, copyNow);
    }
    placed[id] = own;
  }
  return placed;
}

/** One run of a job: from its plan to the end of its outputs, and what stops it before. */
export class JobRun {
  readonly #session: Session;
  readonly #graph: Graph;
  readonly #buffers: Buffers;
  readonly #signal: AbortSignal | undefined;
  readonly #control = new SharedArrayBuffer(CONTROL_BYTES);
  /** Aborted when the job has to end before its time. */
  readonly #left = new AbortController();
  /** Aborted when workers have not left by themselves. */
  readonly #kill = new AbortController();
  #workerMemories: readonly SharedArrayBuffer[] = [];
  #loop: TaskLoop | null = null;
  #grace: NodeJS.Timeout | undefined;
  #failure: { readonly reason: unknown } | null = null;
  #over = false;
  #needsReaders = true;

  constructor(session: Session, graph: Graph, buffers: Buffers, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#graph = graph;
    this.#buffers = buffers;
    this.#signal = signal;
  }

  /** Runs the job. Resolves when all its outputs have ended, or all their readers have left. */
  async execute(): Promise<void> {
    const onAbort = () => this.#fail(abortError(this.#graph.name, this.#signal!));
    try {
      const plan = this.#graph.plan();
      this.#watchReaders();
      this.#signal?.addEventListener('abort', onAbort, { once: true });
      if (this.#signal?.aborted) onAbort();
      if (!this.#left.signal.aborted) await this.#run(plan);
    } catch (error) {
      this.#fail(error);
    }
    this.#over = true;
    clearTimeout(this.#grace);
    this.#signal?.removeEventListener('abort', onAbort);
    for (const sink of this.#graph.sinks.values()) sink.end(this.#failure);
    if (this.#failure !== null) throw this.#failure.reason;
  }

  /** Stops the job for its session's sake. */
  stop(): void {
    this.#fail(new AbortError(`${this.#graph.name} was stopped: its session was destroyed.`));
  }

  /** Stops the job because nobody wants its outputs any more; that is no failure. */
  cancel(): void {
    this.#leave();
  }

  /** Somebody waits for the job itself: it goes on when the readers of its outputs have left. */
  keep(): void {
    this.#needsReaders = false;
  }

  #watchReaders(): void {
    const read = [...this.#graph.sinks.values()].filter((sink) => !sink.closed);
    for (const sink of read) {
      sink.onClose = () => {
        if (this.#needsReaders && read.every(({ closed }) => closed)) this.cancel();
      };
    }
  }

  async #run(plan: Plan): Promise<void> {
    // A job over streams without an end may hold the workers for ever.
    const here = this.#graph.workers === 0 || this.#session.isStreaming;
    if (here) await this.#runHere(plan);
    else await this.#runOnWorkers(plan);
  }

  async #runHere(plan: Plan): Promise<void> {
    const { kernels, arena } = this.#session.inline;
    const segments: Segment[] = [];
    const allocate = (bytes: number) => {
      const segment = arena.allocate(bytes);
      segments.push(segment);
      return segment.address;
    };
    const { buffer } = kernels;
    try {
      const spec: EndpointSpec = {
        plan,
        workers: 0,
        endpoint: 0,
        buffers: [buffer],
        credits: creditsFor(plan, 0),
        control: this.#control,
        kernels,
        arena,
      };
      await this.#drive(spec, placeTables(this.#graph, 0, 0, buffer, allocate, true));
    } finally {
      for (const segment of segments) segment.free();
    }
  }

  async #runOnWorkers(plan: Plan): Promise<void> {
    const streaming = plan.loops.some(({ bounded }) => !bounded);
    const release = await this.#session.takeWorkers(streaming, this.#left.signal);
    try {
      await this.#runGang(plan);
    } finally {
      release();
    }
  }

  async #runGang(plan: Plan): Promise<void> {
    const session = this.#session;
    const { workers } = this.#graph;
    const { kernels } = session.gang;
    const buffers = [
      ...session.memories.map(({ memory }) => memory.buffer as unknown as SharedArrayBuffer),
      kernels.buffer,
    ];
    buffers.forEach((buffer, endpoint) => {
      resetEndpoint(buffer, endpoint, workers);
    });
    const shared = {
      plan,
      workers,
      buffers,
      credits: creditsFor(plan, workers),
      control: this.#control,
    };
    const tasks = session.memories.map(({ memory, id }, endpoint): WorkerTask => {
      const own = buffers[endpoint]!;
      let arenaStart = endpointLayout(endpoint, workers).end;
      const reserve = new Arena({ buffer: own }, { base: arenaStart });
      const allocate = (bytes: number) => {
        const segment = reserve.allocate(bytes);
        arenaStart = segment.address + segment.bytes;
        return segment.address;
      };
      const tables = placeTables(this.#graph, workers, endpoint, own, allocate, false);
      const { compiled } = session;
      const resources = { tables, outputs: this.#buffers };
      return { ...shared, endpoint, memory, memoryId: id, compiled, arenaStart, resources };
    });
    this.#workerMemories = buffers;
    const running = tasks.map((task) => this.#runWorker(task));
    const arena = new Arena(kernels, { base: endpointLayout(workers, workers).end });
    try {
      await this.#drive({ ...shared, endpoint: workers, kernels, arena }, {});
    } catch (error) {
      this.#fail(error);
    }
    await Promise.all(running);
  }

  async #runWorker(task: WorkerTask): Promise<void> {
    try {
      const { error } = await this.#session.pool.run(task, this.#kill.signal);
      if (error !== null) this.#fail(errorFromRecord(error));
    } catch (error) {
      // Its thread may still be on its last instructions: nobody else may use these memories.
      this.#session.dropMemories();
      this.#fail(error);
    }
  }

  /** Runs this thread's part. */
  async #drive(spec: EndpointSpec, tables: EndpointResources['tables']): Promise<void> {
    const { inline, sources, sinks } = this.#graph;
    const onSourceError = (error: unknown) => this.#fail(error);
    const resources = { tables, outputs: this.#buffers, inline, sources, sinks, onSourceError };
    const loop = await this.#unlessLeft(openLoop(spec, resources));
    if (loop === null) return;
    this.#loop = loop;
    try {
      await runCooperative(loop);
    } finally {
      loop.close();
    }
  }

  /** Does not wait for operators that hang in `open` when the job is stopped. */
  async #unlessLeft(opening: Promise<TaskLoop>): Promise<TaskLoop | null> {
    const { signal } = this.#left;
    if (signal.aborted) return closeWhenOpen(opening);
    const left = new Promise<null>((resolve) => {
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    return (await Promise.race([opening, left])) ?? closeWhenOpen(opening);
  }

  /** The first failure counts; those that follow from it do not. */
  #fail(reason: unknown): void {
    if (this.#over || this.#left.signal.aborted) return;
    this.#failure = { reason };
    this.#leave();
  }

  /** Makes everyone leave; a worker that does not is ended with its thread. */
  #leave(): void {
    if (this.#over || this.#left.signal.aborted) return;
    this.#left.abort();
    this.#grace = setTimeout(() => this.#kill.abort(), GRACE_MS);
    stopEndpoints(this.#control, this.#workerMemories, this.#graph.workers);
    this.#loop?.doorbell.ring();
  }
}

function closeWhenOpen(opening: Promise<TaskLoop>): null {
  opening.then(
    (loop) => loop.close(),
    () => {},
  );
  return null;
}

function resetEndpoint(buffer: SharedArrayBuffer, endpoint: number, workers: number): void {
  const layout = endpointLayout(endpoint, workers);
  for (const { address } of layout.rings) resetRing(buffer, address);
  new Doorbell(buffer, layout.doorbell).ring();
}
