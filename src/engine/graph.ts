/** The plan while it is being written: what streams and iterations add to, with build-time checks. */
import { PlanError } from '../core/errors.js';
import type { Table } from '../table/table.js';
import type { InlineOperator } from './endpoint.js';
import { Sink } from './main-subtasks.js';
import { Output } from './output.js';
import {
  checkPlan,
  type EdgeKind,
  type EdgePlan,
  type LoopPlan,
  type NodeKind,
  type NodePlan,
  type Partitioner,
  type Plan,
} from './plan.js';
import type { DataStream, OperatorSpec } from './stream.js';

/** What a new node is made of. */
export interface NodeSpec {
  readonly kind: NodeKind;
  readonly name: string;
  readonly parallelism: number;
  readonly operator?: OperatorSpec;
  readonly feedback?: number;
}

export class Graph {
  readonly name: string;
  /** Subtasks of a node when nothing else says so: the workers, or 1 without any. */
  readonly parallelism: number;
  readonly workers: number;
  readonly nodes: NodePlan[] = [];
  readonly edges: EdgePlan[] = [];
  readonly loops: LoopPlan[] = [];
  readonly tables: Map<number, Table> = new Map();
  readonly sources: Map<number, Iterable<unknown> | AsyncIterable<unknown>> = new Map();
  readonly sinks: Map<number, Sink> = new Map();
  readonly inline: Map<number, InlineOperator> = new Map();
  readonly #open: (sink: Sink) => void;
  /** The iteration whose body is being built. */
  loop: number | null = null;

  constructor(name: string, workers: number, open: (sink: Sink) => void) {
    this.name = name;
    this.workers = workers;
    this.parallelism = Math.max(workers, 1);
    this.#open = open;
  }

  /** Runs a piece of building; when it throws, what it has added is taken away again. */
  attempt<T>(build: () => T): T {
    const { nodes, edges, loops } = this;
    const [nodeCount, edgeCount, loopCount] = [nodes.length, edges.length, loops.length];
    try {
      return build();
    } catch (error) {
      for (const of of [this.tables, this.sources, this.sinks, this.inline]) {
        for (const { id } of nodes.slice(nodeCount)) of.delete(id);
      }
      nodes.length = nodeCount;
      edges.length = edgeCount;
      loops.length = loopCount;
      throw error;
    }
  }

  addNode({ kind, name, parallelism, operator, feedback }: NodeSpec): number {
    const id = this.nodes.length;
    if (operator !== undefined) this.#register(id, operator);
    this.nodes.push({
      id,
      kind,
      name,
      parallelism,
      on: kind === 'source' || kind === 'sink' ? 'main' : 'workers',
      loop: this.loop,
      operator: operator === undefined ? null : { kind: operator.kind, code: operator.code },
      params: operator?.params ?? null,
      feedback: feedback ?? null,
    });
    return id;
  }

  /** Connects a stream to an input of a node, checking where the two stand. */
  addEdge(stream: DataStream<unknown>, to: number, input: number): void {
    if (stream.graph !== this) {
      throw new PlanError(`${this.name}: a stream of another job cannot be used here.`);
    }
    const from = this.nodes[stream.node]!;
    const consumer = this.nodes[to]!;
    this.#checkLoop(stream, from, consumer);
    const partitioner = stream.partitioner ?? this.#partitioner(from, consumer);
    this.connect(stream.node, to, input, partitioner, 'data', stream.tag);
  }

  /** Adds an edge as it is. */
  connect(
    from: number,
    to: number,
    input: number,
    partitioner: Partitioner,
    kind: EdgeKind,
    tag: string | null = null,
  ): void {
    this.edges.push({ id: this.edges.length, from, to, input, partitioner, kind, tag });
  }

  addSink<T>(stream: DataStream<T>): Output<T> {
    return this.attempt(() => {
      const name = `output of ${this.nodes[stream.node]!.name}`;
      const node = this.addNode({ kind: 'sink', name, parallelism: 1 });
      this.addEdge(stream as DataStream<unknown>, node, 0);
      const sink = new Sink();
      // Nobody reads it yet; what comes before somebody does is dropped.
      sink.closed = true;
      this.sinks.set(node, sink);
      return new Output<T>(sink, () => this.#open(sink));
    });
  }

  /** The finished plan. Throws {@link PlanError} when it cannot run. */
  plan(): Plan {
    const { name, nodes, edges, loops } = this;
    const plan = { name, nodes, edges, loops };
    checkPlan(plan);
    return plan;
  }

  #partitioner(from: NodePlan, to: NodePlan): Partitioner {
    if (from.parallelism === to.parallelism) return 'forward';
    return to.parallelism === 1 ? 'gather' : 'rebalance';
  }

  #register(id: number, operator: OperatorSpec): void {
    if (operator.code === null && this.workers > 0) {
      throw new PlanError(
        `${this.name}: ${operator.name} runs on ${this.workers} workers, so it must be an exported ` +
          'class with "static readonly module = import.meta.url"; closures need threads: 0.',
        { details: { operator: operator.name, workers: this.workers } },
      );
    }
    if (operator.inline !== null && this.workers === 0) this.inline.set(id, operator.inline);
  }

  #checkLoop(stream: DataStream<unknown>, from: NodePlan, to: NodePlan): void {
    if (from.loop === to.loop) return;
    if (to.loop !== null && stream.enters === to.loop) return;
    if (to.loop === null && stream.leaves === from.loop) return;
    if (to.kind === 'head' || to.kind === 'replay') return;
    throw new PlanError(
      to.loop === null
        ? `${this.name}: ${from.name} is inside an iteration; return it in "outputs" to use it outside.`
        : `${this.name}: ${from.name} is outside the iteration; pass it in "data" or "variables".`,
      { details: { from: from.name, to: to.name } },
    );
  }
}
