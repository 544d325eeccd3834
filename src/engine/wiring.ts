/** Makes the subtasks that live on one thread, and all that leads to and from them. */
import { type Bell, Doorbell, LocalBell } from '../memory/doorbell.js';
import { endpointLayout } from '../memory/layout.js';
import { RingReader, RingWriter } from '../memory/ring.js';
import {
  CREDIT_WORDS,
  InChannel,
  Link,
  LocalChannel,
  type OutChannel,
  RemoteChannel,
} from './channel.js';
import type { EndpointSpec } from './endpoint-spec.js';
import { OutEdge } from './out-edge.js';
import { type ChannelPlan, channelsOf, endpointOf, type NodePlan } from './plan.js';
import type { Subtask } from './subtask.js';

/** The ring from one other endpoint. */
export interface Inbound {
  readonly reader: RingReader;
  readonly producer: Bell;
  readonly memory: SharedArrayBuffer;
  /** The way back; it leads nowhere once the other side has left. */
  readonly link: Link;
  left: boolean;
}

/** Channels of one out edge of a subtask, while they are collected. */
interface OpenEdge {
  readonly producer: Subtask;
  readonly edge: ChannelPlan['edge'];
  readonly channels: OutChannel[];
}

export class Wiring {
  /** What this endpoint sleeps on. */
  readonly doorbell: Bell;
  /** By endpoint; null for this one. */
  readonly links: readonly (Link | null)[];
  readonly inbound: readonly Inbound[];
  readonly subtasks: readonly Subtask[];
  /** By channel id; only those that end here. */
  readonly inputs: readonly InChannel[];
  /** Channels to other threads that have frames which found no room. */
  readonly waiting: RemoteChannel[] = [];
  readonly #spec: EndpointSpec;
  readonly #doorbells: readonly Bell[];

  constructor(spec: EndpointSpec, makeSubtask: (node: NodePlan, index: number) => Subtask) {
    this.#spec = spec;
    this.#doorbells = openBells(spec);
    this.doorbell = this.#doorbells[spec.endpoint]!;
    this.links = this.#openLinks();
    this.inbound = this.#openInbound();
    const byNode = spec.plan.nodes.map((node) => this.#subtasksOf(node, makeSubtask));
    this.subtasks = byNode.flatMap((own) => [...own.values()]);
    this.inputs = this.#connect(byNode);
  }

  #openInbound(): Inbound[] {
    const { endpoint, workers, buffers } = this.#spec;
    const own = endpointLayout(endpoint, workers);
    return buffers.flatMap((memory, producer) => {
      if (producer === endpoint) return [];
      const ring = own.rings[producer]!;
      const reader = new RingReader(buffers[endpoint]!, ring.address, ring.capacity);
      const [bell, link] = [this.#doorbells[producer]!, this.links[producer]!];
      return [{ reader, memory, producer: bell, link, left: false }];
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

  #subtasksOf(
    node: NodePlan,
    makeSubtask: (node: NodePlan, index: number) => Subtask,
  ): Map<number, Subtask> {
    const own = new Map<number, Subtask>();
    for (let index = 0; index < node.parallelism; index++) {
      if (endpointOf(node, index, this.#spec.workers) !== this.#spec.endpoint) continue;
      own.set(index, makeSubtask(node, index));
    }
    return own;
  }

  /** Both ends of the channels that are here: that of the consumer first, which a local one needs. */
  #connect(byNode: readonly ReadonlyMap<number, Subtask>[]): InChannel[] {
    const { plan, workers, endpoint } = this.#spec;
    const inputs: InChannel[] = [];
    const edges = new Map<string, OpenEdge>();
    for (const channel of channelsOf(plan, workers)) {
      const { id, edge, fromSubtask, toSubtask, fromEndpoint, toEndpoint } = channel;
      if (toEndpoint === endpoint) {
        inputs[id] = this.#inputOf(channel, byNode[edge.to]!.get(toSubtask)!);
      }
      if (fromEndpoint !== endpoint) continue;
      const key = `${edge.id} ${fromSubtask}`;
      const producer = byNode[edge.from]!.get(fromSubtask)!;
      const open = edges.get(key) ?? { producer, edge, channels: [] };
      edges.set(key, open);
      open.channels.push(
        toEndpoint === endpoint ? new LocalChannel(inputs[id]!) : this.#remoteOf(channel),
      );
    }
    for (const { producer, edge, channels } of edges.values()) {
      const to = plan.nodes[edge.to]!;
      producer.outputs.push(new OutEdge(edge, channels, producer.index, producer.node, to));
    }
    return inputs;
  }

  #inputOf(channel: ChannelPlan, consumer: Subtask): InChannel {
    const isRemote = channel.fromEndpoint !== channel.toEndpoint;
    const producer = isRemote ? this.#doorbells[channel.fromEndpoint]! : null;
    const input = new InChannel(
      channel,
      consumer,
      isRemote ? this.#credit(channel) : null,
      producer,
    );
    consumer.inputs.push(input);
    return input;
  }

  #remoteOf(channel: ChannelPlan): RemoteChannel {
    const link = this.links[channel.toEndpoint]!;
    return new RemoteChannel(channel, link, this.#credit(channel), this.waiting);
  }

  #credit({ id }: ChannelPlan): Int32Array {
    return new Int32Array(this.#spec.credits, id * CREDIT_WORDS * 4, CREDIT_WORDS);
  }
}

function openBells({ buffers, workers }: EndpointSpec): Bell[] {
  if (workers === 0) return [new LocalBell()];
  return buffers.map(
    (buffer, endpoint) => new Doorbell(buffer, endpointLayout(endpoint, workers).doorbell),
  );
}
