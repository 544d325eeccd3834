/**
 * The loop of one endpoint: it runs the subtasks that live on its thread until all have finished. The same loop runs on workers, where it blocks when idle, and on the main thread,
 * where it must not.
 */
import { invariant } from '../core/errors.js';
import type { Bell } from '../memory/doorbell.js';
import { Region } from '../memory/ring.js';
import type { SpillSpace } from './cache/spill-space.js';
import { frameWeight, type InChannel, type Link, type RemoteChannel } from './channel.js';
import { Cut, decodeState, type SnapshotCollector, stateKey } from './checkpoint/cut.js';
import { Preparation } from './checkpoint/preparation.js';
import { decode } from './decoder.js';
import {
  CHECKPOINT,
  type EndpointSpec,
  PREPARE,
  type RestoredEndpoint,
  STOP,
} from './endpoint-spec.js';
import { BARRIER, ENDS_EPOCH, KIND, LARGE, LEFT, RECORD, TIMED, WATERMARK } from './frame.js';
import { EndpointMetrics, sharedNow } from './metrics.js';
import type { NodePlan } from './plan.js';
import type { Shard, ShardRef } from './shard.js';
import type { Scheduler, Subtask } from './subtask.js';
import { Timers } from './timers.js';
import { type Inbound, Wiring } from './wiring.js';

/** Makes the subtask of a node; operators' modules are imported by then. */
export type SubtaskFactory = (node: NodePlan, index: number, scheduler: Scheduler) => Subtask;

/** Frames taken from a ring before what they led to is published. */
const FRAMES_PER_STEP = 128;
/**
 * Steps that share one look at the clock for subtasks that are blocked: a look costs as much as a
 * record. Odd, since producer and consumer on one thread take turns: either may be the one to look.
 */
const STEPS_PER_TIME = 13;

export class TaskLoop implements Scheduler {
  /** What this endpoint sleeps on. */
  readonly doorbell: Bell;
  readonly #spec: EndpointSpec;
  readonly #space: SpillSpace;
  readonly #control: Int32Array;
  readonly #inbound: readonly Inbound[];
  readonly #links: readonly (Link | null)[];
  /** By channel id; only those that end here. */
  readonly #in: readonly InChannel[];
  /** Channels that have frames which found no room. */
  readonly #waiting: RemoteChannel[];
  readonly #subtasks: readonly Subtask[];
  #ready: Subtask[] = [];
  /** The other of two arrays that take turns as the queue. */
  #spare: Subtask[] = [];
  #stalled: Subtask[] = [];
  readonly #timers = new Timers();
  /** Makes memory ready for the first checkpoint. */
  #preparation: Preparation | null = null;
  /** The last request, and the cut while it is not complete. */
  #lastCheckpoint = 0;
  #cut: Cut<Inbound> | null = null;
  #left = false;
  #failure: { readonly reason: unknown } | null = null;
  readonly #metrics: EndpointMetrics;
  /** The time that steps share; 0: to be looked at when it is needed. */
  #now = 0;
  #untilLook = STEPS_PER_TIME;

