/**
 * What user code is, seen from the engine: classes with one of a few methods, and what these get.
 */

import type { Arena } from '../memory/arena.js';
import type { Kernels } from '../memory/kernels.js';

/** Where an operator puts its records; valid only during the call that it is passed to. */
export interface Collector<Out = unknown> {
  /**
   * Sends a record on, with the epoch of the record or callback being handled, and with its event
   * time unless another is given.
   */
  emit(value: Out, timestamp?: number): void;
  /**
   * Says that no record with an event time below `time` follows; time never goes back. Outside of
   * iterations.
   */
  emitWatermark(time: number): void;
  /** Sends a record to the side output of that tag. */
  emitTo(tag: string, value: unknown): void;
  /** The input that the record came from: 0, or 1 for the second of two connected streams. */
  readonly input: number;
  /** The epoch of the record or callback being handled; 0 outside an iteration. */
  readonly epoch: number;
  /** Event time of the record being handled, in milliseconds; NaN when it has none. */
  readonly timestamp: number;
  /** After `keyBy`: the key of the record being handled. */
  readonly key: Key;
}

/** What `keyBy` takes records apart by. */
export type Key = string | number | boolean | null;

/** One value per key, kept by the engine: part of every checkpoint, dropped with the operator. */
export interface KeyedState<T> {
  /** The value of the current record's key; undefined when none was set. */
  get(): T | undefined;
  set(value: T): void;
  delete(): void;
  /** All keys of this subtask that have a value, in the order in which they were first set. */
  entries(): IterableIterator<readonly [Key, T]>;
}

/** What an operator can know and use; given to `open`. */
export interface OperatorContext {
  readonly name: string;
  readonly subtask: number;
  readonly parallelism: number;
  /** Kernels over this thread's memory, and the arena that owns it. */
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Whether the job is being stopped: a call that takes long should return then. */
  readonly stopped: boolean;
  /** After `keyBy`: the state of that name. Call it in `open`. */
  state<T>(name: string): KeyedState<T>;
  /** All records of a broadcast variable; only while a record or callback is handled. */
  broadcast<T>(name: string): readonly T[];
  /** Processing time, in milliseconds. */
  now(): number;
  /** Asks for `onTimer` once {@link now} has reached `time`. */
  setTimer(time: number): void;
  /** Shared buffers that the job was given, by name: outputs are written there in place. */
  readonly buffers: Readonly<Record<string, SharedArrayBuffer>>;
}

/** The callbacks that every operator may have. */
export interface OperatorCallbacks<Out = unknown> {
  /** Before the first record. May be asynchronous. What it throws fails the job. */
  open?(context: OperatorContext): void | Promise<void>;
  /**
   * Whether the operator takes the next frame (a record, an epoch's end, the input's end) of an
   * input. While it says false, frames of that input are held, in order, and in time their producer
   * pauses, while frames of the other input go on. Asked again after every frame that was handled,
   * so the answer may depend only on what the operator has seen; at least one input that has not
   * ended must be accepted. By default all are.
   */
  accepts?(input: number): boolean;
  /**
   * In an iteration: every record of epoch <= `epoch` has been seen. Called for 0, 1, 2, ...;
   * what it emits has this epoch, and the feedback edge adds one.
   */
  onEpochEnd?(epoch: number, out: Collector<Out>): void;
  /** In an iteration: it has terminated. After the last `onEpochEnd`, once. */
  onIterationEnd?(out: Collector<Out>): void;
  /**
   * An input has ended; there will be no more records from it. In a bounded iteration what is emitted
   * here belongs to no round and is not fed back: use {@link onEpochEnd} for that.
   */
  onInputEnd?(input: number, out: Collector<Out>): void;
  /** Whether it emits watermarks of its own, in place of those that reach it. */
  readonly replacesEventTime?: boolean;
  /** No more records with an event time below `time` are expected. */
  onEventTime?(time: number, out: Collector<Out>): void;
  /** A timer of `context.setTimer` is due. Those that still wait when the inputs end are dropped. */
  onTimer?(time: number, out: Collector<Out>): void;
  /**
   * The operator's state, for a checkpoint: any value that can be a record. It is copied before
   * anything else is called, so it may share memory with the operator. Called before the first
   * checkpoint as well, to learn how much there is: it must not change the operator.
   */
  snapshot?(): unknown;
  /** Takes over what {@link snapshot} gave; after `open`, before the first record. */
  restore?(state: unknown): void;
  /** After the last callback, and when the job fails, even if `open` failed. */
  close?(): void;
}

export interface ProcessOperator<In = never, Out = unknown> extends OperatorCallbacks<Out> {
  process(value: In, out: Collector<Out>): void;
}
export interface MapOperator<In = never, Out = unknown> extends OperatorCallbacks<Out> {
  map(value: In): Out;
}
export interface FlatMapOperator<In = never, Out = unknown> extends OperatorCallbacks<Out> {
  flatMap(value: In, out: Collector<Out>): void;
}
export interface FilterOperator<In = never> extends OperatorCallbacks<In> {
  filter(value: In): boolean;
}
export interface ReduceOperator<T = never> extends OperatorCallbacks<T> {
  reduce(a: T, b: T): T;
}

/** An exported class of operators: `static readonly module = import.meta.url`. */
export interface OperatorClass<Op, Params = never> {
  new (params: Params): Op;
  /** URL of the module that exports the class under its own name. */
  readonly module: string;
  /** Records may be views of memory that is reused after the call; for operators that copy. */
  readonly readsInPlace?: boolean;
}

/** Any operator object as the runtime calls it. */
export type AnyOperator = OperatorCallbacks & {
  process?(value: unknown, out: Collector): void;
  map?(value: unknown): unknown;
  flatMap?(value: unknown, out: Collector): void;
  filter?(value: unknown): boolean;
  reduce?(a: unknown, b: unknown): unknown;
};
