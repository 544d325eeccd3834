/** The way out of a subtask: one edge of the plan, and how its records choose among the channels. */
import type { OutChannel } from './channel.js';
import { SharedEncoder } from './encoder.js';
import { RECORD } from './frame.js';
import { hashKey, type KeyOf } from './keys.js';
import type { EdgePlan, NodePlan } from './plan.js';

/** Where an edge leads, seen from the loops that its ends are in. */
type Crossing = 'none' | 'enters' | 'leaves';

function crossingOf(from: NodePlan, to: NodePlan): Crossing {
  if (from.loop === to.loop) return 'none';
  return from.loop === null ? 'enters' : 'leaves';
}

/** One out edge of a subtask and its channels, in order of the consumer's subtasks. */
export class OutEdge {
  readonly edge: EdgePlan;
  readonly channels: readonly OutChannel[];
  /** An edge that leaves a loop strips epochs, one that enters it drops event time. */
  readonly crossing: Crossing;
  /** The side output that it carries, null for the main one; undefined: no data, see `kind`. */
  readonly tag: string | null | undefined;
  /** The key of a record, when the edge partitions by key; set once its selector is loaded. */
  keyOf: KeyOf | null = null;
  /** Whose turn it is when records go by turns. */
  turn: number;
  /** Records that were sent, once for each channel. */
  records = 0;
  /**
   * The channels to other threads, and those on this one. What goes to all goes to other threads first:
   * what follows on this one may take long.
   */
  readonly remote: readonly OutChannel[];
  readonly local: readonly OutChannel[];

  constructor(
    edge: EdgePlan,
    channels: readonly OutChannel[],
    subtask: number,
    from: NodePlan,
    to: NodePlan,
  ) {
    this.edge = edge;
    this.channels = channels;
    this.remote = channels.filter(({ isRemote }) => isRemote);
    this.local = channels.filter(({ isRemote }) => !isRemote);
    this.crossing = crossingOf(from, to);
    this.tag = edge.kind === 'data' ? edge.tag : undefined;
    this.turn = subtask % channels.length;
  }

  /** Whether epoch watermarks go this way. */
  get hasEpochs(): boolean {
    return this.edge.kind !== 'align' && this.crossing === 'none';
  }

  record(value: unknown, recordEpoch: number, timestamp: number): void {
    const epoch = this.crossing === 'leaves' ? 0 : recordEpoch;
    const { channels } = this;
    this.records++;
    if (channels.length === 1) {
      channels[0]!.send(RECORD, value, epoch, timestamp);
    } else if (this.edge.partitioner === 'rebalance') {
      channels[this.turn]!.send(RECORD, value, epoch, timestamp);
      this.turn = (this.turn + 1) % channels.length;
    } else if (this.edge.partitioner === 'hash') {
      const owner = hashKey(this.keyOf!(value)) % channels.length;
      channels[owner]!.send(RECORD, value, epoch, timestamp);
    } else {
      // Encoded once, for all channels that leave the thread.
      this.records += channels.length - 1;
      const encoded = new SharedEncoder(value);
      for (const channel of this.remote) channel.send(RECORD, value, epoch, timestamp, encoded);
      for (const channel of this.local) channel.send(RECORD, value, epoch, timestamp);
    }
  }

  /** The same frame to all channels. */
  control(kind: number, epoch: number, timestamp: number = Number.NaN): void {
    for (const channel of this.remote) channel.send(kind, undefined, epoch, timestamp);
    for (const channel of this.local) channel.send(kind, undefined, epoch, timestamp);
  }

  blocked(): boolean {
    for (const channel of this.channels) if (channel.blocked()) return true;
    return false;
  }
}
