/**
 * A subtask: one parallel instance of a node. It has an inbox, is run when the inbox has frames
 * and its outputs have room, and keeps track of the epoch watermarks of its input channels.
 */
import { IterationError } from '../core/errors.js';
import type { Delivery, InChannel } from './channel.js';
import { END_EPOCH, END_OF_INPUT, EVENT_TIME, NO_EPOCH, RECORD, WATERMARK } from './frame.js';
import { HoldingInbox, Inbox } from './inbox.js';
import { SubtaskCounters } from './metrics.js';
import type { OutEdge } from './out-edge.js';
import type { NodePlan } from './plan.js';

/** Frames that a subtask handles before others get their turn. */
const FRAMES_PER_TURN = 128;

/** What a subtask needs of the loop that runs it. */
export interface Scheduler {
  /** The job is being stopped: leave as soon as possible. */
  readonly stopped: boolean;
  /** Makes all frames written so far visible to other threads. */
  publish(): void;
  /** A subtask has failed; its loop ends with the first failure, whoever catches the throw. */
  fail(error: unknown): void;
  /** The subtask has something to do. */
  ready(subtask: Subtask): void;
  /** Asks for `subtask.onTime` at a processing time, in milliseconds. */
  wakeAt(subtask: Subtask, time: number): void;
  /** An epoch of a loop is over everywhere. */
  onEpoch(loop: number, epoch: number): void;
}

/** What every subtask keeps in a checkpoint: how far its channels are, and what is its own. */
interface SubtaskState {
  readonly bound: number;
  readonly latest: number;
  readonly eventTime: number;
  /** Per input channel, in order. */
  readonly marks: readonly number[];
  readonly times: readonly number[];
  readonly ended: readonly boolean[];
  /** Per output. */
  readonly turns: readonly number[];
  readonly own: unknown;
}

export abstract class Subtask {
  readonly node: NodePlan;
  readonly index: number;
  /** Added when the plan is wired. */
  readonly inputs: InChannel[] = [];
  readonly outputs: OutEdge[] = [];
  /** In the loop's queue of ready subtasks. */
  queued = false;
  /** In the loop's list of those that wait for room in an output. */
  stalled = false;
  finished = false;
  /** The smallest watermark over all channels: every record of this epoch has been seen. */
  protected bound: number = NO_EPOCH;
  readonly scheduler: Scheduler;
  readonly counters: SubtaskCounters = new SubtaskCounters();
  readonly #inbox: Inbox;
  /** In the middle of a frame. */
  #busy = false;
  /** The latest epoch watermark on any channel, but for the last. */
  #latest: number = NO_EPOCH;
  /** The smallest event time over all channels. */
  #eventTime: number = Number.NEGATIVE_INFINITY;

  /** @param holding Whether {@link holds} may ever say true. */
  constructor(node: NodePlan, index: number, scheduler: Scheduler, holding = false) {
    this.node = node;
    this.index = index;
    this.scheduler = scheduler;
    this.#inbox = holding ? new HoldingInbox((channel) => this.holds(channel)) : new Inbox();
  }

  /**
   * Whether the channel's next frame has to wait: when its epoch is over but not yet that of other
   * channels, so that an operator sees all records of an epoch, then its end, then the next epoch.
   * Only in bounded iterations: where a stream may have no end, its epoch has none either.
   */
  protected holds(channel: InChannel): boolean {
    return channel.mark > this.bound;
  }

  /** Before the first frame; sources and tables emit or begin here. */
  start(): void {}

  /** A record has come. */
  protected abstract onRecord(
    channel: InChannel,
    value: unknown,
    epoch: number,
    timestamp: number,
  ): void;

  /** The event time of all channels has risen; +Infinity with the end of the last. */
  protected onEventTime(_time: number): void {}

  /** The processing time that was asked for has come. */
  onTime(_time: number): void {}

  /** What a checkpoint keeps of this subtask beside its channels. */
  protected saveState(): unknown {
    return undefined;
  }

  protected restoreState(_state: unknown): void {}

  /** The bound rose to `epoch`; `explicit`: by a watermark, not only by inputs that ended. */
  protected onBound(_epoch: number, _explicit: boolean): void {}

  /** All channels of one input have ended. */
  protected onInputEnd(_input: number): void {}

  /** Work that is left from an earlier frame, as much as fits; returns whether more is left. */
  protected work(): boolean {
    return false;
  }

  /** Frees what the subtask holds, also after a failure. */
  close(): void {}

  /** Frames wait, but all are held. */
  protected onAllHeld(): void {}

