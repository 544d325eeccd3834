/** One try to run a job: on the calling thread alone, or with a gang of workers. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { errorFromRecord } from '../core/errors.js';
import { Arena, type Segment } from '../memory/arena.js';
import { Doorbell } from '../memory/doorbell.js';
import { endpointLayout } from '../memory/layout.js';
import { resetRing } from '../memory/ring.js';
import { SpillFolder } from './cache/spill-folder.js';
import { CREDIT_WORDS } from './channel.js';
import type { CheckpointCoordinator, LoadedCheckpoint } from './checkpoint/coordinator.js';
import type { SnapshotCollector } from './checkpoint/cut.js';
import { receiveParts } from './checkpoint/port.js';
import { restoredEndpoint, restoredShards } from './checkpoint/restore.js';
import { type EndpointResources, openLoop, runCooperative } from './endpoint.js';
import {
  BEGUN,
  CONTROL_BYTES,
  type EndpointSpec,
  requestCheckpoint,
  stopEndpoints,
} from './endpoint-spec.js';
import type { Graph } from './graph.js';
import { type AttemptMetrics, MetricsReader } from './job-metrics.js';
import {
  type Allocate,
  type Place,
  type PlacedShard,
  placeShard,
  placeShards,
} from './placement.js';
import { channelsOf, endpointOf, type Plan } from './plan.js';
import type { Session } from './session.js';
import type { SourceWatcher } from './source.js';
import type { TaskLoop } from './task-loop.js';
import type { WorkerTask } from './worker.js';

/** How long workers have to leave a stopped job by themselves before their threads are ended. */
const GRACE_MS = 1000;

type Buffers = Readonly<Record<string, SharedArrayBuffer>>;
type Tables = Pick<EndpointResources, 'tables' | 'referenced'>;

/** What all attempts of a job have in common. */
export interface AttemptSpec {
  readonly session: Session;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly buffers: Buffers;
  readonly coordinator: CheckpointCoordinator | null;
  readonly everyEpochs: number | null;
}

function creditsFor(plan: Plan, workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(channelsOf(plan, workers).length * CREDIT_WORDS * 4);
}

/** Cuts memory from an arena that is never given back. */
function growing(arena: Arena, start: number): { allocate: Allocate; end(): number } {
  let end = start;
  const allocate = (bytes: number) => {
    const segment = arena.allocate(bytes);
    end = segment.address + segment.bytes;
    return segment.address;
  };
  return { allocate, end: () => end };
}

export class Attempt {
  readonly #spec: AttemptSpec;
  readonly #checkpoint: LoadedCheckpoint | null;
  readonly #control = new SharedArrayBuffer(CONTROL_BYTES);
  /** Aborted when the attempt has to end before its time. */
  readonly #left = new AbortController();
  /** Aborted when workers have not left by themselves. */
  readonly #kill = new AbortController();
  #workerMemories: readonly SharedArrayBuffer[] = [];
  #loop: TaskLoop | null = null;
  #grace: NodeJS.Timeout | undefined;
  #failure: { readonly reason: unknown } | null = null;
  #over = false;
  #rows = 0;
  /** Made when it is known on how many threads it runs. */
  #counters: MetricsReader | null = null;
  /** The last values: the memory with the rings is then another job's. */
  #lastMetrics: AttemptMetrics | null = null;
  readonly #spill: SpillFolder;

  /** @param checkpoint What it goes on from; null to begin from the start. */
  constructor(spec: AttemptSpec, checkpoint: LoadedCheckpoint | null) {
    this.#spec = spec;
    this.#checkpoint = checkpoint;
    this.#spill = SpillFolder.under(spec.session.spillFolder);
  }

