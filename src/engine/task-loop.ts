/**
 * The loop of one endpoint: it wires the subtasks that live on its thread and runs them until all
 * have finished. The same loop runs on workers, where it blocks when idle, and on the main thread,
 * where it must not.
 */
import { invariant } from '../core/errors.js';
import type { Arena } from '../memory/arena.js';
import { type Bell, Doorbell, LocalBell } from '../memory/doorbell.js';
import type { Kernels } from '../memory/kernels.js';
import { endpointLayout } from '../memory/layout.js';
import { Region, RingReader, RingWriter } from '../memory/ring.js';
import {
  CREDIT_WORDS,
  frameWeight,
  InChannel,
  Link,
  LocalChannel,
  type OutChannel,
  RemoteChannel,
} from './channel.js';
import { decode } from './decoder.js';
import { LARGE, RECORD } from './frame.js';
import { type ChannelPlan, channelsOf, endpointOf, type NodePlan, type Plan } from './plan.js';
import { Output, type Scheduler, type Subtask } from './subtask.js';

/** What an endpoint needs to take part in a job. */
export interface EndpointSpec {
  readonly plan: Plan;
  /** Number of workers; the main thread is endpoint `workers`. */
  readonly workers: number;
  readonly endpoint: number;
  /** The shared memory of every endpoint. */
  readonly buffers: readonly SharedArrayBuffer[];
  /** One credit line per channel. */
  readonly credits: SharedArrayBuffer;
  /** [0] not zero: the job has failed or is aborted, everyone leaves. */
  readonly control: SharedArrayBuffer;
  readonly kernels: Kernels;
  readonly arena: Arena;
}

/** Makes the subtask of a node; operators' modules are imported by then. */
export type SubtaskFactory = (node: NodePlan, index: number, scheduler: Scheduler) => Subtask;

/** Bytes of the control words. */
export const CONTROL_BYTES = 128;

interface Inbound {
  readonly reader: RingReader;
  readonly producer: Bell;
  readonly memory: SharedArrayBuffer;
}

function openBells({ buffers, workers }: EndpointSpec): Bell[] {
  if (workers === 0) return [new LocalBell()];
  return buffers.map(
    (buffer, endpoint) => new Doorbell(buffer, endpointLayout(endpoint, workers).doorbell),
  );
}

/** Makes every endpoint leave the job; those that sleep are woken. */
export function stopEndpoints(
  control: SharedArrayBuffer,
  buffers: readonly SharedArrayBuffer[],
  workers: number,
): void {
  Atomics.store(new Int32Array(control), 0, 1);
  if (workers === 0) return;
  buffers.forEach((buffer, endpoint) => {
    new Doorbell(buffer, endpointLayout(endpoint, workers).doorbell).ring();
  });
}

export class TaskLoop implements Scheduler {
  /** What this endpoint sleeps on. */
  readonly doorbell: Bell;
  readonly #spec: EndpointSpec;
  readonly #control: Int32Array;
  readonly #doorbells: readonly Bell[];
  readonly #inbound: readonly Inbound[];
  readonly #links: readonly (Link | null)[];
  /** By channel id; only those that end here. */
  readonly #in: InChannel[] = [];
  readonly #remote: RemoteChannel[] = [];
  readonly #subtasks: Subtask[] = [];
  #ready: Subtask[] = [];
  /** The other of two arrays that take turns as the queue. */
  #spare: Subtask[] = [];
  #stalled: Subtask[] = [];

  constructor(spec: EndpointSpec, makeSubtask: SubtaskFactory) {
    this.#spec = spec;
    this.#control = new Int32Array(spec.control);
    this.#doorbells = openBells(spec);
    this.doorbell = this.#doorbells[spec.endpoint]!;
    this.#inbound = this.#openInbound();
    this.#links = this.#openLinks();
    this.#wire(makeSubtask);
  }

  get subtasks(): readonly Subtask[] {
    return this.#subtasks;
  }

  /** Everything has been handled and sent. */
  get done(): boolean {
    return (
      this.#subtasks.every((subtask) => subtask.finished) &&
      this.#remote.every((channel) => !channel.waiting)
    );
  }

