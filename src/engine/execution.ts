/** Runs a job: on the calling thread alone, or with a gang of workers. */
import { AbortError, abortError, errorFromRecord, GyreError } from '../core/errors.js';
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
import { CONTROL_BYTES, type EndpointSpec, type TaskLoop } from './task-loop.js';
import type { WorkerTask } from './worker.js';

/** How long workers have to leave a stopped job by themselves before their threads are ended. */
const GRACE_MS = 1000;

type Buffers = Readonly<Record<string, SharedArrayBuffer>>;

/** Runs the job of a finished graph. Resolves when all outputs have ended. */
export function runJob(
  session: Session,
  graph: Graph,
  buffers: Buffers,
  signal: AbortSignal | undefined,
): Promise<void> {
  const run = new JobRun(graph, signal);
  const execute = async () => {
    try {
      const plan = graph.plan();
      if (signal?.aborted) throw abortError(graph.name, signal);
      if (graph.workers === 0) await run.onThisThread(session, plan, buffers);
      else await run.onWorkers(session, plan, buffers);
      run.end(null);
    } catch (error) {
      if (run.cancelled) return;
      run.end({ reason: error });
      throw error;
    }
  };
  return session.track(execute(), () => run.stop());
}

function creditsFor(plan: Plan, workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(channelsOf(plan, workers).length * CREDIT_WORDS * 4);
}

/** The shards of every table that live on one endpoint, placed in its memory. */
function placeTables(
  { nodes, tables, workers }: Graph,
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

/** One run of a job: what stops it, and how its outputs learn of the end. */
class JobRun {
  /** Nobody reads any output any more: the job is stopped, and that is no error. */
  cancelled = false;
  readonly #graph: Graph;
  readonly #signal: AbortSignal | undefined;
  readonly #control = new SharedArrayBuffer(CONTROL_BYTES);
  readonly #kill = new AbortController();
  #loop: TaskLoop | null = null;
  #grace: NodeJS.Timeout | undefined;
  /** What made the job fail first; what follows from it does not count. */
  #failure: { readonly reason: unknown } | null = null;

  constructor(graph: Graph, signal: AbortSignal | undefined) {
    this.#graph = graph;
    this.#signal = signal;
    const read = [...graph.sinks.values()].filter((sink) => !sink.closed);
    for (const sink of read) {
      sink.onClose = () => {
        if (!read.every(({ closed }) => closed)) return;
        this.cancelled = true;
        this.#leave();
      };
    }
  }

  /** Ends all outputs. */
  end(error: { readonly reason: unknown } | null): void {
    for (const sink of this.#graph.sinks.values()) sink.end(error);
  }

  stop(): void {
    this.#fail(new AbortError(`${this.#graph.name} was stopped: its session was destroyed.`));
  }

  async onThisThread(session: Session, plan: Plan, outputs: Buffers): Promise<void> {
    const { kernels, arena } = session.inline;
    const segments: Segment[] = [];
    const allocate = (bytes: number) => {
      const segment = arena.allocate(bytes);
      segments.push(segment);
      return segment.address;
    };
    const spec: EndpointSpec = {
      plan,
      workers: 0,
      endpoint: 0,
      buffers: [kernels.buffer],
      credits: creditsFor(plan, 0),
      control: this.#control,
      kernels,
      arena,
    };
    try {
      const tables = placeTables(this.#graph, 0, kernels.buffer, allocate, true);
      await this.#drive(spec, { tables, outputs });
    } finally {
      clearTimeout(this.#grace);
      for (const segment of segments) segment.free();
    }
    if (this.#failure !== null) throw this.#failure.reason;
  }

  async onWorkers(session: Session, plan: Plan, outputs: Buffers): Promise<void> {
    const release = await session.takeWorkers(plan.loops.some(({ bounded }) => !bounded));
    try {
      if (this.#signal?.aborted) throw abortError(this.#graph.name, this.#signal);
      await this.#runGang(session, plan, outputs);
    } finally {
      release();
    }
    if (this.#failure !== null) throw this.#failure.reason;
  }

  async #runGang(session: Session, plan: Plan, outputs: Buffers): Promise<void> {
    const { workers } = this.#graph;
    const { kernels } = session.gang;
    const buffers = [
      ...session.memories.map(({ buffer }) => buffer as unknown as SharedArrayBuffer),
      kernels.buffer,
    ];
    buffers.forEach((buffer, endpoint) => {
      resetEndpoint(buffer, endpoint, workers);
    });
    const credits = creditsFor(plan, workers);
    const shared = { plan, workers, buffers, credits, control: this.#control };
    const tasks = session.memories.map((memory, endpoint): WorkerTask => {
      const own = buffers[endpoint]!;
      let arenaStart = endpointLayout(endpoint, workers).end;
      const reserve = new Arena({ buffer: own }, { base: arenaStart });
      const allocate = (bytes: number) => {
        const segment = reserve.allocate(bytes);
        arenaStart = segment.address + segment.bytes;
        return segment.address;
      };
      const tables = placeTables(this.#graph, endpoint, own, allocate, false);
      const memoryId = `${session.id}/${endpoint}`;
      const { compiled } = session;
      const resources = { tables, outputs };
      return { ...shared, endpoint, memory, memoryId, compiled, arenaStart, resources };
    });
    const running = tasks.map((task) => this.#runWorker(session, task));
    const arena = new Arena(kernels, { base: endpointLayout(workers, workers).end });
    await this.#drive(
      { ...shared, endpoint: workers, kernels, arena },
      { tables: placeTables(this.#graph, workers, kernels.buffer, () => 0, true), outputs },
    );
    await Promise.all(running);
    clearTimeout(this.#grace);
  }

  async #runWorker(session: Session, task: WorkerTask): Promise<void> {
    try {
      const { error } = await session.pool.run(task, this.#kill.signal);
      if (error !== null) this.#fail(errorFromRecord(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Runs this thread's part; a failure is kept in `#failure`. */
  async #drive(
    spec: EndpointSpec,
    own: Pick<EndpointResources, 'tables' | 'outputs'>,
  ): Promise<void> {
    const onAbort = () => this.#fail(abortError(this.#graph.name, this.#signal!));
    this.#signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { inline, sources, sinks } = this.#graph;
      const onSourceError = (error: unknown) => this.#fail(error);
      this.#loop = await openLoop(spec, { ...own, inline, sources, sinks, onSourceError });
      await runCooperative(this.#loop);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#signal?.removeEventListener('abort', onAbort);
      this.#loop?.close();
    }
  }

  /** The first failure counts; that others leave because of it is no failure of its own. */
  #fail(error: unknown): void {
    const follows = error instanceof GyreError && error.code === 'ERR_GYRE_ABORTED';
    const known = this.#failure?.reason;
    const better = known instanceof AbortError && !follows && !this.#signal?.aborted;
    if (this.#failure === null || better) this.#failure = { reason: error };
    this.#leave();
  }

  /** Makes everyone leave; a worker that does not is ended with its thread. */
  #leave(): void {
    this.#grace ??= setTimeout(() => this.#kill.abort(), GRACE_MS);
    Atomics.store(new Int32Array(this.#control), 0, 1);
    this.#loop?.abort();
  }
}

function resetEndpoint(buffer: SharedArrayBuffer, endpoint: number, workers: number): void {
  const layout = endpointLayout(endpoint, workers);
  for (const { address } of layout.rings) resetRing(buffer, address);
  new Doorbell(buffer, layout.doorbell).ring();
}
