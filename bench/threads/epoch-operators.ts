/** The operators of the epochs bench: they note when rounds ended, and how large the heap was. */
import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';
import type { Collector, ProcessOperator } from '../../src/engine/operator.js';
import { Clock, CONTINUE, TIMES } from './superstep-operators.js';

export interface EpochsParams {
  readonly epochs: number;
  /** Parts of all epochs whose heaps are told apart. */
  readonly slices: number;
}

/** Tag of what a thread's heap was like. */
export const HEAP = 'heap';

export interface HeapSeen {
  readonly thread: number;
  /** By slice: the least bytes in use, which is what the garbage collector leaves. */
  readonly heapBytes: Float64Array;
  /** By slice: the most bytes of the process. */
  readonly residentBytes: Float64Array;
}

/** Looks at a thread's heap from time to time. */
class HeapWatch {
  readonly #epochs: number;
  readonly #slices: number;
  readonly #every: number;
  readonly #heap: Float64Array;
  readonly #resident: Float64Array;

  constructor({ epochs, slices }: EpochsParams) {
    this.#epochs = epochs;
    this.#slices = slices;
    this.#every = Math.ceil(epochs / slices / 200);
    this.#heap = new Float64Array(slices).fill(Number.POSITIVE_INFINITY);
    this.#resident = new Float64Array(slices);
  }

  look(epoch: number): void {
    if (epoch % this.#every !== 0) return;
    const slice = Math.floor((epoch * this.#slices) / this.#epochs);
    this.#heap[slice] = Math.min(this.#heap[slice]!, getHeapStatistics().used_heap_size);
    this.#resident[slice] = Math.max(this.#resident[slice]!, process.memoryUsage.rss());
  }

  get seen(): HeapSeen {
    return { thread: threadId, heapBytes: this.#heap, residentBytes: this.#resident };
  }
}

/** Input 0: nothing. Input 1: the epoch, broadcast, and sent on when it is over. */
export class EpochPartial implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #watch: HeapWatch;
  #state = -1;

  constructor(params: EpochsParams) {
    this.#watch = new HeapWatch(params);
  }

  process(value: number): void {
    this.#state = value;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (this.#state !== epoch) throw new Error(`epoch ${epoch} has the state ${this.#state}`);
    this.#watch.look(epoch);
    out.emit(epoch);
  }

  onIterationEnd(out: Collector<number>): void {
    out.emitTo(HEAP, this.#watch.seen);
  }
}

/** Gathers the epoch from all subtasks, and feeds the next one back. */
export class EpochUpdate implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #epochs: number;
  readonly #clock: Clock;

  constructor({ epochs }: EpochsParams) {
    this.#epochs = epochs;
    this.#clock = new Clock(epochs);
  }

  process(): void {}

  onEpochEnd(epoch: number, out: Collector<number>): void {
    this.#clock.note(epoch);
    // The last epoch is that in which nothing is fed back any more.
    if (epoch + 1 >= this.#epochs) return;
    out.emit(epoch + 1);
    out.emitTo(CONTINUE, epoch);
  }

  onIterationEnd(out: Collector<number>): void {
    out.emitTo(TIMES, this.#clock.times);
  }
}
