/**
 * Drives one subtask of the engine by hand: frames in, what it sends out as text.
 *
 * ```text
 * rec(7,e0)      a record of epoch 0; rec(7,e0,t5) with an event time
 * wm(0)          an epoch watermark; wm(END), wm(MAX)
 * report(1,3)    a head to its aligner: epoch 1, 3 records
 * answer(1,go)   an aligner to its heads; answer(1,over)
 * end            the end of the stream
 * ```
 */
import type { Delivery, OutChannel } from '../../../src/engine/channel.js';
import { InChannel } from '../../../src/engine/channel.js';
import { decodeState, encodeState } from '../../../src/engine/checkpoint/cut.js';
import {
  END_EPOCH,
  END_OF_INPUT,
  EVENT_TIME,
  FINAL_EPOCH,
  RECORD,
  WATERMARK,
} from '../../../src/engine/frame.js';
import { OutEdge } from '../../../src/engine/out-edge.js';
import type { EdgeKind, EdgePlan, KeyPlan, NodePlan } from '../../../src/engine/plan.js';
import type { Scheduler, Subtask } from '../../../src/engine/subtask.js';

export const NODE: NodePlan = {
  id: 0,
  kind: 'operator',
  name: 'driven',
  parallelism: 1,
  on: 'workers',
  loop: 0,
  operator: null,
  lifecycle: 'allRound',
  feedback: null,
};

/** One input channel: which input, and which node it comes from. */
export interface InputSpec {
  readonly input: number;
  readonly from?: number;
  readonly kind?: EdgeKind;
  readonly key?: KeyPlan | null;
}

const edge = (id: number, part: Partial<EdgePlan>): EdgePlan => ({
  id,
  from: 1,
  to: 0,
  input: 0,
  partitioner: 'gather',
  kind: 'data',
  tag: null,
  key: null,
  ...part,
});

const epochText = (epoch: number): string =>
  epoch === END_EPOCH ? 'END' : epoch === FINAL_EPOCH ? 'MAX' : String(epoch);

function sentText(kind: EdgeKind, frame: number, value: unknown, epoch: number, time: number) {
  if (frame === WATERMARK) return `wm(${epochText(epoch)})`;
  if (frame === END_OF_INPUT) return 'end';
  if (frame === EVENT_TIME) return `time(${time})`;
  if (kind === 'align' && typeof value === 'boolean') {
    return `answer(${epoch},${value ? 'over' : 'go'})`;
  }
  if (kind === 'align') return `report(${epoch},${String(value)})`;
  const timed = Number.isNaN(time) ? '' : `,t${time}`;
  return `rec(${String(value)},e${epochText(epoch)}${timed})`;
}

/** The state and the frames of a subtask, as a checkpoint keeps them. */
export interface Saved {
  readonly state: Uint8Array;
  readonly frames: readonly {
    readonly channel: number;
    readonly kind: number;
    readonly epoch: number;
    readonly timestamp: number;
    readonly value: Uint8Array | null;
  }[];
}

const noShards = () => {
  throw new Error('there are no shards here');
};

export class Harness<S extends Subtask> implements Scheduler {
  readonly stopped: boolean = false;
  readonly subtask: S;
  /** What was sent on outputs of data and of reports, since it was taken last. */
  #sent: string[] = [];
  /** Frames that may be sent before the outputs are full. */
  room: number = Number.POSITIVE_INFINITY;
  readonly #channels: readonly InChannel[];

  /** @param outputs Kinds of the output edges. */
  constructor(
    make: (scheduler: Scheduler) => S,
    inputs: readonly InputSpec[],
    outputs: readonly EdgeKind[] = ['data'],
  ) {
    this.subtask = make(this);
    this.#channels = inputs.map(({ input, from = 1, kind = 'data', key = null }, id) => {
      const plan = {
        id,
        edge: edge(id, { input, from, kind, key }),
        fromSubtask: 0,
        toSubtask: 0,
        fromEndpoint: 0,
        toEndpoint: 0,
      };
      return new InChannel(plan, this.subtask, null, null);
    });
    this.subtask.inputs.push(...this.#channels);
    this.subtask.outputs.push(...outputs.map((kind) => this.#output(kind)));
  }

  // The scheduler: `run` is called after every frame anyway.
  ready(): void {}
  wakeAt(): void {}
  onEpoch(): void {}
  publish(): void {}
  fail(error: unknown): void {
    throw error;
  }

  start(): this {
    this.subtask.start();
    return this;
  }

  /** A frame arrives, and is not handled yet. */
  arrive(
    channel: number,
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number = Number.NaN,
  ): this {
    const delivery: Delivery = {
      channel: this.#channels[channel]!,
      kind,
      value,
      epoch,
      timestamp,
      weight: 0,
    };
    this.subtask.deliver(delivery);
    return this;
  }

  record(channel: number, value: unknown, epoch: number, timestamp?: number): this {
    return this.arrive(channel, RECORD, value, epoch, timestamp).run();
  }

  watermark(channel: number, epoch: number): this {
    return this.arrive(channel, WATERMARK, undefined, epoch).run();
  }

  end(channel: number): this {
    return this.arrive(channel, END_OF_INPUT, undefined, END_EPOCH).run();
  }

  /** Handles all that can be handled. */
  run(): this {
    do this.subtask.run();
    while (this.subtask.hasWork && !this.subtask.blocked());
    return this;
  }

  /** What was sent since the last call. */
  sent(): string[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  /** A checkpoint: its state, and the frames that wait for it, as bytes. */
  save(): Saved {
    const state = encodeState(this.subtask.snapshot(), []);
    const frames = [...this.subtask.frames()].map(({ channel, kind, epoch, timestamp, value }) => ({
      channel: channel.plan.id,
      kind,
      epoch,
      timestamp,
      value: kind === RECORD ? encodeState(value, []) : null,
    }));
    return { state, frames };
  }

  /** A new subtask takes over, in place of its start; its frames wait until {@link run}. */
  restore({ state, frames }: Saved): this {
    this.subtask.restore(decodeState(state, noShards));
    for (const { channel, kind, epoch, timestamp, value } of frames) {
      const decoded = value === null ? undefined : decodeState(value, noShards);
      this.arrive(channel, kind, decoded, epoch, timestamp);
    }
    return this;
  }

  #output(kind: EdgeKind): OutEdge {
    const channel: OutChannel = {
      isRemote: false,
      send: (frame, value, epoch, time) => {
        this.room--;
        this.#sent.push(sentText(kind, frame, value, epoch, time));
      },
      blocked: () => this.room <= 0,
    };
    const plan = edge(100, { kind, partitioner: 'gather' });
    return new OutEdge(plan, [channel], 0, NODE, NODE);
  }
}
