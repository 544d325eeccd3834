/** Runs a user's operator: calls the method of its kind, and its callbacks in order. */
import { GyreError, OperatorError, PlanError } from '../core/errors.js';
import type { Delivery, InChannel } from './channel.js';
import { END_EPOCH } from './frame.js';
import type { AnyOperator, Collector, OperatorContext } from './operator.js';
import type { NodePlan, OperatorKind } from './plan.js';
import { type Scheduler, Subtask } from './subtask.js';

export class OperatorSubtask extends Subtask implements Collector {
  /** The input and epoch of the call that is being made. */
  input = 0;
  epoch = 0;
  readonly #operator: AnyOperator;
  readonly #kind: OperatorKind;
  readonly #inPlace: boolean;
  readonly #synchronous: boolean;
  #reduced: unknown;
  #hasReduced = false;
  #closed = false;

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    operator: AnyOperator,
    inPlace: boolean,
    synchronous: boolean,
  ) {
    super(node, index, scheduler, synchronous || operator.accepts !== undefined);
    this.#operator = operator;
    this.#kind = node.operator!.kind;
    this.#inPlace = inPlace;
    this.#synchronous = synchronous;
    if (typeof operator[this.#kind] !== 'function') {
      throw new PlanError(`${node.name} must have a method ${this.#kind}().`);
    }
  }

  /** Calls the operator's `open`. */
  async open(context: OperatorContext): Promise<void> {
    try {
      await this.#operator.open?.(context);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  override takesInPlace(channel: InChannel): boolean {
    return this.#inPlace && !this.scheduler.stopped && this.passes(channel);
  }

  override handleInPlace(delivery: Delivery): void {
    try {
      super.handleInPlace(delivery);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  override run(): void {
    try {
      super.run();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  protected override holds(channel: InChannel): boolean {
    if (this.#synchronous && super.holds(channel)) return true;
    return this.#operator.accepts?.(channel.input) === false;
  }

  /** A deadlock when no channel is left that something could come from. */
  protected override onAllHeld(): void {
    if (this.inputs.some((channel) => !channel.ended && !this.holds(channel))) return;
    throw new OperatorError(
      `${this.node.name}: accepts() refuses every input that has not ended, so no frame would ever ` +
        'be handled again; it must accept the input that it waits for.',
      { details: { operator: this.node.name, subtask: this.index } },
    );
  }

  // The collector that operators see is this subtask: `emit` with an epoch is the engine's.
  override emit(value: unknown, epoch: number = this.epoch, tag: string | null = null): void {
    super.emit(value, epoch, tag);
  }

  emitTo(tag: string, value: unknown): void {
    super.emit(value, this.epoch, tag);
  }

  protected override onRecord(channel: InChannel, value: unknown, epoch: number): void {
    const operator = this.#operator;
    this.input = channel.input;
    this.epoch = epoch;
    switch (this.#kind) {
      case 'process':
        operator.process!(value, this);
        return;
      case 'map':
        super.emit(operator.map!(value), epoch);
        return;
      case 'flatMap':
        operator.flatMap!(value, this);
        return;
      case 'filter':
        if (operator.filter!(value)) super.emit(value, epoch);
        return;
      case 'reduce':
        this.#reduced = this.#hasReduced ? operator.reduce!(this.#reduced, value) : value;
        this.#hasReduced = true;
    }
  }

  protected override onBound(epoch: number, explicit: boolean): void {
    this.epoch = epoch;
    if (!explicit) return;
    this.#emitReduced();
    if (epoch < END_EPOCH) this.#operator.onEpochEnd?.(epoch, this);
    else this.#operator.onIterationEnd?.(this);
    this.emitWatermark(epoch);
  }

  protected override onInputEnd(input: number): void {
    this.epoch = this.node.loop === null ? 0 : END_EPOCH;
    this.#emitReduced();
    this.#operator.onInputEnd?.(input, this);
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#operator.close?.();
  }

  #failure(error: unknown): GyreError {
    return operatorFailure(this.node, this.index, error);
  }

  /** A reduction gives one record per epoch, and one per stream outside an iteration. */
  #emitReduced(): void {
    if (!this.#hasReduced) return;
    this.#hasReduced = false;
    const value = this.#reduced;
    this.#reduced = undefined;
    super.emit(value, this.epoch);
  }
}

/** What goes wrong in user code, said in our words; our own errors stay what they are. */
export function operatorFailure(
  { name, parallelism }: NodePlan,
  subtask: number,
  error: unknown,
): GyreError {
  if (error instanceof GyreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OperatorError(`${name} (subtask ${subtask} of ${parallelism}) threw: ${message}`, {
    details: { operator: name, subtask },
    cause: error,
  });
}
