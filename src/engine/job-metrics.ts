/** A job in numbers: what `job.metrics()` gives, read from what its endpoints count. */
import { endpointLayout, READ_CURSOR, RING_HEADER_BYTES, WRITE_CURSOR } from '../memory/layout.js';
import { type LatencyMetrics, latencyMetrics } from './latency.js';
import {
  ARENA_LIMIT,
  ARENA_PEAK,
  ARENA_USED,
  askForMemory,
  BLOCKED,
  BLOCKED_MS,
  BLOCKED_SINCE,
  EPOCHS,
  HEAP_USED,
  LATENCY_MAX_MS,
  LATENCY_SUM_MS,
  MetricsLayout,
  RECORDS_IN,
  RECORDS_OUT,
  SPILLED_DISK,
  SPILLED_MEMORY,
  sharedNow,
} from './metrics.js';
import { endpointOf, type NodeKind, type NodePlan, type Plan } from './plan.js';

/** What a subtask has done, or all subtasks of an operator together. */
export interface RecordMetrics {
  /** Records that it has handled. */
  readonly recordsIn: number;
  /**
   * Records that it has sent, once for each subtask that gets one: a broadcast to four counts four.
   * What a job's operators send is what its operators get, once it is complete.
   */
  readonly recordsOut: number;
  /** How often it had something to do and had to wait for room in an output. */
  readonly blocked: number;
  /** How long that took, in milliseconds. Waits of a few turns are sampled, not measured. */
  readonly blockedMs: number;
}

export interface SubtaskMetrics extends RecordMetrics {
  /** The thread: workers are 0, 1, ..., the calling thread is the number after them. */
  readonly endpoint: number;
}

/** A node of the job: an operator of the user's, or one of the engine's own. */
export interface OperatorMetrics extends RecordMetrics {
  readonly node: number;
  readonly name: string;
  /** What heads and their `aligner` tell each other are no records. */
  readonly kind: NodeKind;
  readonly parallelism: number;
  /** The iteration that it is part of. */
  readonly loop: number | null;
  readonly subtasks: readonly SubtaskMetrics[];
}

export interface LoopMetrics {
  readonly loop: number;
  /** The last epoch that is over everywhere; -1 before the first. */
  readonly epoch: number;
  /** Since the first one was over; 0 before the second. */
  readonly epochsPerSecond: number;
  /** The time from the end of one epoch to the end of the next. */
  readonly latency: LatencyMetrics;
}

/** The ring from one thread to another. */
export interface RingMetrics {
  readonly from: number;
  readonly to: number;
  /** In bytes. */
  readonly capacity: number;
  /** Bytes that are not free. A consumer gives room back once it is an eighth of the ring. */
  readonly occupancy: number;
}

/**
 * The memory of a thread, in bytes, as of its last look: a thread looks when it is asked for
 * metrics, with its next step, so that who asks again gets what it saw.
 */
export interface MemoryMetrics {
  readonly endpoint: number;
  readonly arenaUsed: number;
  readonly arenaPeak: number;
  readonly arenaLimit: number;
  /** Encoded records that wait or are cached: in the arena, and in files. */
  readonly spilledMemory: number;
  readonly spilledDisk: number;
  /** The JavaScript heap of the thread. */
  readonly heapUsed: number;
}

/** The checkpoints of a job since it was started. */
export interface CheckpointMetrics {
  readonly completed: number;
  readonly failed: number;
  /** Of the last complete one; null and 0 before it. */
  readonly lastId: number | null;
  readonly lastBytes: number;
  readonly lastDurationMs: number;
  readonly lastPauseMs: number;
}

/** What one attempt to run a job has counted. */
export interface AttemptMetrics {
  /** Workers; 0 on the calling thread. */
  readonly threads: number;
  /** Rows that sources have given; a table of a source counts its rows. */
  readonly rows: number;
  readonly operators: readonly OperatorMetrics[];
  readonly loops: readonly LoopMetrics[];
  readonly rings: readonly RingMetrics[];
  readonly memory: readonly MemoryMetrics[];
}

/** `restarting`: an attempt has failed, and the next one has not begun. */
export type JobState = 'created' | 'running' | 'restarting' | 'done' | 'failed';

/** A job in numbers: plain data, see `Job.metrics`. */
export interface JobMetrics extends AttemptMetrics {
  readonly job: string;
  readonly state: JobState;
  /** How often the job was begun again. The counters are of this attempt alone. */
  readonly attempt: number;
  /** Since the job was started. */
  readonly elapsedMs: number;
  readonly checkpoints: CheckpointMetrics;
}

export const NO_CHECKPOINTS: CheckpointMetrics = {
  completed: 0,
  failed: 0,
  lastId: null,
  lastBytes: 0,
  lastDurationMs: 0,
  lastPauseMs: 0,
};

type Graph = Pick<Plan, 'name' | 'nodes' | 'loops'>;