  /**
   * Runs the job once, and resolves when all threads have left it.
   *
   * @returns Why it failed; null when it is complete, or was left without a failure.
   */
  async run(): Promise<{ readonly reason: unknown } | null> {
    const { graph, session } = this.#spec;
    try {
      // A job over streams without an end may hold the workers for ever.
      if (graph.workers === 0 || session.isStreaming) await this.#runHere();
      else await this.#runOnWorkers();
    } catch (error) {
      this.fail(error);
    }
    this.#over = true;
    clearTimeout(this.#grace);
    // Also what a thread has left that was ended.
    this.#spill.remove();
    return this.#failure;
  }

  /**
   * The checkpoint of a complete job, for sinks: they make their records visible one after the other,
   * and a process that is killed in between has to go on with that. Returns whether it is durable, and
   * the sinks have committed it.
   */
  async takeLast(): Promise<boolean> {
    const { coordinator } = this.#spec;
    const loop = this.#loop;
    if (coordinator === null || loop === null) return false;
    return coordinator.takeLast((id, collector) => loop.takeLast(id, collector));
  }

  /** The first failure counts; those that follow from it do not. */
  fail(reason: unknown): void {
    if (this.#over || this.#left.signal.aborted) return;
    this.#failure = { reason };
    this.leave();
  }

  /** What its threads have counted; null before it has any. */
  metrics(): AttemptMetrics | null {
    const counters = this.#counters;
    if (this.#lastMetrics !== null || counters === null) return this.#lastMetrics;
    const { workers } = counters;
    return { threads: workers, rows: this.#rows, ...counters.read(this.#workerMemories) };
  }

  /** Makes everyone leave; a worker that does not is ended with its thread. */
  leave(): void {
    if (this.#over || this.#left.signal.aborted) return;
    this.#left.abort();
    this.#grace = setTimeout(() => this.#kill.abort(), GRACE_MS);
    stopEndpoints(this.#control, this.#workerMemories, this.#spec.graph.workers);
    this.#loop?.doorbell.ring();
  }

  async #runHere(): Promise<void> {
    const { session, plan } = this.#spec;
    const { kernels, arena } = session.inline;
    const segments: Segment[] = [];
    const allocate = (bytes: number) => {
      const segment = arena.allocate(bytes);
      segments.push(segment);
      return segment.address;
    };
    const { buffer } = kernels;
    const counters = new MetricsReader(plan, 0);
    this.#counters = counters;
    try {
      const shared = {
        plan,
        workers: 0,
        buffers: [buffer],
        credits: creditsFor(plan, 0),
        control: this.#control,
        metrics: counters.buffer,
        everyEpochs: this.#spec.everyEpochs,
        spillPath: this.#spill.path,
      };
      this.#beginCheckpoints(1);
      const tables = this.#placeTables(0, 0, { memory: buffer, allocate, isHere: true });
      await this.#drive({ ...shared, ...this.#ownSpec(0, 0), kernels, arena }, tables);
    } finally {
      this.#lastMetrics = this.metrics();
      for (const segment of segments) segment.free();
    }
  }

  async #runOnWorkers(): Promise<void> {
    const { session, plan } = this.#spec;
    const streaming = plan.loops.some(({ bounded }) => !bounded);
    const release = await session.takeWorkers(streaming, this.#left.signal);
    try {
      await this.#runGang();
    } finally {
      this.#lastMetrics = this.metrics();
      release();
    }
  }

  async #runGang(): Promise<void> {
    const { session, plan, graph } = this.#spec;
    const { workers } = graph;
    const { kernels } = session.gang;
    const buffers = [
      ...session.memories.map(({ memory }) => memory.buffer as unknown as SharedArrayBuffer),
      kernels.buffer,
    ];
    buffers.forEach((buffer, endpoint) => {
      resetEndpoint(buffer, endpoint, workers);
    });
    this.#workerMemories = buffers;
    const counters = new MetricsReader(plan, workers);
    this.#counters = counters;
    const shared = {
      plan,
      workers,
      buffers,
      credits: creditsFor(plan, workers),
      control: this.#control,
      metrics: counters.buffer,
      everyEpochs: this.#spec.everyEpochs,
      spillPath: this.#spill.path,
    };
    this.#beginCheckpoints(workers + 1);
    const ports: MessagePort[] = [];
    const running = session.memories.map(({ memory, id }, endpoint) => {
      const own = buffers[endpoint]!;
      const { end } = endpointLayout(endpoint, workers);
      const reserve = growing(new Arena({ buffer: own }, { base: end }), end);
      const resources = {
        ...this.#placeTables(workers, endpoint, {
          memory: own,
          allocate: reserve.allocate,
          isHere: false,
        }),
        outputs: this.#spec.buffers,
      };
      const port = this.#openPort(endpoint, ports);
      const { compiled } = session;
      const restored = this.#restored(workers, endpoint);
      const part = { endpoint, memory, memoryId: id, compiled, arenaStart: reserve.end() };
      return this.#runWorker({ ...shared, ...part, resources, restored, port });
    });
    const begun = new Int32Array(this.#control);
    const stopKeeping = session.pool.keepThreads(() => Atomics.load(begun, BEGUN) === workers);
    const over = Promise.all(running);
    const awake = stayAwakeAfter(over);
    const arena = new Arena(kernels, { base: endpointLayout(workers, workers).end });
    try {
      const spec = { ...shared, ...this.#ownSpec(workers, workers), kernels, arena };
      await this.#drive(spec, { tables: {} });
    } catch (error) {
      this.fail(error);
    }
    awake.end();
    await over;
    stopKeeping();
    for (const port of ports) port.close();
  }

  /** The way on which a worker hands out its parts of checkpoints. */
  #openPort(endpoint: number, ports: MessagePort[]): MessagePort | null {
    const collector = this.#collector(endpoint);
    if (collector === null) return null;
    const { port1, port2 } = new MessageChannel();
    receiveParts(port1, collector);
    ports.push(port1);
    return port2;
  }

  async #runWorker(task: WorkerTask): Promise<void> {
    const { session } = this.#spec;
    try {
      const { error } = await session.pool.run(task, this.#kill.signal);
      if (error !== null) this.fail(errorFromRecord(error));
    } catch (error) {
      // Its thread may still be on its last instructions: nobody else may use these memories.
      session.dropMemories();
      this.fail(error);
    }
  }

  /** Runs this thread's part. */
  async #drive(spec: EndpointSpec, tables: Tables): Promise<void> {
    const { inline, sources, sinks, writers } = this.#spec.graph;
    const watcher: SourceWatcher = {
      onSourceError: (error) => this.fail(error),
      onRows: (rows) => {
        this.#rows += rows;
        this.#spec.coordinator?.onRows(rows);
      },
    };
    const outputs = this.#spec.buffers;
    const resources = { ...tables, outputs, inline, sources, sinks, writers, watcher };
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

  #beginCheckpoints(endpoints: number): void {
    const { coordinator, graph } = this.#spec;
    coordinator?.begin({
      endpoints,
      request: (id) => {
        requestCheckpoint(id, this.#control, this.#workerMemories, graph.workers);
        this.#loop?.doorbell.ring();
      },
    });
  }

  /** What is the calling thread's own in its endpoint's spec. */
  #ownSpec(
    workers: number,
    endpoint: number,
  ): Pick<EndpointSpec, 'endpoint' | 'snapshots' | 'restored'> {
    const snapshots = this.#collector(endpoint);
    return { endpoint, snapshots, restored: this.#restored(workers, endpoint) };
  }

  #collector(endpoint: number): SnapshotCollector | null {
    return this.#spec.coordinator?.collector(endpoint) ?? null;
  }

  #restored(workers: number, endpoint: number): EndpointSpec['restored'] {
    if (this.#checkpoint === null) return null;
    return restoredEndpoint(this.#checkpoint, this.#spec.plan, workers, endpoint);
  }

  /** The shards of every table that live on one endpoint, placed in its memory. */
  #placeTables(workers: number, endpoint: number, place: Place): Tables {
    const { nodes, tables } = this.#spec.graph;
    const placed: Record<number, Record<number, PlacedShard[]>> = {};
    for (const [id, table] of tables) {
      const { parallelism } = nodes[id]!;
      const own: Record<number, PlacedShard[]> = {};
      for (let subtask = 0; subtask < parallelism; subtask++) {
        if (endpointOf(nodes[id]!, subtask, workers) !== endpoint) continue;
        own[subtask] = placeShards(table, subtask, parallelism, place);
      }
      placed[id] = own;
    }
    if (this.#checkpoint === null) return { tables: placed };
    const referenced: Record<number, PlacedShard[]> = {};
    for (const { node, index } of restoredShards(this.#checkpoint, nodes, workers, endpoint)) {
      const here = Object.values(placed[node] ?? {}).flat();
      if (here.some((shard) => shard.index === index)) continue;
      const list = referenced[node] ?? [];
      referenced[node] = list;
      list.push(placeShard(tables.get(node)!, index, place));
    }
    return { tables: placed, referenced };
  }
}

/**
 * Keeps the process alive once the workers have left, until this thread has: it may be waiting for
 * their last frames, and for a wait on shared memory alone Node does not stay.
 */
function stayAwakeAfter(over: Promise<unknown>): { end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  void over.then(() => {
    if (!ended) timer = setInterval(() => {}, 2 ** 30);
  });
  return {
    end: () => {
      ended = true;
      clearInterval(timer);
    },
  };
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
