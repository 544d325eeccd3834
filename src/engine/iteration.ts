/**
 * The parts of an iteration that are not the user's: head, tail, replay and the aligner.
 *
 * ```text
 *            initial          ┌───────────── feedback, epoch + 1 ─────────────┐
 *            stream           ▼                                               │
 *   Source ─────────────▶  Head ────▶ body operators ────────────────────▶  Tail
 *                         │  ▲  │           ▲        └──▶ outputs
 *                 reports │  │  └ marks ─▶ Replay ◀── data
 *                         ▼  │ answers
 *                        Aligner
 * ```
 *
 * An epoch is over when every head has seen the watermark of its tail; the aligner then tells all
 * heads at once, and says whether the iteration ends. Rules and names are Flink ML's.
 */
import { IterationError, invariant } from '../core/errors.js';
import { DataCache } from './cache/data-cache.js';
import type { DataCacheReader } from './cache/data-cache-reader.js';
import { SpillQueue } from './cache/spill-queue.js';
import type { SpillSpace } from './cache/spill-space.js';
import type { Delivery, InChannel } from './channel.js';
import { END_EPOCH, END_OF_INPUT, FINAL_EPOCH, type Frame, RECORD, WATERMARK } from './frame.js';
import type { LoopPlan, NodePlan } from './plan.js';
import { type Scheduler, Subtask } from './subtask.js';

/** Inputs of a head, by number. */
export const HEAD_INITIAL = 0;
export const HEAD_FEEDBACK = 1;
export const HEAD_ANSWERS = 2;

/** What a checkpoint keeps of a head; what is on its way to it is kept as frames. */
interface HeadState {
  readonly counts: readonly (readonly [epoch: number, records: number])[];
  readonly latest: number;
  readonly aligned: number;
  readonly broadcast: number;
  readonly phase: HeadPhase;
}

type HeadPhase = 'running' | 'terminating' | 'terminated';

/**
 * Starts epochs: forwards the initial stream and the feedback, and broadcasts watermarks. Feedback
 * goes before fresh records, and waits in a queue that refuses nothing: the loop cannot block itself.
 */
