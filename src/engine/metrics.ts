/**
 * What the endpoints of an attempt count, in one buffer that they share with who wants to know:
 *
 * ```text
 * line 0        i32  asked                    how often a reader has asked for figures of memory
 * per endpoint  f64  arena used │ peak │ limit │ spilled to memory │ to disk │ heap
 *   ...                                       one line each; see EndpointMetrics
 * per subtask   f64  records in │ out │ blocked │ blocked ms │ blocked since
 *   ...                                       one line each
 * per loop      f64  last epoch + 1 │ latencies: sum ms │ longest ms
 *   ...         u32  latencies: 232 buckets   nine lines each; written by its aligner's endpoint
 * ```
 *
 * A line has one writer. It counts in plain fields and stores them here between the steps of its
 * loop, never for a record, by plain stores: a reader may see one counter of this step and another
 * of the last, which is good enough for figures. All is zero until something is stored, and
 * exact once the job is over, since the end of a worker's task happens before the main thread
 * learns of it.
 */
import { getHeapStatistics } from 'node:v8';
import type { Arena } from '../memory/arena.js';
import { alignUp, LINE_BYTES } from '../memory/layout.js';
import type { SpillSpace } from './cache/spill-space.js';
import { LATENCY_BUCKETS, latencyBucket } from './latency.js';
import type { EdgePlan, NodePlan, Plan } from './plan.js';

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
interface CountedOutput {
  readonly edge: EdgePlan;
  readonly records: number;
}

/** A subtask, as its counters see it. */
interface Counted {
  readonly node: NodePlan;
  readonly index: number;
  readonly outputs: readonly CountedOutput[];
  readonly counters: SubtaskCounters;
}

/** The counters of one subtask. */
export class SubtaskCounters {
  recordsIn = 0;
  #blocked = 0;
  #blockedMs = 0;
  /** By {@link sharedNow}; 0 while it is not blocked. */
  #blockedSince = 0;
  #outputs: readonly CountedOutput[] = [];
  #line: Float64Array = new Float64Array(LINE_WORDS);

  connect(line: Float64Array, outputs: readonly CountedOutput[]): void {
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

/**
 * What an endpoint counts. When it shows that:
 *
 * - counters of subtasks after a step that found nothing to do, when nobody waits for this thread,
 *   or else after the second of two steps that did something;
 * - memory when a reader has asked, before it sleeps, and every STEPS_PER_LOOK steps, the heap
 *   but for sleep;
 * - rounds at once.
 */
export class EndpointMetrics {
  readonly #spec: EndpointMetricsSpec;
  readonly #space: SpillSpace;
  readonly #layout: MetricsLayout;
  readonly #asked: Int32Array;
  readonly #memory: Float64Array;
  #answered = 0;
  #steps = 0;
  readonly #loops: readonly LoopCounters[];
  readonly #subtasks: SubtaskCounters[] = [];
  /** Something was counted and is not stored. */
  #counted = false;

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

  /** Gives a subtask of this endpoint its line. Between heads and aligner there are no records. */
  connect({ node, index, outputs, counters }: Counted): void {
    if (node.kind === 'aligner') return;
    const counted = outputs.filter(({ edge }) => edge.kind !== 'align');
    counters.connect(this.#layout.subtask(this.#spec.metrics, node, index), counted);
    this.#subtasks.push(counters);
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

  /** After a step of the loop. */
  onStep(progress: boolean): void {
    if (!this.#counted) {
      this.#counted = progress;
      return;
    }
    this.#counted = progress;
    this.storeCounters();
    const asked = this.#asked[0]!;
    if (asked === this.#answered && ++this.#steps < STEPS_PER_LOOK) return;
    this.#answered = asked;
    this.#steps = 0;
    this.storeAll();
  }

  storeAll(): void {
    this.storeCounters();
    this.storeMemory();
    // Some hundred nanoseconds: as long as a round's part on one thread.
    this.#memory[HEAP_USED] = getHeapStatistics().used_heap_size;
  }

  storeCounters(): void {
    for (const counters of this.#subtasks) counters.store();
  }

  /** What changes with the work of this thread; cheap enough for each time that it sleeps. */
  storeMemory(): void {
    const { arena } = this.#spec;
    const { memoryBytes, diskBytes } = this.#space.usage;
    const line = this.#memory;
    line[ARENA_USED] = arena.used;
    line[ARENA_PEAK] = arena.peak;
    line[ARENA_LIMIT] = arena.limit - arena.base;
    line[SPILLED_MEMORY] = memoryBytes;
    line[SPILLED_DISK] = diskBytes;
  }
}
