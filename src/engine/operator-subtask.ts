/** Subtasks of user code: one operator for all rounds, or one for each round. */
import { GyreError, OperatorError, PlanError } from '../core/errors.js';
import { BroadcastVariables } from './broadcast-variables.js';
import { SpillQueue } from './cache/spill-queue.js';
import type { SpillSpace } from './cache/spill-space.js';
import type { Delivery, InChannel } from './channel.js';
import { arrayBytes } from './checkpoint/preparation.js';
import { END_EPOCH, type Frame } from './frame.js';
import type { KeyOf } from './keys.js';
import type { AnyOperator, Key } from './operator.js';
import { OperatorRunner, type ThreadContext } from './operator-runner.js';
import type { NodePlan } from './plan.js';
import { type Scheduler, Subtask } from './subtask.js';

/** How a node's operators are made, and how its records come. */
export interface OperatorSource {
  readonly make: () => AnyOperator;
  /** Records may be views of a ring, see `readsInPlace`. */
  readonly inPlace: boolean;
  /** In a bounded iteration: one epoch after the other. */
  readonly synchronous: boolean;
  /** Where frames go that have to wait for long. */
  readonly space: SpillSpace;
}

/** A frame of a main input that came before the broadcast variables were whole. */
interface EarlyFrame extends Frame {
  readonly id: number;
}

/** What both life cycles share: what goes wrong in user code is said in our words. */
abstract class UserSubtask extends Subtask {
  protected readonly source: OperatorSource;
  protected readonly variables: BroadcastVariables;
  /** Null without broadcast variables. */
  readonly #early: SpillQueue<EarlyFrame> | null;
  /** Keys by edge; null when no input is keyed. */
  #keys: ReadonlyMap<number, KeyOf> | null = null;

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    source: OperatorSource,
    holding: boolean,
  ) {
    super(node, index, scheduler, holding);
    this.source = source;
    this.variables = new BroadcastVariables(node);
    this.#early = this.variables.ready ? null : new SpillQueue(source.space);
  }

  /** Opens the operator; may take long. */
  async open(thread: ThreadContext): Promise<void> {
    const isKeyed = this.inputs.some(({ plan }) => plan.edge.key !== null);
    if (isKeyed) this.#keys = thread.keys;
    await this.openOperator(thread);
  }

  protected abstract openOperator(thread: ThreadContext): Promise<void>;

  /** A record has come for the operator; its key is undefined when its input is not keyed. */
  protected abstract onMainRecord(
    input: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    key: Key | undefined,
  ): void;

  /** An input of the operator has ended. */
  protected onMainInputEnd(_input: number): void {}

  protected abstract saveOperator(): unknown;

  protected abstract restoreOperator(state: unknown): void;

  /**
   * Puts early frames aside. Their credit is given back at once: the variables may be waiting for
   * the same producer.
   */
  override deliver(delivery: Delivery): void {
    const { channel, kind, value, epoch, timestamp, weight } = delivery;
    if (this.#early === null || !this.#isEarly(channel)) {
      super.deliver(delivery);
      return;
    }
    this.#early.push({ id: channel.plan.id, kind, value, epoch, timestamp });
    channel.pending++;
    channel.consumed(weight);
    if (!this.queued) this.scheduler.ready(this);
  }

  /** While early frames are left, what comes after them waits behind them. */
  #isEarly({ input }: InChannel): boolean {
    if (this.variables.has(input)) return false;
    return !this.variables.ready || this.#early!.length > 0;
  }

  #hasEarly(): boolean {
    return this.#early !== null && this.variables.ready && this.#early.length > 0;
  }

  /** Takes the next early frame in when all that was taken in is handled, or held. */
  protected override work(): boolean {
    if (!this.#hasEarly() || super.hasWork) return false;
    const { id, ...frame } = this.#early!.shift();
    const channel = this.inputs.find(({ plan }) => plan.id === id)!;
    super.deliver({ ...frame, channel, weight: 0 });
    return true;
  }

  override get hasWork(): boolean {
    return this.#hasEarly() || super.hasWork;
  }

  override *frames(): IterableIterator<Delivery> {
    yield* super.frames();
    for (const { id, ...frame } of this.#early?.values() ?? []) {
      yield { ...frame, channel: this.inputs.find(({ plan }) => plan.id === id)!, weight: 0 };
    }
  }

  protected override onRecord(
    channel: InChannel,
    value: unknown,
    epoch: number,
    timestamp: number,
  ): void {
    const { input, plan } = channel;
    if (this.variables.has(input)) {
      this.variables.add(channel, value);
      return;
    }
    const key = this.#keys?.get(plan.edge.id)?.(value);
    this.onMainRecord(input, value, epoch, timestamp, key);
  }

  protected override onInputEnd(input: number): void {
    if (this.variables.has(input)) this.variables.end(input);
    else this.onMainInputEnd(input);
  }

  protected override saveState(): unknown {
    return [this.variables.snapshot(), this.saveOperator()];
  }

  override stateBytes(): number {
    return arrayBytes(this.saveOperator());
  }

  protected override restoreState(state: unknown): void {
    const [variables, operator] = state as readonly unknown[];
    this.variables.restore(variables);
    this.restoreOperator(operator);
  }

  override get readsInPlace(): boolean {
    return this.source.inPlace;
  }

  override isDirect(channel: InChannel): boolean {
    // What a variable gathers is kept, and what is early waits.
    return this.#early === null && this.isFree(channel);
  }

  protected override failure(error: unknown): unknown {
    return operatorFailure(this.node, this.index, error);
  }

  protected override holds(channel: InChannel): boolean {
    if (this.variables.has(channel.input)) return false;
    return this.source.synchronous && super.holds(channel);
  }

  protected guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw operatorFailure(this.node, this.index, error);
    }
  }
}