export class HeadSubtask extends Subtask {
  readonly #bounded: boolean;
  readonly #feedback: SpillQueue<Frame>;
  /** Feedback records received per epoch that the aligner has not closed, if bounded. */
  #counts = new Map<number, number>();
  /**
   * The latest epoch of feedback so far. Enough when unbounded, where epochs may run far ahead of
   * watermarks that perhaps never come: feedback of an epoch is only ever made by that of the last.
   */
  #latest = 0;
  #aligned = -1;
  #broadcast = -1;
  #phase: HeadPhase = 'running';

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    loop: LoopPlan,
    space: SpillSpace,
  ) {
    super(node, index, scheduler);
    this.#bounded = loop.bounded;
    this.#feedback = new SpillQueue(space);
  }

  /** The head of a criteria stream has no initial stream: it is at its end from the start. */
  override start(): void {
    if (!this.inputs.some(({ input }) => input === HEAD_INITIAL)) this.#report(0);
  }

  override deliver(delivery: Delivery): void {
    if (delivery.channel.input !== HEAD_FEEDBACK) {
      super.deliver(delivery);
      return;
    }
    const { kind, value, epoch, timestamp } = delivery;
    this.#feedback.push({ kind, value, epoch, timestamp });
    if (!this.queued) this.scheduler.ready(this);
  }

  /** An answer of the aligner that comes from another thread begins the next round at once. */
  override isDirect(channel: InChannel): boolean {
    return channel.input === HEAD_ANSWERS && this.isFree(channel);
  }

  protected override handle(
    channel: InChannel,
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
  ): void {
    if (channel.input === HEAD_INITIAL) this.#onInitial(channel, kind, value, timestamp);
    else if (kind === RECORD) this.#onAligned(epoch, value === true);
  }

  protected override onRecord(): void {
    invariant(false, 'a head handles its frames itself');
  }

  protected override work(): boolean {
    if (!this.#hasFeedback()) return false;
    this.#onFeedback(this.#feedback.shift());
    return true;
  }

  override get hasWork(): boolean {
    return this.#hasFeedback() || super.hasWork;
  }

  override *frames(): IterableIterator<Delivery> {
    yield* super.frames();
    const channel = this.inputs.find(({ input }) => input === HEAD_FEEDBACK)!;
    for (const frame of this.#feedback.values()) yield { ...frame, channel, weight: 0 };
  }

  protected override saveState(): HeadState {
    return {
      counts: [...this.#counts],
      latest: this.#latest,
      aligned: this.#aligned,
      broadcast: this.#broadcast,
      phase: this.#phase,
    };
  }

  protected override restoreState(state: unknown): void {
    const { counts, latest, aligned, broadcast, phase } = state as HeadState;
    this.#counts = new Map(counts);
    this.#latest = latest;
    this.#aligned = aligned;
    this.#broadcast = broadcast;
    this.#phase = phase;
  }

  #onInitial(channel: InChannel, kind: number, value: unknown, timestamp: number): void {
    if (kind === RECORD) {
      this.counters.recordsIn++;
      this.send(value, 0, timestamp);
    }
    if (kind !== END_OF_INPUT) return;
    channel.ended = true;
    if (this.hasEnded(HEAD_INITIAL)) this.#report(0);
  }

  /**
   * Whether feedback may go on. In a bounded iteration that of epoch e waits until epoch e - 1 is
   * over everywhere; since it arrives in order of epochs, all that is behind waits with it.
   */
  #hasFeedback(): boolean {
    const next = this.#feedback.peek();
    if (next === undefined) return false;
    if (!this.#bounded || this.#phase !== 'running') return true;
    const { kind, epoch } = next;
    return kind !== RECORD || epoch === FINAL_EPOCH || epoch <= this.#broadcast + 1;
  }

  #onFeedback({ kind, value, epoch, timestamp }: Frame): void {
    if (kind === WATERMARK) {
      if (epoch === FINAL_EPOCH) this.#terminated();
      else if (this.#phase === 'running') this.#report(epoch);
      return;
    }
    if (kind === RECORD) this.counters.recordsIn++;
    // Records fed back after the end was announced are lost by design.
    if (kind !== RECORD || this.#phase !== 'running') return;
    if (!this.#bounded) {
      if (epoch !== FINAL_EPOCH) this.#latest = Math.max(this.#latest, epoch);
      this.send(value, epoch, timestamp);
      return;
    }
    // What an operator emitted at its input's end belongs to no round.
    if (epoch === FINAL_EPOCH) return;
    this.#counts.set(epoch, (this.#counts.get(epoch) ?? 0) + 1);
    this.send(value, epoch, timestamp);
  }

  /** Feedback records of an epoch; when unbounded, 1 stands for any number. */
  #received(epoch: number): number {
    if (this.#bounded) return this.#counts.get(epoch) ?? 0;
    return epoch > 0 && epoch <= this.#latest ? 1 : 0;
  }

  #report(epoch: number): void {
    if (epoch > 0 && epoch <= this.#aligned) {
      throw new IterationError(
        `${this.node.name}: unexpected epoch watermark ${epoch}, epoch ${this.#aligned} is over.`,
      );
    }
    this.#aligned = epoch;
    const records = this.#received(epoch);
    for (const output of this.outputs) {
      if (output.edge.kind === 'align') output.record(records, epoch, Number.NaN);
    }
  }

  #onAligned(epoch: number, terminated: boolean): void {
    this.#counts.delete(epoch);
    this.#broadcast = epoch;
    if (terminated) this.#phase = 'terminating';
    this.sendWatermark(terminated ? END_EPOCH : epoch);
  }

  #terminated(): void {
    this.#phase = 'terminated';
    this.finish();
  }

  override close(): void {
    this.#feedback.clear();
  }
}

/**
 * Ends a round: sends what comes out of the body back to its head, one epoch later. Its second
 * input is its head's watermarks, so that it follows the epochs also when the feedback stream comes
 * only from data that has none.
 */
export class TailSubtask extends Subtask {
  override isDirect(channel: InChannel): boolean {
    return this.isFree(channel);
  }

  protected override onRecord(
    _channel: InChannel,
    value: unknown,
    epoch: number,
    timestamp: number,
  ): void {
    for (const output of this.outputs) output.record(value, nextEpoch(epoch), timestamp);
  }

  protected override onBound(epoch: number): void {
    for (const output of this.outputs) output.control(WATERMARK, nextEpoch(epoch));
  }
}

