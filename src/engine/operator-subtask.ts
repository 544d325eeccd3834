/** Runs a user's operator: calls the method of its kind, and its callbacks in order. */
import { GyreError, OperatorError, PlanError } from '../core/errors.js';
import type { Delivery, InChannel } from './channel.js';
import { END_EPOCH } from './frame.js';
import { Inbox, SelectiveInbox } from './inbox.js';
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
  #reduced: unknown;
  #hasReduced = false;
  #closed = false;

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    operator: AnyOperator,
    inPlace: boolean,
  ) {
    super(node, index, scheduler, inboxFor(operator));
    this.#operator = operator;
    this.#kind = node.operator!.kind;
    this.#inPlace = inPlace;
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

  override takesInPlace(input: number): boolean {
    return this.#inPlace && !this.scheduler.stopped && this.passes(input);
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

  /** The operator refuses what has come. That is a deadlock when it would take nothing at all. */
  protected override onRefused(): void {
    const open = this.inputs.filter(({ ended }) => !ended);
    if (open.some(({ input }) => this.#operator.accepts!(input))) return;
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

  /** What goes wrong in user code, said in our words; our own errors stay what they are. */
  #failure(error: unknown): GyreError {
    if (error instanceof GyreError) return error;
    const { name, parallelism } = this.node;
    const message = error instanceof Error ? error.message : String(error);
    return new OperatorError(
      `${name} (subtask ${this.index} of ${parallelism}) threw: ${message}`,
      { details: { operator: name, subtask: this.index, epoch: this.epoch }, cause: error },
    );
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

/** Operators that may refuse an input need an inbox that holds frames back. */
function inboxFor(operator: AnyOperator): Inbox {
  if (operator.accepts === undefined) return new Inbox();
  return new SelectiveInbox((input) => operator.accepts!(input));
}
