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
import type { Delivery, InChannel } from './channel.js';
import { END_EPOCH, END_OF_INPUT, FINAL_EPOCH, RECORD, WATERMARK } from './frame.js';
import type { LoopPlan, NodePlan } from './plan.js';
import { type Scheduler, Subtask } from './subtask.js';

/** Inputs of a head, by number. */
export const HEAD_INITIAL = 0;
export const HEAD_FEEDBACK = 1;
export const HEAD_ANSWERS = 2;

/** Starts epochs: forwards the initial stream and the feedback, and broadcasts watermarks. */
export class HeadSubtask extends Subtask {
  readonly #bounded: boolean;
  /** Feedback records received per epoch that the aligner has not closed, if bounded. */
  readonly #counts = new Map<number, number>();
  /**
   * The latest epoch of feedback so far. Enough when unbounded, where epochs may run far ahead of
   * watermarks that perhaps never come: feedback of an epoch is only ever made by that of the last.
   */
  #latest = 0;
  /** Feedback held until the epoch before it is over; only in bounded iterations. */
  #held: { readonly value: unknown; readonly epoch: number }[] = [];
  #aligned = -1;
  #broadcast = -1;
  #state: 'running' | 'terminating' | 'terminated' = 'running';

  constructor(node: NodePlan, index: number, scheduler: Scheduler, loop: LoopPlan) {
    super(node, index, scheduler);
    this.#bounded = loop.bounded;
  }

  /** The head of a criteria stream has no initial stream: it is at its end from the start. */
  override start(): void {
    if (!this.inputs.some(({ input }) => input === HEAD_INITIAL)) this.#report(0);
  }

  override handle(delivery: Delivery): void {
    const { channel, kind, value, epoch } = delivery;
    if (channel.input === HEAD_INITIAL) this.#onInitial(channel, kind, value);
    else if (channel.input === HEAD_FEEDBACK) this.#onFeedback(kind, value, epoch);
    else if (kind === RECORD) this.#onAligned(epoch, value === true);
    channel.consumed(delivery.weight);
  }

  protected override onRecord(): void {
    invariant(false, 'a head handles its frames itself');
  }

  #onInitial(channel: InChannel, kind: number, value: unknown): void {
    if (kind === RECORD) this.emit(value, 0);
    if (kind !== END_OF_INPUT) return;
    channel.ended = true;
    if (this.hasEnded(HEAD_INITIAL)) this.#report(0);
  }

  #onFeedback(kind: number, value: unknown, epoch: number): void {
    if (kind === WATERMARK) {
      if (epoch === FINAL_EPOCH) this.#terminated();
      else if (this.#state === 'running') this.#report(epoch);
      return;
    }
    // Records fed back after the end was announced are lost by design.
    if (kind !== RECORD || this.#state !== 'running') return;
    if (!this.#bounded) {
      if (epoch !== FINAL_EPOCH) this.#latest = Math.max(this.#latest, epoch);
      this.emit(value, epoch);
      return;
    }
    // What an operator emitted at its input's end belongs to no round.
    if (epoch === FINAL_EPOCH) return;
    this.#counts.set(epoch, (this.#counts.get(epoch) ?? 0) + 1);
    if (epoch > this.#broadcast + 1) this.#held.push({ value, epoch });
    else this.emit(value, epoch);
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
      if (output.edge.kind === 'align') output.record(records, epoch);
    }
  }

  #onAligned(epoch: number, terminated: boolean): void {
    this.#counts.delete(epoch);
    this.#broadcast = epoch;
    if (terminated) {
      this.#state = 'terminating';
      this.emitWatermark(END_EPOCH);
      return;
    }
    this.emitWatermark(epoch);
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    for (const record of held) {
      if (record.epoch > epoch + 1) this.#held.push(record);
      else this.emit(record.value, record.epoch);
    }
  }

  #terminated(): void {
    this.#state = 'terminated';
    this.finish();
  }
}

/**
 * Ends a round: sends what comes out of the body back to its head, one epoch later. Its second
 * input is its head's watermarks, so that it follows the epochs also when the feedback stream comes
 * only from data that has none.
 */
export class TailSubtask extends Subtask {
  protected override onRecord(_channel: InChannel, value: unknown, epoch: number): void {
    for (const output of this.outputs) output.record(value, nextEpoch(epoch));
  }

  protected override onBound(epoch: number): void {
    for (const output of this.outputs) output.control(WATERMARK, nextEpoch(epoch));
  }
}

const nextEpoch = (epoch: number): number => (epoch >= END_EPOCH ? FINAL_EPOCH : epoch + 1);

/** Inputs of a replay, by number. */
export const REPLAY_DATA = 0;
export const REPLAY_MARKS = 1;

/** Keeps the records of epoch 0 and emits them again, in order, in every later round. */
export class ReplaySubtask extends Subtask {
  #records: unknown[] = [];
  #replaying = NOT_REPLAYING;
  #position = 0;

  protected override onRecord(channel: InChannel, value: unknown): void {
    invariant(channel.input === REPLAY_DATA, 'a replay gets only marks from its head');
    this.#records.push(value);
    this.emit(value, 0);
  }

  protected override onBound(epoch: number): void {
    if (epoch === 0 || epoch >= END_EPOCH) {
      this.emitWatermark(epoch);
      return;
    }
    this.#replaying = epoch;
    this.#position = 0;
    this.wake();
  }

  protected override work(): boolean {
    if (this.#replaying === NOT_REPLAYING) return false;
    if (this.#position < this.#records.length) {
      this.emit(this.#records[this.#position++], this.#replaying);
      return true;
    }
    const epoch = this.#replaying;
    this.#replaying = NOT_REPLAYING;
    this.emitWatermark(epoch);
    return true;
  }

  override get hasWork(): boolean {
    return this.#replaying !== NOT_REPLAYING || super.hasWork;
  }

  override close(): void {
    this.#records = [];
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
  readonly #epochs = new Map<number, EpochReports>();

  constructor(node: NodePlan, index: number, scheduler: Scheduler, loop: LoopPlan) {
    super(node, index, scheduler);
    this.#loop = loop;
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
    for (const output of this.outputs) output.record(terminated, epoch);
  }

  #isOver({ records, criteria }: EpochReports): boolean {
    return records === 0 || (this.#loop.criteriaHead !== null && criteria === 0);
  }
}