const nextEpoch = (epoch: number): number => (epoch >= END_EPOCH ? FINAL_EPOCH : epoch + 1);

/** Inputs of a replay, by number. */
export const REPLAY_DATA = 0;
export const REPLAY_MARKS = 1;

/** What a checkpoint keeps of a replay. */
interface ReplayState {
  readonly records: readonly unknown[];
  /** The epoch that is being replayed, or NOT_REPLAYING, and the records of it that are out. */
  readonly replaying: number;
  readonly position: number;
}

/**
 * Keeps the records of epoch 0 and emits them again, in order, in every later round; only in epoch 0
 * do they have their event time.
 */
export class ReplaySubtask extends Subtask {
  readonly #records: DataCache<unknown>;
  #replaying = NOT_REPLAYING;
  #reader: DataCacheReader<unknown>;

  /** @param bounded See {@link TailSubtask}. */
  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    bounded: boolean,
    space: SpillSpace,
  ) {
    super(node, index, scheduler, bounded);
    this.#records = new DataCache(space);
    this.#reader = this.#records.reader();
  }

  protected override onRecord(
    channel: InChannel,
    value: unknown,
    _epoch: number,
    timestamp: number,
  ): void {
    invariant(channel.input === REPLAY_DATA, 'a replay gets only marks from its head');
    this.#records.append(value);
    this.send(value, 0, timestamp);
  }

  protected override onBound(epoch: number): void {
    if (epoch === 0 || epoch >= END_EPOCH) {
      this.sendWatermark(epoch);
      return;
    }
    this.#replaying = epoch;
    this.#reader = this.#records.reader();
    this.wake();
  }

  protected override work(): boolean {
    if (this.#replaying === NOT_REPLAYING) return false;
    if (this.#reader.hasNext) {
      this.send(this.#reader.next(), this.#replaying, Number.NaN);
      return true;
    }
    const epoch = this.#replaying;
    this.#replaying = NOT_REPLAYING;
    this.sendWatermark(epoch);
    return true;
  }

  override get hasWork(): boolean {
    return this.#replaying !== NOT_REPLAYING || super.hasWork;
  }

  protected override saveState(): ReplayState {
    return {
      records: [...this.#records.values()],
      replaying: this.#replaying,
      position: this.#reader.position,
    };
  }

  protected override restoreState(state: unknown): void {
    const { records, replaying, position } = state as ReplayState;
    for (const record of records) this.#records.append(record);
    this.#replaying = replaying;
    this.#reader = this.#records.reader(position);
  }

  override close(): void {
    this.#records.clear();
  }
}

const NOT_REPLAYING = -1;

interface EpochReports {
  reports: number;
  records: number;
  criteria: number;
}

/**
 * Decides when an epoch is over everywhere, and whether the iteration ends with it: from epoch 1
 * on, when no head got a feedback record, or when the criteria stream was empty.
 */
export class AlignerSubtask extends Subtask {
  readonly #loop: LoopPlan;
  #epochs = new Map<number, EpochReports>();

  constructor(node: NodePlan, index: number, scheduler: Scheduler, loop: LoopPlan) {
    super(node, index, scheduler);
    this.#loop = loop;
  }

  override isDirect(channel: InChannel): boolean {
    return this.isFree(channel);
  }

  protected override onRecord(channel: InChannel, value: unknown, epoch: number): void {
    const entry = this.#epochs.get(epoch) ?? { reports: 0, records: 0, criteria: 0 };
    this.#epochs.set(epoch, entry);
    entry.reports++;
    entry.records += value as number;
    if (channel.plan.edge.from === this.#loop.criteriaHead) entry.criteria += value as number;
    if (entry.reports < this.#loop.headParallelism) return;
    this.#epochs.delete(epoch);
    const terminated = epoch > 0 && this.#isOver(entry);
    this.sendToAll(RECORD, terminated, epoch, () => true);
    this.scheduler.onEpoch(this.#loop.id, epoch);
  }

  protected override saveState(): unknown {
    return [...this.#epochs];
  }

  protected override restoreState(state: unknown): void {
    this.#epochs = new Map(state as [number, EpochReports][]);
  }

  #isOver({ records, criteria }: EpochReports): boolean {
    return records === 0 || (this.#loop.criteriaHead !== null && criteria === 0);
  }
}