  /** Whether records may be handled where they lie in the ring, see `readsInPlace`. */
  get readsInPlace(): boolean {
    return false;
  }

  /**
   * Whether a frame that arrives on that channel now may be handled at once, in the call that brings
   * it: nothing waits before it, no output is full, and the subtask is not in the middle of another
   * frame, as it is when a frame comes round a loop. Saves the way through the inbox and a turn.
   */
  isDirect(_channel: InChannel): boolean {
    return false;
  }

  /** {@link isDirect} for subtasks that have nothing else to do first. */
  protected isFree(channel: InChannel): boolean {
    return !this.#busy && this.#inbox.passes(channel) && !this.blocked();
  }

  /** Handles a frame in the call that brings it; only when {@link isDirect}. */
  handleDirect(
    channel: InChannel,
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    weight: number,
  ): void {
    try {
      this.#handle(channel, kind, value, epoch, timestamp);
    } catch (error) {
      // The throw goes through the code of those that sent the frame: they must not lose it.
      const failure = this.failure(error);
      this.scheduler.fail(failure);
      throw failure;
    }
    if (weight > 0) channel.giveBack(weight);
    if (!this.queued && this.hasWork) this.scheduler.ready(this);
  }

  /** A frame has come. */
  receive(
    channel: InChannel,
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    weight: number,
  ): void {
    if (this.isDirect(channel)) {
      this.handleDirect(channel, kind, value, epoch, timestamp, weight);
    } else {
      this.deliver({ channel, kind, value, epoch, timestamp, weight });
    }
  }

  /** What is thrown in its place when a frame cannot be handled. */
  protected failure(error: unknown): unknown {
    return error;
  }

  /** Whether an output asks this subtask to pause. */
  blocked(): boolean {
    for (const output of this.outputs) if (output.blocked()) return true;
    return false;
  }

  /** Puts a frame into the inbox. */
  deliver(delivery: Delivery): void {
    delivery.channel.pending++;
    this.#inbox.push(delivery);
    if (!this.queued) this.scheduler.ready(this);
  }

  /** Asks for a turn without a frame: the rest of some work, or a consumer that made room. */
  wake(): void {
    this.scheduler.ready(this);
  }