  /** @param space What the subtasks keep their records in; closed with the loop. */
  constructor(spec: EndpointSpec, space: SpillSpace, makeSubtask: SubtaskFactory) {
    this.#spec = spec;
    this.#space = space;
    this.#control = new Int32Array(spec.control);
    const wiring = new Wiring(spec, (node, index) => makeSubtask(node, index, this));
    this.doorbell = wiring.doorbell;
    this.#inbound = wiring.inbound;
    this.#links = wiring.links;
    this.#in = wiring.inputs;
    this.#waiting = wiring.waiting;
    this.#subtasks = wiring.subtasks;
    this.#metrics = new EndpointMetrics(spec, space);
    for (const subtask of this.#subtasks) this.#metrics.connect(subtask);
    if (spec.restored === null) return;
    const { states } = spec.restored;
    for (const subtask of this.#subtasks) {
      subtask.finished = !Object.hasOwn(states, stateKey(subtask.node.id, subtask.index));
    }
  }

  get subtasks(): readonly Subtask[] {
    return this.#subtasks;
  }

  /** Everything has been handled and sent, and the others know that this endpoint leaves. */
  get done(): boolean {
    return this.#left && this.#links.every((link) => !link?.waiting);
  }

  /** The job has failed or is aborted: the endpoint is to leave. */
  get stopped(): boolean {
    return Atomics.load(this.#control, STOP) !== 0;
  }

  /** Milliseconds until the next timer is due; Infinity when there is none. */
  get untilTimer(): number {
    return this.#timers.untilNext;
  }

  wakeAt(subtask: Subtask, time: number): void {
    this.#timers.add(subtask, time);
  }

  onEpoch(loop: number, epoch: number): void {
    this.#metrics.onEpoch(loop, epoch);
    const { everyEpochs, snapshots } = this.#spec;
    if (everyEpochs !== null && (epoch + 1) % everyEpochs === 0) snapshots?.epochs();
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
  }

  ready(subtask: Subtask): void {
    if (subtask.queued) return;
    subtask.queued = true;
    this.#ready.push(subtask);
    // On the main thread work also comes from sources and readers of outputs, while the loop sleeps.
    this.doorbell.ring();
  }

  start(): void {
    if (this.#spec.restored === null) for (const subtask of this.#subtasks) subtask.start();
    this.#metrics.storeAll();
    this.publish();
  }

  /**
   * Takes over a checkpoint, after operators are open and in place of their start.
   *
   * @param shards Finds a shard that lies on this endpoint.
   */
  restore({ states, frames }: RestoredEndpoint, shards: (ref: ShardRef) => Shard): void {
    for (const subtask of this.#subtasks) {
      if (subtask.finished) continue;
      const bytes = states[stateKey(subtask.node.id, subtask.index)]!;
      subtask.restore(decodeState(bytes, shards));
    }
    for (const { channel: id, kind, epoch, timestamp, bytes } of frames) {
      const channel = this.#in[id]!;
      const value = bytes === null ? undefined : decodeState(bytes, shards);
      channel.consumer.deliver({ channel, kind, value, epoch, timestamp, weight: 0 });
    }
    for (const subtask of this.#subtasks) if (!subtask.finished) subtask.resume();
  }

  /** Does what can be done now. Returns whether there was anything. */
  step(): boolean {
    let progress = this.#spec.snapshots !== null && this.#checkRequest(this.#spec.snapshots);
    progress = this.#drain() || progress;
    progress = this.#flush() || progress;
    progress = this.#timers.run() || progress;
    progress = this.#runReady() || progress;
    if (this.#failure !== null) throw this.#failure.reason;
    if (!this.#left && this.#isOver()) this.#leave();
    this.publish();
    this.#metrics.onStep(progress);
    // After a step without progress the thread may sleep.
    if (!progress || --this.#untilLook === 0) {
      this.#now = 0;
      this.#untilLook = STEPS_PER_TIME;
    }
    return progress;
  }

  /** Makes all frames written so far visible to their consumers. */
  publish(): void {
    for (const link of this.#links) link?.publish();
  }

  /** Whether {@link step} would find something: asked while spinning, and before parking. */
  hasWork(): boolean {
    for (const { reader } of this.#inbound) if (reader.hasFrame()) return true;
    return (
      this.stopped ||
      this.#ready.length > 0 ||
      this.#canResume() ||
      this.#timers.untilNext === 0 ||
      this.#preparation !== null ||
      this.#isAskedForCheckpoint()
    );
  }

  /** Closes all operators that are still open. What they throw comes too late to matter. */
  close(): void {
    for (const subtask of this.#subtasks) {
      try {
        subtask.close();
      } catch {
        // The job has failed or is stopped: that is what its caller learns.
      }
    }
    this.#space.close();
    this.#metrics.storeAll();
  }

  /** Before the thread sleeps: nothing is shown while it does. */
  rest(): void {
    this.#metrics.storeMemory();
  }

  #time(): number {
    if (this.#now === 0) this.#now = sharedNow();
    return this.#now;
  }

  #canResume(): boolean {
    for (const subtask of this.#stalled) if (!subtask.blocked()) return true;
    for (const channel of this.#waiting) if (channel.canTransmit()) return true;
    for (const link of this.#links) if (link?.waiting && link.hasRoom(0)) return true;
    return false;
  }

  /** Nothing is left to do here, and no checkpoint waits for this endpoint. */
  #isOver(): boolean {
    return (
      this.#subtasks.every((subtask) => subtask.finished) &&
      this.#waiting.length === 0 &&
      this.#cut === null &&
      !this.#keepsResults()
    );
  }

  /** While others work, checkpoints are taken, and those have the outputs that are collected here. */
  #keepsResults(): boolean {
    if (this.#spec.snapshots === null || this.#inbound.every(({ left }) => left)) return false;
    return this.#subtasks.some((subtask) => subtask.persists);
  }

  #leave(): void {
    this.#left = true;
    this.#spec.snapshots?.left();
    for (const link of this.#links) link?.leave();
  }

  #isAskedForCheckpoint(): boolean {
    return !this.#left && Atomics.load(this.#control, CHECKPOINT) !== this.#lastCheckpoint;
  }

  /** Does what checkpoints need now. Returns whether there was anything. */
  #checkRequest(snapshots: SnapshotCollector): boolean {
    if (this.#isAskedForCheckpoint()) {
      const id = Atomics.load(this.#control, CHECKPOINT);
      if (id === PREPARE) this.#beginPreparation(snapshots);
      else this.#beginCheckpoint(id, snapshots);
      return true;
    }
    if (this.#preparation === null) return false;
    if (this.#preparation.step()) this.#preparation = null;
    return true;
  }

  #beginPreparation(snapshots: SnapshotCollector): void {
    this.#lastCheckpoint = PREPARE;
    const persisted = this.#subtasks.filter(({ persists }) => persists);
    const sizes = persisted.map((subtask) => subtask.stateBytes());
    this.#preparation = new Preparation(sizes, snapshots);
  }

  /** The cut: from here on, what the subtasks do is no part of the checkpoint. */
  #beginCheckpoint(id: number, snapshots: SnapshotCollector): void {
    invariant(this.#cut === null, `checkpoint ${id} began before ${this.#cut?.id} was complete`);
    this.#lastCheckpoint = id;
    const rings = this.#inbound.filter(({ left }) => !left);
    const cut = new Cut<Inbound>(id, this.#spec.endpoint, snapshots, rings);
    cut.take(this.#subtasks, this.#waiting);
    for (const link of this.#links) link?.barrier(id);
    this.#cut = cut.finish() ? null : cut;
  }

  /** All others have left, and all frames are handled: what the outputs and sinks have is the rest. */
  takeLast(id: number, collector: SnapshotCollector): void {
    const cut = new Cut<Inbound>(id, this.#spec.endpoint, collector, []);
    cut.take(this.#subtasks, []);
    cut.finish();
  }

  #onLinkFrame(inbound: Inbound, kind: number, id: number): void {
    if (kind === LEFT) {
      inbound.left = true;
      inbound.link.close();
    } else if (this.#cut?.id !== id && this.#lastCheckpoint !== id && !this.#left) {
      this.#beginCheckpoint(id, this.#spec.snapshots!);
    }
    if (this.#cut?.close(inbound) === true) this.#cut = null;
  }

  /** Moves what has arrived into inboxes. */
  #drain(): boolean {
    let progress = false;
    for (const inbound of this.#inbound) {
      const { reader } = inbound;
      if (!reader.hasFrame()) continue;
      progress = true;
      for (let left = FRAMES_PER_STEP; left > 0 && !this.stopped && reader.next(); left--) {
        this.#route(inbound);
      }
      if (reader.release()) inbound.producer.ring();
    }
    return progress;
  }

  #route(inbound: Inbound): void {
    const { reader, memory } = inbound;
    const { epoch } = reader;
    const kind = reader.kind & KIND;
    if (kind >= BARRIER) {
      this.#onLinkFrame(inbound, kind, epoch);
      return;
    }
    const channel = this.#in[reader.channel];
    invariant(channel !== undefined, `no channel ${reader.channel} on this endpoint`);
    let { region, offset, length: bytes } = reader;
    let timestamp = Number.NaN;
    if ((reader.kind & TIMED) !== 0) {
      timestamp = region.f64[offset >> 3]!;
      offset += 8;
      bytes -= 8;
    }
    const endsEpoch = (reader.kind & ENDS_EPOCH) !== 0;
    const large = (reader.kind & LARGE) !== 0;
    if (large) {
      bytes = region.f64[(offset >> 3) + 1]!;
      region = new Region(memory, region.f64[offset >> 3]!, bytes);
      offset = 0;
    }
    if (this.#cut?.logs(inbound) === true) {
      const copy =
        kind === RECORD ? new Uint8Array(region.bytes.subarray(offset, offset + bytes)) : null;
      this.#cut.logArrived(reader.channel, kind, epoch, timestamp, copy);
      if (endsEpoch) this.#cut.logArrived(reader.channel, WATERMARK, epoch, Number.NaN, null);
    }
    const { consumer } = channel;
    const direct = consumer.isDirect(channel);
    const inPlace = direct && consumer.readsInPlace && kind === RECORD && !large;
    const value = kind === RECORD ? decode(region, offset, inPlace) : undefined;
    if (large) reader.releaseLarge();
    const weight = frameWeight(bytes);
    if (!direct) consumer.deliver({ channel, kind, value, epoch, timestamp, weight });
    else consumer.handleDirect(channel, kind, value, epoch, timestamp, weight);
    if (endsEpoch) {
      consumer.receive(channel, WATERMARK, undefined, epoch, Number.NaN, frameWeight(0));
    }
    if (!inPlace) return;
    // Handling may have taken long, and the rest of the ring may take as long again.
    if (reader.release()) inbound.producer.ring();
    this.publish();
  }

  #flush(): boolean {
    let progress = false;
    for (const link of this.#links) if (link?.waiting) progress = link.flush() || progress;
    if (this.#waiting.length > 0) progress = this.#flushWaiting() || progress;
    if (this.#stalled.length === 0) return progress;
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const subtask of stalled) {
      if (subtask.blocked()) {
        this.#stalled.push(subtask);
        continue;
      }
      subtask.stalled = false;
      subtask.counters.unblock(this.#time());
      this.ready(subtask);
    }
    return progress;
  }

  #flushWaiting(): boolean {
    let progress = false;
    for (const channel of this.#waiting.splice(0)) {
      progress = channel.flush() || progress;
      if (channel.waiting) this.#waiting.push(channel);
    }
    return progress;
  }

  #stall(subtask: Subtask): void {
    if (subtask.stalled) return;
    subtask.stalled = true;
    subtask.counters.block(this.#time());
    this.#stalled.push(subtask);
  }

  #runReady(): boolean {
    const ready = this.#ready;
    if (ready.length === 0) return false;
    this.#ready = this.#spare;
    for (const subtask of ready) {
      subtask.queued = false;
      subtask.run();
      if (!subtask.hasWork) continue;
      if (subtask.blocked()) this.#stall(subtask);
      else this.ready(subtask);
    }
    ready.length = 0;
    this.#spare = ready;
    return true;
  }
}