/** What an attempt has counted that has not begun. */
export function nothingCounted(graph: Graph, workers: number): AttemptMetrics {
  return { threads: workers, rows: 0, ...new MetricsReader(graph, workers).read() };
}

/** The metrics of a job that was not started. */
export function metricsBefore(graph: Graph, workers: number): JobMetrics {
  const start = { job: graph.name, state: 'created', attempt: 0, elapsedMs: 0 } as const;
  return { ...start, ...nothingCounted(graph, workers), checkpoints: NO_CHECKPOINTS };
}

/** Reads the counters of one attempt; those of one that never began are zero. */
export class MetricsReader {
  /** What the endpoints write to. */
  readonly buffer: SharedArrayBuffer;
  readonly workers: number;
  readonly #graph: Graph;
  readonly #layout: MetricsLayout;

  constructor(graph: Graph, workers: number) {
    this.workers = workers;
    this.#graph = graph;
    this.#layout = new MetricsLayout(graph, workers);
    this.buffer = new SharedArrayBuffer(this.#layout.bytes);
  }

  /** @param memories The memory of every endpoint, where the rings are; none: they are empty. */
  read(
    memories: readonly SharedArrayBuffer[] = [],
  ): Pick<AttemptMetrics, 'operators' | 'loops' | 'rings' | 'memory'> {
    askForMemory(this.buffer);
    const { nodes, loops } = this.#graph;
    const endpoints = Array.from({ length: this.workers + 1 }, (_, endpoint) => endpoint);
    return {
      operators: nodes.map((node) => this.#operator(node)),
      loops: loops.map(({ id }) => this.#loop(id)),
      rings: endpoints.flatMap((to) => this.#ringsTo(to, memories[to])),
      memory: endpoints.map((endpoint) => this.#memory(endpoint)),
    };
  }

  #operator(node: NodePlan): OperatorMetrics {
    const { id, name, kind, parallelism, loop } = node;
    const sum = { recordsIn: 0, recordsOut: 0, blocked: 0, blockedMs: 0 };
    const subtasks = Array.from({ length: parallelism }, (_, index) => {
      const subtask = this.#subtask(node, index);
      sum.recordsIn += subtask.recordsIn;
      sum.recordsOut += subtask.recordsOut;
      sum.blocked += subtask.blocked;
      sum.blockedMs += subtask.blockedMs;
      return subtask;
    });
    return { node: id, name, kind, parallelism, loop, ...sum, subtasks };
  }

  #subtask(node: NodePlan, index: number): SubtaskMetrics {
    const line = this.#layout.subtask(this.buffer, node, index);
    const since = line[BLOCKED_SINCE]!;
    return {
      endpoint: endpointOf(node, index, this.workers),
      recordsIn: line[RECORDS_IN]!,
      recordsOut: line[RECORDS_OUT]!,
      blocked: line[BLOCKED]!,
      blockedMs: line[BLOCKED_MS]! + (since > 0 ? Math.max(sharedNow() - since, 0) : 0),
    };
  }

  #loop(loop: number): LoopMetrics {
    const line = this.#layout.loop(this.buffer, loop);
    const latency = latencyMetrics(
      this.#layout.buckets(this.buffer, loop),
      1000 * line[LATENCY_MAX_MS]!,
    );
    const ms = line[LATENCY_SUM_MS]!;
    const epochsPerSecond = ms > 0 ? (1000 * latency.count) / ms : 0;
    return { loop, epoch: line[EPOCHS]! - 1, epochsPerSecond, latency };
  }

  #ringsTo(to: number, memory: SharedArrayBuffer | undefined): RingMetrics[] {
    const { rings } = endpointLayout(to, this.workers);
    return rings.flatMap(({ address, capacity }, from) => {
      if (from === to) return [];
      const occupancy = memory === undefined ? 0 : occupancyOf(memory, address, capacity);
      return [{ from, to, capacity, occupancy }];
    });
  }

  #memory(endpoint: number): MemoryMetrics {
    const line = this.#layout.memory(this.buffer, endpoint);
    return {
      endpoint,
      arenaUsed: line[ARENA_USED]!,
      arenaPeak: line[ARENA_PEAK]!,
      arenaLimit: line[ARENA_LIMIT]!,
      spilledMemory: line[SPILLED_MEMORY]!,
      spilledDisk: line[SPILLED_DISK]!,
      heapUsed: line[HEAP_USED]!,
    };
  }
}

/** The two cursors are not of one moment: what was freed between two looks is not counted. */
function occupancyOf(memory: SharedArrayBuffer, address: number, capacity: number): number {
  const header = new Int32Array(memory, address, RING_HEADER_BYTES >> 2);
  const written = Atomics.load(header, WRITE_CURSOR);
  const bytes = (written - Atomics.load(header, READ_CURSOR)) | 0;
  return Math.min(Math.max(bytes, 0), capacity);
}
