/**
 * The operators of the checkpoint bench: records go round and round between feedback and operator,
 * so that nothing but the workers drives them, and each changes a piece of the state.
 */
import type {
  Collector,
  KeyedState,
  OperatorContext,
  ProcessOperator,
} from '../../src/engine/operator.js';

/** Tag of what a subtask has seen. */
export const RESULT = 'result';

/** Name of a buffer of int32: the phase, then the number of records by subtask. */
export const PROGRESS = 'progress';
export const WAITING = 0;
export const WITH_CHECKPOINTS = 1;
export const WITHOUT_CHECKPOINTS = 2;
/** Each subtask is to say what it has seen. */
export const REPORTING = 3;

/** What a subtask has seen. */
export interface SteadyResult {
  readonly records: number;
  /** The longest time between two records, by phase. */
  readonly longestGapsMs: readonly number[];
  /** What has been added to the state. */
  readonly added: number;
}

/** Counts the records of a subtask, and notes how far apart they are. */
class Watch {
  readonly #progress: Int32Array;
  readonly #subtask: number;
  #phase = WAITING;
  #last = Number.NaN;
  #records = 0;
  readonly #longestGapsMs = [0, 0, 0];
  #isOver = false;

  constructor({ subtask, buffers }: OperatorContext) {
    this.#progress = new Int32Array(buffers[PROGRESS]!);
    this.#subtask = subtask;
  }

  /** A record was handled. Returns whether the subtask is to say now what it has seen. */
  tick(): boolean {
    Atomics.store(this.#progress, 1 + this.#subtask, ++this.#records);
    const phase = Atomics.load(this.#progress, 0);
    if (phase === WITH_CHECKPOINTS || phase === WITHOUT_CHECKPOINTS) {
      const now = performance.now();
      // The first one of a phase has none before it, and NaN is greater than nothing.
      const gap = phase === this.#phase ? now - this.#last : Number.NaN;
      if (gap > this.#longestGapsMs[phase]!) this.#longestGapsMs[phase] = gap;
      this.#last = now;
    }
    this.#phase = phase;
    if (phase !== REPORTING || this.#isOver) return false;
    this.#isOver = true;
    return true;
  }

  result(added: number): SteadyResult {
    return { records: this.#records, longestGapsMs: this.#longestGapsMs, added };
  }
}

export interface SteadyArrayParams {
  /** Bytes of the state, by subtask; multiples of {@link SEGMENT_BYTES}. */
  readonly bytes: readonly number[];
}

/** What a record changes of the state: some microseconds of work. */
export const SEGMENT = 4096;
export const SEGMENT_BYTES: number = 8 * SEGMENT;
const START = 0.5;

/** Adds 1 to one segment of a large array after the other. */
export class SteadyArray implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #bytes: readonly number[];
  #watch!: Watch;
  /** What checkpoints have; empty on a subtask that works on a segment of no account. */
  #state!: Float64Array;
  #worked!: Float64Array;
  #at = 0;

  constructor({ bytes }: SteadyArrayParams) {
    this.#bytes = bytes;
  }

  open(context: OperatorContext): void {
    this.#watch = new Watch(context);
    this.#state = new Float64Array(this.#bytes[context.subtask]! / 8);
    this.#worked = this.#state.length > 0 ? this.#state : new Float64Array(SEGMENT);
    // Pages cost their first write.
    this.#worked.fill(START);
  }

  process(value: number, out: Collector<number>): void {
    const worked = this.#worked;
    for (let i = this.#at, end = i + SEGMENT; i < end; i++) worked[i] = worked[i]! + 1;
    this.#at = (this.#at + SEGMENT) % worked.length;
    out.emit(value);
    if (this.#watch.tick()) out.emitTo(RESULT, this.#watch.result(this.#added() / SEGMENT));
  }

  snapshot(): Float64Array {
    return this.#state;
  }

  #added(): number {
    return this.#worked.reduce((sum, x) => sum + (x - START), 0);
  }
}

export interface SteadyKeysParams {
  /** Keys in all. */
  readonly keys: number;
}

/** The record is its key. */
export class Itself {
  static readonly module: string = import.meta.url;

  key(value: number): number {
    return value;
  }
}

/** Counts how often each key was seen; its record goes on as the next key. */
export class SteadyKeys implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #keys: number;
  #watch!: Watch;
  #counts!: KeyedState<number>;

  constructor({ keys }: SteadyKeysParams) {
    this.#keys = keys;
  }

  open(context: OperatorContext): void {
    this.#watch = new Watch(context);
    this.#counts = context.state('counts');
  }

  process(key: number, out: Collector<number>): void {
    // Not an integer, as most state is.
    this.#counts.set((this.#counts.get() ?? START) + 1);
    out.emit((key + 1) % this.#keys);
    if (this.#watch.tick()) out.emitTo(RESULT, this.#watch.result(this.#added()));
  }

  #added(): number {
    let added = 0;
    for (const [, count] of this.#counts.entries()) added += count - START;
    return added;
  }
}
