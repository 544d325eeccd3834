/**
 * One thread's part of a consistent snapshot, after Chandy and Lamport (ACM TOCS 3(1), 1985).
 *
 * The cut of a thread is a moment between two frames. At that moment all its subtasks give their
 * state, the frames that wait for them are copied, and a barrier goes out on every ring. What still
 * arrives on a ring before its barrier was sent before the cut of its sender: it is in the state of
 * neither side and is logged here, while it is handled as ever. Nothing waits for anything, so
 * neither a loop nor a slow reader can hold up a checkpoint, and a checkpoint holds up nothing but
 * for the copying.
 *
 * ```text
 *   thread A   ──r1──r2──┃cut──r3──▶            state A: r1 r2 sent, r4 not yet come
 *                   ╲     ╲ barrier
 *   thread B   ──────r1────╲─r2────┃cut──r3──▶  r2 came before the cut of B: in the state of B
 *
 *   thread A   ──────┃cut──r4──▶                r4 came after the cut of A and before the barrier
 *                    ╱   ╱ barrier                of B: in the log of A, as state of the channel
 *   thread B   ────r4──┃cut──▶
 * ```
 *
 * A frame's way back through a feedback edge is within one thread, so what is in flight there lies
 * in the queue of the head and is copied with it.
 */
import { Region } from '../../memory/ring.js';
import type { RemoteChannel } from '../channel.js';
import { decode } from '../decoder.js';
import { Encoder } from '../encoder.js';
import { type Frame, RECORD } from '../frame.js';
import type { Shard, ShardRef } from '../shard.js';
import type { Subtask } from '../subtask.js';

/** A named piece of a checkpoint. */
export interface SnapshotPart {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Shards that the bytes refer to, which are to be placed again before they are read. */
  readonly shards: readonly ShardRef[];
  /** To be called when nobody reads the bytes any more: their memory serves the next checkpoint. */
  readonly release: () => void;
}

/** Who collects the parts of an endpoint. */
export interface SnapshotCollector {
  /** Memory for a part, of so many bytes at least; what is in it is of no account. */
  allocate(bytes: number): ArrayBuffer;
  /** Takes the memory of a part back. */
  release(buffer: ArrayBuffer): void;
  /** Memory for the endpoint's parts is ready, as it was asked for before the first checkpoint. */
  prepared(): void;
  part(id: number, part: SnapshotPart | Promise<SnapshotPart>): void;
  /** The endpoint's part is complete, its promised parts apart. @param pauseMs How long it stood. */
  done(id: number, pauseMs: number): void;
  /** An iteration has made `everyEpochs` rounds more. */
  epochs(): void;
  /** The endpoint has left the job: it takes part in no further checkpoint. */
  left(): void;
}

/** A frame that was on its way: channel, kind, epoch, timestamp, and the encoded record or null. */
type LoggedFrame = readonly [number, number, number, number, Uint8Array | null];

/** The frames that an endpoint's part has. Those that waited at their producer come last. */
interface LoggedFrames {
  readonly arrived: readonly LoggedFrame[];
  readonly waiting: readonly LoggedFrame[];
}

/** A frame of a checkpoint, with the channel that it was on. */
export interface RestoredFrame {
  readonly channel: number;
  readonly kind: number;
  readonly epoch: number;
  readonly timestamp: number;
  readonly bytes: Uint8Array | null;
}

export const stateKey = (node: number, subtask: number): string => `state/${node}/${subtask}`;
const FRAMES = 'frames/';

/** The subtask whose state a part is; null for frames. */
export function ownerOf(key: string): { readonly node: number; readonly subtask: number } | null {
  if (key.startsWith(FRAMES)) return null;
  const [, node, subtask] = key.split('/').map(Number);
  return { node: node!, subtask: subtask! };
}

/** A value in the form of wire.ts. */
export function encodeState(
  value: unknown,
  refs: ShardRef[],
  allocate: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder(value, refs);
  const buffer = allocate(encoder.bytes);
  encoder.writeTo(new Region(buffer, 0, encoder.bytes), 0);
  return new Uint8Array(buffer, 0, encoder.bytes);
}

