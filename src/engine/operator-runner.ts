/** One instance of a user's operator: calls the method of its kind, and its callbacks in order. */
import { DataError, PlanError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Arena } from '../memory/arena.js';
import type { Kernels } from '../memory/kernels.js';
import type { BroadcastVariables } from './broadcast-variables.js';
import { KeyedStates } from './keyed-state.js';
import type { KeyOf } from './keys.js';
import type { AnyOperator, Collector, Key, KeyedState, OperatorContext } from './operator.js';
import type { NodePlan, OperatorKind } from './plan.js';
import type { Subtask } from './subtask.js';

/** What all operators of a thread share. */
export interface ThreadContext {
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly buffers: Readonly<Record<string, SharedArrayBuffer>>;
  /** Keys by edge. */
  readonly keys: ReadonlyMap<number, KeyOf>;
  /** Whether the job is being stopped. */
  stopped(): boolean;
}

/** What a checkpoint keeps of an instance. */
interface RunnerState {
  readonly user: unknown;
  readonly timers: readonly number[];
  /** See {@link KeyedStates.snapshot}. */
  readonly keyed: unknown;
}

export class OperatorRunner implements Collector {
  /** Where and when the call that is being made belongs. */
  input = 0;
  epoch = 0;
  timestamp: number = Number.NaN;
  key: Key = null;
  readonly operator: AnyOperator;
  readonly #subtask: Subtask;
  readonly #node: NodePlan;
  readonly #kind: OperatorKind;
  readonly #variables: BroadcastVariables;
  readonly #states: KeyedStates;
  /** Processing times that the operator asked for, in order. */
  #timers: number[] = [];
  #closed = false;

  constructor(subtask: Subtask, operator: AnyOperator, variables: BroadcastVariables) {
    this.#subtask = subtask;
    this.#node = subtask.node;
    this.operator = operator;
    this.#variables = variables;
    this.#states = new KeyedStates(subtask.node.name);
    this.#kind = subtask.node.operator!.kind;
    if (typeof operator[this.#kind] !== 'function') {
      throw new PlanError(`${this.#node.name} must have a method ${this.#kind}().`);
    }
  }

  /** Calls the operator's `open`; what it returns is to be awaited. */
  open(thread: ThreadContext): void | Promise<void> {
    return this.operator.open?.(this.#context(thread));
  }

  // The collector that operators see.

  emit(value: unknown, timestamp: number = this.timestamp): void {
    this.#subtask.send(value, this.epoch, timestamp);
  }

  emitTo(tag: string, value: unknown): void {
    this.#subtask.send(value, this.epoch, this.timestamp, tag);
  }

  emitWatermark(time: number): void {
    if (this.#node.loop !== null) {
      throw new PlanError(`${this.#node.name}: there is no event time inside an iteration.`);
    }
    this.#checkTime('emitWatermark', time);
    this.#subtask.sendEventTime(time);
  }

  /** @param key Undefined when the record comes from an input that is not keyed. */
  record(
    input: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    key: Key | undefined,
  ): void {
    const { operator } = this;
    this.#setKey(key);
    this.input = input;
    this.epoch = epoch;
    this.timestamp = timestamp;
    switch (this.#kind) {
      case 'process':
        operator.process!(value, this);
        return;
      case 'map':
        this.#subtask.send(operator.map!(value), epoch, timestamp);
        return;
      case 'flatMap':
        operator.flatMap!(value, this);
        return;
      case 'filter':
        if (operator.filter!(value)) this.#subtask.send(value, epoch, timestamp);
    }
  }

  epochEnd(epoch: number): void {
    this.#begin(epoch);
    this.operator.onEpochEnd?.(epoch, this);
  }

  /** @param epoch What the last records that the operator emits belong to. */
  iterationEnd(epoch: number): void {
    this.#begin(epoch);
    this.operator.onIterationEnd?.(this);
  }

  inputEnd(input: number, epoch: number): void {
    this.#begin(epoch);
    this.operator.onInputEnd?.(input, this);
  }

  eventTime(time: number, epoch: number): void {
    this.#begin(epoch);
    this.operator.onEventTime?.(time, this);
  }

  /** Calls the timers that are due, in order. */
  processingTime(now: number): void {
    while (this.#timers.length > 0 && this.#timers[0]! <= now) {
      const time = this.#timers.shift()!;
      this.#begin(0);
      this.operator.onTimer?.(time, this);
    }
  }

  snapshot(): RunnerState {
    return {
      user: this.operator.snapshot?.(),
      timers: this.#timers,
      keyed: this.#states.snapshot(),
    };
  }

  restore(snapshot: unknown): void {
    const { user, timers, keyed } = snapshot as RunnerState;
    this.#states.restore(keyed);
    for (const time of timers) this.#setTimer(time);
    if (user !== undefined) this.operator.restore?.(user);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.operator.close?.();
  }

  /** What is emitted in a callback has its epoch and no event time. */
  #begin(epoch: number): void {
    this.epoch = epoch;
    this.timestamp = Number.NaN;
    this.#setKey(undefined);
  }

  #setKey(key: Key | undefined): void {
    this.key = key ?? null;
    this.#states.setKey(key);
  }

  #context({ kernels, arena, buffers, stopped }: ThreadContext): OperatorContext {
    const { name, parallelism } = this.#node;
    return {
      name,
      subtask: this.#subtask.index,
      parallelism,
      kernels,
      arena,
      buffers,
      get stopped() {
        return stopped();
      },
      state: (state) => this.#state(state),
      broadcast: <T>(variable: string) => this.#variables.values(variable) as readonly T[],
      now: () => Date.now(),
      setTimer: (time) => this.#setTimer(time),
    };
  }

  #state<T>(name: string): KeyedState<T> {
    const isKeyed = this.#subtask.inputs.some(({ plan }) => plan.edge.key !== null);
    if (isKeyed) return this.#states.state(name);
    throw new PlanError(
      `${this.#node.name}: state("${name}") is of keys, but no input has any: put keyBy() before it.`,
      { details: { operator: this.#node.name, state: name } },
    );
  }

  /** A time that compares with no other would stop the clock for good. */
  #checkTime(call: string, time: number): void {
    if (Number.isFinite(time)) return;
    throw new DataError(
      `${this.#node.name}: ${call}() takes a finite number of milliseconds, got ${showValue(time)}.`,
      { details: { operator: this.#node.name, call, got: time } },
    );
  }

  #setTimer(time: number): void {
    if (this.#node.loop !== null) {
      throw new PlanError(`${this.#node.name}: there are no timers inside an iteration.`);
    }
    this.#checkTime('setTimer', time);
    const later = this.#timers.findIndex((other) => other > time);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, time);
    this.#subtask.scheduler.wakeAt(this.#subtask, time);
  }
}
