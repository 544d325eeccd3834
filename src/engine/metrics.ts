/**
 * What the endpoints of an attempt count, in one buffer that they share with who wants to know:
 *
 * ```text
 * line 0        i32  asked                    how often a reader has asked for figures of memory
 * per endpoint  f64  arena used │ peak │ limit │ spilled to memory │ to disk │ heap
 *   ...                                       one line each; written when asked, and now and then
 * per subtask   f64  records in │ out │ blocked │ blocked ms │ blocked since
 *   ...                                       one line each; written after each of its turns
 * per loop      f64  last epoch + 1 │ latencies: sum ms │ longest ms
 *   ...         u32  latencies: 232 buckets   nine lines each; written by its aligner's endpoint
 * ```
 *
 * A line has one writer. It counts in plain fields and stores them here when a turn is over, never
 * for a record, by plain stores of whole numbers: a reader may see one counter of this turn and
 * another of the last, which is good enough for figures. All is zero until something is stored, and
 * exact once the job is over, since the end of a worker's task happens before the main thread
 * learns of it.
 */
import { getHeapStatistics } from 'node:v8';
import type { Arena } from '../memory/arena.js';
import { alignUp, LINE_BYTES } from '../memory/layout.js';
import type { SpillSpace } from './cache/spill-space.js';
import { LATENCY_BUCKETS, latencyBucket } from './latency.js';
import type { NodePlan, Plan } from './plan.js';

/** Words of an endpoint's line. */
export const ARENA_USED = 0;
export const ARENA_PEAK = 1;
export const ARENA_LIMIT = 2;
export const SPILLED_MEMORY = 3;
export const SPILLED_DISK = 4;
export const HEAP_USED = 5;
/** Words of a subtask's line. */
export const RECORDS_IN = 0;
export const RECORDS_OUT = 1;
export const BLOCKED = 2;
export const BLOCKED_MS = 3;
export const BLOCKED_SINCE = 4;
/** Words of a loop's first line. */
export const EPOCHS = 0;
export const LATENCY_SUM_MS = 1;
export const LATENCY_MAX_MS = 2;

const LINE_WORDS: number = LINE_BYTES / 8;
const LOOP_BYTES: number = alignUp(LINE_BYTES + 4 * LATENCY_BUCKETS, LINE_BYTES);
/** Steps of a loop after which it stores its figures of memory unasked. */
const STEPS_PER_LOOK = 1024;

/** Each thread's `performance.now` begins at another time; the machine's clock is one for all. */
const CLOCK_OFFSET_MS: number = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds by a clock that all threads of the process share. */
export const sharedNow = (): number => performance.now() + CLOCK_OFFSET_MS;

/** Where everything lies; the same on all threads. */
export class MetricsLayout {
  readonly bytes: number;
  readonly #endpoints: number;
  /** By node: how many subtasks those before it have. */
  readonly #first: number[] = [];
  readonly #loops: number;

  constructor(plan: Pick<Plan, 'nodes' | 'loops'>, workers: number) {
    let subtasks = 0;
    for (const { parallelism } of plan.nodes) {
      this.#first.push(subtasks);
      subtasks += parallelism;
    }
    this.#endpoints = workers + 1;
    this.#loops = LINE_BYTES * (1 + this.#endpoints + subtasks);
    this.bytes = this.#loops + LOOP_BYTES * plan.loops.length;
  }

  memory(buffer: SharedArrayBuffer, endpoint: number): Float64Array {
    return new Float64Array(buffer, LINE_BYTES * (1 + endpoint), LINE_WORDS);
  }

  subtask(buffer: SharedArrayBuffer, node: NodePlan, index: number): Float64Array {
    const line = 1 + this.#endpoints + this.#first[node.id]! + index;
    return new Float64Array(buffer, LINE_BYTES * line, LINE_WORDS);
  }

  loop(buffer: SharedArrayBuffer, loop: number): Float64Array {
    return new Float64Array(buffer, this.#loops + LOOP_BYTES * loop, LINE_WORDS);
  }

  buckets(buffer: SharedArrayBuffer, loop: number): Uint32Array {
    const address = this.#loops + LOOP_BYTES * loop + LINE_BYTES;
    return new Uint32Array(buffer, address, LATENCY_BUCKETS);
  }
}

/** What a loop's aligner writes. */
interface LoopCounters {
  readonly line: Float64Array;
  readonly buckets: Uint32Array;
  /** When its last epoch was over; NaN before the first. */
  lastMs: number;
}

/** What counts the records that it has sent, once for each subtask that gets it. */
interface Counting {
  readonly records: number;
}

/** The counters of one subtask. */
export class SubtaskCounters {
  recordsIn = 0;
  #blocked = 0;
  #blockedMs = 0;
  /** By {@link sharedNow}; 0 while it is not blocked. */
  #blockedSince = 0;
  #outputs: readonly Counting[] = [];
  #line: Float64Array = new Float64Array(LINE_WORDS);