export type { UserSubtask };

/** One operator for the whole iteration, and outside of any. */
export class OperatorSubtask extends UserSubtask {
  readonly #runner: OperatorRunner;

  constructor(node: NodePlan, index: number, scheduler: Scheduler, source: OperatorSource) {
    const operator = makeOperator(node, index, source);
    const holding = source.synchronous || operator.accepts !== undefined;
    super(node, index, scheduler, source, holding);
    this.#runner = new OperatorRunner(this, operator, this.variables);
  }

  protected override async openOperator(thread: ThreadContext): Promise<void> {
    try {
      await this.#runner.open(thread);
    } catch (error) {
      throw operatorFailure(this.node, this.index, error);
    }
  }

  protected override holds(channel: InChannel): boolean {
    if (super.holds(channel)) return true;
    if (this.variables.has(channel.input)) return false;
    return this.#runner.operator.accepts?.(channel.input) === false;
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

  protected override onMainRecord(
    input: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    key: Key | undefined,
  ): void {
    this.#runner.record(input, value, epoch, timestamp, key);
  }

  protected override onBound(epoch: number, explicit: boolean): void {
    if (!explicit) return;
    if (epoch < END_EPOCH) this.#runner.epochEnd(epoch);
    else this.#runner.iterationEnd(epoch);
    this.sendWatermark(epoch);
  }

  protected override onMainInputEnd(input: number): void {
    this.#runner.inputEnd(input, this.#endEpoch());
  }

  /**
   * Epoch of what is emitted when an input ends: in a bounded iteration that of no round, as in Flink
   * ML; in an unbounded one the next, so that it goes round like any other record.
   */
  #endEpoch(): number {
    if (this.node.loop === null) return 0;
    return this.source.synchronous ? END_EPOCH : Math.min(this.bound + 1, END_EPOCH);
  }

  /** Inside an iteration there is no event time: a round has no place in it. */
  protected override onEventTime(time: number): void {
    if (this.node.loop !== null) return;
    this.#runner.eventTime(time, 0);
    // The end of the inputs says that there is no more time.
    if (time === Number.POSITIVE_INFINITY) return;
    if (this.#runner.operator.replacesEventTime !== true) this.sendEventTime(time);
  }

  override onTime(now: number): void {
    this.guard(() => this.#runner.processingTime(now));
  }

  protected override saveOperator(): unknown {
    return this.guard(() => this.#runner.snapshot());
  }

  protected override restoreOperator(state: unknown): void {
    this.guard(() => this.#runner.restore(state));
  }

  override close(): void {
    this.#runner.close();
  }
}

/** One operator for each epoch that has a record: made with the first, closed with the epoch. */
export class PerRoundSubtask extends UserSubtask {
  readonly #rounds = new Map<number, OperatorRunner>();
  #thread!: ThreadContext;

  constructor(node: NodePlan, index: number, scheduler: Scheduler, source: OperatorSource) {
    super(node, index, scheduler, source, source.synchronous);
  }

  protected override async openOperator(thread: ThreadContext): Promise<void> {
    this.#thread = thread;
  }

  protected override onMainRecord(
    input: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    key: Key | undefined,
  ): void {
    const round = this.#rounds.get(epoch) ?? this.#newRound(epoch);
    round.record(input, value, epoch, timestamp, key);
  }

  protected override onBound(bound: number, explicit: boolean): void {
    const over = [...this.#rounds.keys()].filter((e) => bound === END_EPOCH || e === bound);
    for (const epoch of over.sort((a, b) => a - b)) this.#endRound(epoch, bound === END_EPOCH);
    if (explicit) this.sendWatermark(bound);
  }

  protected override saveOperator(): unknown {
    return [...this.#rounds].map(([epoch, round]) => [epoch, this.guard(() => round.snapshot())]);
  }

  protected override restoreOperator(state: unknown): void {
    for (const [epoch, saved] of state as [number, unknown][]) {
      this.guard(() => this.#newRound(epoch).restore(saved));
    }
  }

  override close(): void {
    const rounds = [...this.#rounds.values()];
    this.#rounds.clear();
    for (const round of rounds) round.close();
  }

  #newRound(epoch: number): OperatorRunner {
    const operator = makeOperator(this.node, this.index, this.source);
    const round = new OperatorRunner(this, operator, this.variables);
    this.#rounds.set(epoch, round);
    if (round.open(this.#thread) instanceof Promise) {
      throw new PlanError(
        `${this.node.name}: open() of an operator that lives for one round must not be asynchronous; ` +
          'a round begins in the middle of the job.',
        { details: { operator: this.node.name } },
      );
    }
    return round;
  }

  #endRound(epoch: number, last: boolean): void {
    const round = this.#rounds.get(epoch)!;
    if (last) round.iterationEnd(epoch);
    else round.epochEnd(epoch);
    const { inputs } = this.node.operator!;
    for (let input = 0; input < inputs; input++) round.inputEnd(input, epoch);
    round.eventTime(Number.POSITIVE_INFINITY, epoch);
    this.#rounds.delete(epoch);
    round.close();
  }
}

function makeOperator(node: NodePlan, index: number, { make }: OperatorSource): AnyOperator {
  try {
    return make();
  } catch (error) {
    throw operatorFailure(node, index, error);
  }
}

/** What goes wrong in user code, said in our words; our own errors stay what they are. */
function operatorFailure(
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