  /** The job has failed or is aborted: the endpoint is to leave. */
  get stopped(): boolean {
    return Atomics.load(this.#control, 0) !== 0;
  }

  ready(subtask: Subtask): void {
    if (subtask.queued) return;
    subtask.queued = true;
    this.#ready.push(subtask);
    // On the main thread work also comes from sources and readers of outputs, while the loop sleeps.
    this.doorbell.ring();
  }

  start(): void {
    for (const subtask of this.#subtasks) subtask.start();
    this.publish();
  }

  /** Does what can be done now. Returns whether there was anything. */
  step(): boolean {
    let progress = this.#drain();
    progress = this.#flush() || progress;
    progress = this.#runReady() || progress;
    this.publish();
    return progress;
  }

  /** Makes all frames written so far visible to their consumers. */
  publish(): void {
    for (const link of this.#links) link?.publish();
  }

  /** Whether {@link step} would find something: asked while spinning, and before parking. */
  hasWork(): boolean {
    for (const { reader } of this.#inbound) if (reader.hasFrame()) return true;
    return this.stopped || this.#ready.length > 0 || this.#canResume();
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
  }

  #canResume(): boolean {
    for (const subtask of this.#stalled) if (!subtask.blocked()) return true;
    for (const channel of this.#remote) if (channel.waiting && channel.canTransmit()) return true;
    return false;
  }

  /** Moves what has arrived into inboxes. */
  #drain(): boolean {
    let progress = false;
    for (const inbound of this.#inbound) {
      const { reader } = inbound;
      if (!reader.hasFrame()) continue;
      progress = true;
      while (reader.next()) this.#route(inbound);
      if (reader.release()) inbound.producer.ring();
    }
    return progress;
  }

  #route(inbound: Inbound): void {
    const { reader, memory } = inbound;
    const channel = this.#in[reader.channel];
    invariant(channel !== undefined, `no channel ${reader.channel} on this endpoint`);
    const { consumer } = channel;
    const kind = reader.kind & ~LARGE;
    let value: unknown;
    let inPlace = false;
    let bytes = reader.length;
    if ((reader.kind & LARGE) !== 0) {
      const at = reader.offset >> 3;
      bytes = reader.region.f64[at + 1]!;
      value = decode(new Region(memory, reader.region.f64[at]!, bytes), 0);
      reader.releaseLarge();
    } else if (kind === RECORD) {
      inPlace = consumer.takesInPlace(channel);
      value = decode(reader.region, reader.offset, inPlace);
    }
    const delivery = { channel, kind, value, epoch: reader.epoch, weight: frameWeight(bytes) };
    if (!inPlace) {
      consumer.deliver(delivery);
      return;
    }
    consumer.handleInPlace(delivery);
    // Handling may have taken long, and the rest of the ring may take as long again.
    if (reader.release()) inbound.producer.ring();
    this.publish();
  }

  #flush(): boolean {
    let progress = false;
    for (const channel of this.#remote) {
      if (channel.waiting) progress = channel.flush() || progress;
    }
    if (this.#stalled.length === 0) return progress;
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const subtask of stalled) {
      subtask.stalled = false;
      if (subtask.blocked()) this.#stall(subtask);
      else this.ready(subtask);
    }
    return progress;
  }

  #stall(subtask: Subtask): void {
    if (subtask.stalled) return;
    subtask.stalled = true;
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

  #openInbound(): Inbound[] {
    const { endpoint, workers, buffers } = this.#spec;
    const own = endpointLayout(endpoint, workers);
    return buffers.flatMap((memory, producer) => {
      if (producer === endpoint) return [];
      const ring = own.rings[producer]!;
      const reader = new RingReader(buffers[endpoint]!, ring.address, ring.capacity);
      return [{ reader, memory, producer: this.#doorbells[producer]! }];
    });
  }

  #openLinks(): (Link | null)[] {
    const { endpoint, workers, buffers, arena } = this.#spec;
    return buffers.map((memory, consumer) => {
      if (consumer === endpoint) return null;
      const ring = endpointLayout(consumer, workers).rings[endpoint]!;
      const writer = new RingWriter(memory, ring.address, ring.capacity);
      return new Link(writer, this.#doorbells[consumer]!, arena, buffers[endpoint]!);
    });
  }

  #wire(makeSubtask: SubtaskFactory): void {
    const { plan, workers, endpoint } = this.#spec;
    const byNode = plan.nodes.map((node) => this.#subtasksOf(node, makeSubtask));
    const channels = channelsOf(plan, workers);
    const outs = new Map<string, { edge: ChannelPlan['edge']; channels: OutChannel[] }>();
    const ins = new Map<Subtask, InChannel[]>();
    for (const channel of channels) {
      const credit = new Int32Array(
        this.#spec.credits,
        channel.id * CREDIT_WORDS * 4,
        CREDIT_WORDS,
      );
      const remote = channel.fromEndpoint !== channel.toEndpoint;
      if (channel.toEndpoint === endpoint) {
        const consumer = byNode[channel.edge.to]!.get(channel.toSubtask)!;
        const producer = remote ? this.#doorbells[channel.fromEndpoint]! : null;
        const inbound = new InChannel(channel, consumer, remote ? credit : null, producer);
        this.#in[channel.id] = inbound;
        ins.set(consumer, [...(ins.get(consumer) ?? []), inbound]);
      }
      if (channel.fromEndpoint !== endpoint) continue;
      const key = `${channel.edge.id} ${channel.fromSubtask}`;
      const out = outs.get(key) ?? { edge: channel.edge, channels: [] };
      outs.set(key, out);
      out.channels.push(remote ? this.#remoteChannel(channel, credit) : this.#local(channel));
    }
    for (const [subtask, inputs] of ins) subtask.inputs = inputs;
    for (const [key, { edge, channels: out }] of outs) {
      const index = Number(key.split(' ')[1]);
      const producer = byNode[edge.from]!.get(index)!;
      const leaves = producer.node.loop !== plan.nodes[edge.to]!.loop;
      producer.outputs = [...producer.outputs, new Output(edge, out, index, leaves)];
    }
  }

  #subtasksOf(node: NodePlan, makeSubtask: SubtaskFactory): Map<number, Subtask> {
    const own = new Map<number, Subtask>();
    for (let index = 0; index < node.parallelism; index++) {
      if (endpointOf(node, index, this.#spec.workers) !== this.#spec.endpoint) continue;
      const subtask = makeSubtask(node, index, this);
      own.set(index, subtask);
      this.#subtasks.push(subtask);
    }
    return own;
  }

  #remoteChannel(channel: ChannelPlan, credit: Int32Array): RemoteChannel {
    const link = this.#links[channel.toEndpoint]!;
    const remote = new RemoteChannel(channel, link, credit);
    this.#remote.push(remote);
    return remote;
  }

  /** The consumer's end was made just before: both ends of the channel are here. */
  #local(channel: ChannelPlan): LocalChannel {
    return new LocalChannel(this.#in[channel.id]!);
  }
}