  /** Handles frames until none are left, an output is full or the turn is over. */
  run(): void {
    try {
      for (let frames = 0; frames < FRAMES_PER_TURN; frames++) {
        if (this.blocked() || this.scheduler.stopped || !this.#step()) return;
      }
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Handles one frame, or does one piece of work. Returns whether there was any. */
  #step(): boolean {
    if (this.work()) return true;
    const delivery = this.#inbox.take();
    if (delivery === null) {
      if (!this.#inbox.isEmpty) this.onAllHeld();
      return false;
    }
    const { channel, kind, value, epoch, timestamp, weight } = delivery;
    this.#handle(channel, kind, value, epoch, timestamp);
    channel.consumed(weight);
    return true;
  }

  #handle(
    channel: InChannel,
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
  ): void {
    this.#busy = true;
    this.handle(channel, kind, value, epoch, timestamp);
    this.#busy = false;
  }

  /** Whether a turn would do something once outputs have room. */
  get hasWork(): boolean {
    return this.#inbox.hasNext;
  }

  protected handle(
    channel: InChannel,
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
  ): void {
    if (kind === RECORD) {
      this.counters.recordsIn++;
      this.onRecord(channel, value, epoch, timestamp);
    } else if (kind === WATERMARK) this.#onWatermark(channel, epoch);
    else if (kind === EVENT_TIME) this.#onEventTime(channel, timestamp);
    else this.#onEnd(channel);
  }

  /** Frames that have come and are not handled yet, those of each channel in order. */
  frames(): Iterable<Delivery> {
    return this.#inbox.frames();
  }

  /** The state for a checkpoint, between two frames; its values are copied before the next. */
  snapshot(): SubtaskState {
    const { inputs, outputs, bound } = this;
    return {
      bound,
      latest: this.#latest,
      eventTime: this.#eventTime,
      marks: inputs.map(({ mark }) => mark),
      times: inputs.map(({ time }) => time),
      ended: inputs.map(({ ended }) => ended),
      turns: outputs.map(({ turn }) => turn),
      own: this.saveState(),
    };
  }

  /** How much of the state is in arrays, as far as it is known; only what may be large counts. */
  stateBytes(): number {
    return 0;
  }

  /**
   * On the main thread, right after {@link snapshot}: own state that takes time to write, in place
   * of the snapshot's. Null for almost all.
   */
  prepare(_checkpoint: number): Promise<unknown> | null {
    return null;
  }

  /** Whether a checkpoint has a state of it: not of one that has finished, unless it ends with the job. */
  get persists(): boolean {
    return !this.finished;
  }

  /** Takes over a state, in place of {@link start}. */
  restore(snapshot: unknown): void {
    const { bound, latest, eventTime, marks, times, ended, turns, own } = snapshot as SubtaskState;
    const { inputs } = this;
    this.bound = bound;
    this.#latest = latest;
    this.#eventTime = eventTime;
    inputs.forEach((channel, i) => {
      channel.mark = marks[i]!;
      channel.time = times[i]!;
      channel.ended = ended[i]!;
    });
    this.outputs.forEach((output, i) => {
      output.turn = turns[i]! % output.channels.length;
    });
    this.restoreState(own);
  }

  /** Goes on, once all subtasks are restored. */
  resume(): void {
    const { inputs } = this;
    if (inputs.length > 0 && inputs.every((channel) => channel.ended)) this.finish();
    // There may be work that no frame announces: a replay in the middle of its records.
    else this.wake();
  }

  /** Sends a record to the edges of the main output (`tag` null) or of a side output. */
  send(value: unknown, epoch: number, timestamp: number, tag: string | null = null): void {
    for (const output of this.outputs) {
      if (output.tag === tag) output.record(value, epoch, timestamp);
    }
  }

  /**
   * Sends an epoch watermark to everyone downstream in the loop. Other threads can begin to work
   * before this one goes on.
   */
  protected sendWatermark(epoch: number): void {
    this.sendToAll(WATERMARK, undefined, epoch, (output) => output.hasEpochs);
  }

  /** Sends a frame to all channels of some outputs: first to other threads, at once, then here. */
  protected sendToAll(
    kind: number,
    value: unknown,
    epoch: number,
    goes: (output: OutEdge) => boolean,
  ): void {
    let isRemote = false;
    for (const output of this.outputs) {
      if (output.remote.length === 0 || !goes(output)) continue;
      isRemote = true;
      for (const channel of output.remote) channel.send(kind, value, epoch, Number.NaN);
    }
    if (isRemote) this.scheduler.publish();
    for (const output of this.outputs) {
      if (output.local.length === 0 || !goes(output)) continue;
      for (const channel of output.local) channel.send(kind, value, epoch, Number.NaN);
    }
  }

  /** Sends an event-time watermark to everyone downstream; it does not enter a loop. */
  sendEventTime(time: number): void {
    for (const output of this.outputs) {
      if (output.crossing === 'none') output.control(EVENT_TIME, 0, time);
    }
  }

  /** Ends all outputs; nothing may follow. */
  protected finish(): void {
    if (this.finished) return;
    this.finished = true;
    for (const output of this.outputs) output.control(END_OF_INPUT, END_EPOCH);
    this.close();
  }

  #onWatermark(channel: InChannel, epoch: number): void {
    if (epoch < channel.mark) {
      throw new IterationError(
        `${this.node.name}: epoch watermarks must not go back, got ${epoch} after ${channel.mark}.`,
      );
    }
    channel.mark = epoch;
    if (epoch < END_EPOCH) this.#latest = Math.max(this.#latest, epoch);
    this.#advance();
  }

  #onEnd(channel: InChannel): void {
    channel.ended = true;
    this.#advance();
    this.#onEventTime(channel, Number.POSITIVE_INFINITY);
    if (this.hasEnded(channel.input)) this.onInputEnd(channel.input);
    if (this.inputs.every((input) => input.ended)) this.finish();
  }

  #onEventTime(channel: InChannel, time: number): void {
    channel.time = Math.max(channel.time, time);
    let least = Number.POSITIVE_INFINITY;
    for (const input of this.inputs) least = Math.min(least, input.time);
    if (least <= this.#eventTime) return;
    this.#eventTime = least;
    this.onEventTime(least);
  }

  /** Whether all channels of an input have ended. */
  protected hasEnded(input: number): boolean {
    return this.inputs.every((channel) => channel.input !== input || channel.ended);
  }

  #advance(): void {
    let bound = END_EPOCH;
    let explicit = false;
    for (const { mark, ended } of this.inputs) {
      if (mark >= END_EPOCH) explicit = true;
      if (!ended && mark < bound) bound = mark;
    }
    // Other channels may be ahead of the one that was waited for: no epoch is left out.
    const last = Math.min(bound, this.#latest);
    while (this.bound < last) {
      this.bound++;
      this.onBound(this.bound, true);
    }
    if (bound <= this.bound) return;
    this.bound = bound;
    this.onBound(bound, explicit);
  }
}