/** @param bytes At an offset of its buffer that is a multiple of 8. */
export function decodeState(bytes: Uint8Array, shards: (ref: ShardRef) => Shard): unknown {
  const region = new Region(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return decode(region, 0, false, shards);
}

/** A cut that is being completed. `Ring` tells the rings apart whose barriers have to come. */
export class Cut<Ring> {
  readonly id: number;
  readonly #endpoint: number;
  readonly #collector: SnapshotCollector;
  readonly #open: Set<Ring>;
  readonly #arrived: LoggedFrame[] = [];
  readonly #waiting: LoggedFrame[] = [];
  readonly #shards: ShardRef[] = [];
  #pauseMs = 0;

  constructor(id: number, endpoint: number, collector: SnapshotCollector, rings: Iterable<Ring>) {
    this.id = id;
    this.#endpoint = endpoint;
    this.#collector = collector;
    this.#open = new Set(rings);
  }

  /** The cut itself. The barriers are to be sent before anything else is. */
  take(subtasks: readonly Subtask[], channels: readonly RemoteChannel[]): void {
    const start = performance.now();
    for (const subtask of subtasks) {
      if (subtask.persists) this.#takeSubtask(subtask);
    }
    for (const channel of channels) {
      for (const frame of channel.waitingFrames()) this.#waiting.push(this.#log(channel.id, frame));
    }
    this.#pauseMs = performance.now() - start;
  }

  /** Whether frames of that ring belong to the cut. */
  logs(ring: Ring): boolean {
    return this.#open.has(ring);
  }

  /** A frame has arrived that was sent before its sender's cut; its bytes are kept as they are. */
  logArrived(
    channel: number,
    kind: number,
    epoch: number,
    timestamp: number,
    bytes: Uint8Array | null,
  ): void {
    this.#arrived.push([channel, kind, epoch, timestamp, bytes]);
  }

  /** The ring's barrier has come, or nothing comes from it any more. Returns whether all have. */
  close(ring: Ring): boolean {
    this.#open.delete(ring);
    return this.finish();
  }

  /** Hands out what is complete. Returns whether it was. */
  finish(): boolean {
    if (this.#open.size > 0) return false;
    const frames: LoggedFrames = { arrived: this.#arrived, waiting: this.#waiting };
    if (this.#arrived.length + this.#waiting.length > 0) {
      const part = this.#encodePart(`${FRAMES}${this.#endpoint}`, frames);
      this.#collector.part(this.id, { ...part, shards: this.#shards });
    }
    this.#collector.done(this.id, this.#pauseMs);
    return true;
  }

  #takeSubtask(subtask: Subtask): void {
    const key = stateKey(subtask.node.id, subtask.index);
    const state = subtask.snapshot();
    const prepared = subtask.prepare(this.id);
    const part =
      prepared === null
        ? this.#encodePart(key, state)
        : prepared.then((own) => this.#encodePart(key, { ...state, own }));
    this.#collector.part(this.id, part);
    for (const delivery of subtask.frames()) {
      this.#arrived.push(this.#log(delivery.channel.plan.id, delivery));
    }
  }

  #encodePart(key: string, value: unknown): SnapshotPart {
    const shards: ShardRef[] = [];
    const bytes = encodeState(value, shards, (size) => this.#collector.allocate(size));
    return { key, bytes, shards, release: () => this.#collector.release(bytes.buffer) };
  }

  #log(channel: number, { kind, value, epoch, timestamp }: Frame): LoggedFrame {
    const bytes = kind === RECORD ? encodeState(value, this.#shards) : null;
    return [channel, kind, epoch, timestamp, bytes];
  }
}

/** The frames of all endpoints of a checkpoint, those of each channel in order. */
export function framesOf(parts: ReadonlyMap<string, Uint8Array>): RestoredFrame[] {
  const none = () => {
    throw new Error('frames are copies, never references');
  };
  const logs = [...parts]
    .filter(([key]) => key.startsWith(FRAMES))
    .map(([, bytes]) => decodeState(bytes, none) as LoggedFrames);
  const all = [...logs.flatMap(({ arrived }) => arrived), ...logs.flatMap((log) => log.waiting)];
  return all.map(([channel, kind, epoch, timestamp, bytes]) => ({
    channel,
    kind,
    epoch,
    timestamp,
    bytes,
  }));
}