  connect(line: Float64Array, outputs: readonly Counting[]): void {
    this.#line = line;
    this.#outputs = outputs;
  }

  /** From now on it waits for room in an output. */
  block(now: number): void {
    this.#blocked++;
    this.#blockedSince = now;
  }

  unblock(now: number): void {
    if (this.#blockedSince === 0) return;
    this.#blockedMs += Math.max(now - this.#blockedSince, 0);
    this.#blockedSince = 0;
  }

  /** Shows the counters to readers. */
  store(): void {
    let sent = 0;
    for (const output of this.#outputs) sent += output.records;
    const line = this.#line;
    line[RECORDS_IN] = this.recordsIn;
    line[RECORDS_OUT] = sent;
    line[BLOCKED] = this.#blocked;
    line[BLOCKED_MS] = this.#blockedMs;
    line[BLOCKED_SINCE] = this.#blockedSince;
  }
}

/** What an endpoint's counters are of. */
export interface EndpointMetricsSpec {
  readonly metrics: SharedArrayBuffer;
  readonly plan: Plan;
  readonly workers: number;
  readonly endpoint: number;
  readonly arena: Arena;
}

/** Asks all endpoints to store their figures of memory with their next step. */
export function askForMemory(metrics: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(metrics, 0, 1), 0, 1);
}

/** What an endpoint counts beside its subtasks: its memory, and the rounds that end on it. */
export class EndpointMetrics {
  readonly #spec: EndpointMetricsSpec;
  readonly #space: SpillSpace;
  readonly #layout: MetricsLayout;
  readonly #asked: Int32Array;
  readonly #memory: Float64Array;
  #answered = 0;
  #steps = 0;
  readonly #loops: readonly LoopCounters[];

  constructor(spec: EndpointMetricsSpec, space: SpillSpace) {
    const { metrics, plan, workers, endpoint } = spec;
    this.#spec = spec;
    this.#space = space;
    this.#layout = new MetricsLayout(plan, workers);
    this.#asked = new Int32Array(metrics, 0, 1);
    this.#memory = this.#layout.memory(metrics, endpoint);
    this.#loops = plan.loops.map(({ id }) => ({
      line: this.#layout.loop(metrics, id),
      buckets: this.#layout.buckets(metrics, id),
      lastMs: Number.NaN,
    }));
  }

  /** The line of a subtask of this endpoint. */
  lineOf(node: NodePlan, index: number): Float64Array {
    return this.#layout.subtask(this.#spec.metrics, node, index);
  }

  /** An epoch of a loop is over: counts the time since the one before. */
  onEpoch(loop: number, epoch: number): void {
    const counters = this.#loops[loop]!;
    const now = performance.now();
    const ms = now - counters.lastMs;
    counters.lastMs = now;
    const { line, buckets } = counters;
    line[EPOCHS] = epoch + 1;
    if (Number.isNaN(ms)) return;
    line[LATENCY_SUM_MS] = line[LATENCY_SUM_MS]! + ms;
    line[LATENCY_MAX_MS] = Math.max(line[LATENCY_MAX_MS]!, ms);
    const bucket = latencyBucket(1000 * ms);
    buckets[bucket] = buckets[bucket]! + 1;
  }

  /** After a step of the loop: stores the figures of memory when it is time. */
  onStep(): void {
    const asked = this.#asked[0]!;
    if (asked === this.#answered && ++this.#steps < STEPS_PER_LOOK) return;
    this.#answered = asked;
    this.storeMemory();
  }

  storeMemory(): void {
    this.#steps = 0;
    const { arena } = this.#spec;
    const { memoryBytes, diskBytes } = this.#space.usage;
    const line = this.#memory;
    line[ARENA_USED] = arena.used;
    line[ARENA_PEAK] = arena.peak;
    line[ARENA_LIMIT] = arena.limit - arena.base;
    line[SPILLED_MEMORY] = memoryBytes;
    line[SPILLED_DISK] = diskBytes;
    line[HEAP_USED] = getHeapStatistics().used_heap_size;
  }
}
