/** The plan while it is being written: what streams and iterations add to, with build-time checks. */
import { PlanError } from '../core/errors.js';
import { type JobSink, SinkWriter } from './job-sink.js';
import type { InlineCode } from './loading.js';
import { Output } from './output.js';
import type { PlacedTable } from './placement.js';
import {
  checkPlan,
  type EdgeKind,
  type EdgePlan,
  type Lifecycle,
  type LoopPlan,
  type NodeKind,
  type NodePlan,
  type OperatorPlan,
  type Partitioner,
  type Plan,
} from './plan.js';
import { Sink } from './sink.js';
import type { JobSource } from './source.js';
import type { KeySpec, OperatorSpec } from './spec.js';
import type { DataStream, StreamPart } from './stream.js';

/** What a new node is made of. */
export interface NodeSpec {
  readonly kind: NodeKind;
  readonly name: string;
  readonly parallelism: number;
  readonly operator?: OperatorSpec;
  /** Of an operator: how many main inputs it has, and the names of its broadcast variables. */
  readonly inputs?: number;
  readonly variables?: readonly string[];
  readonly feedback?: number;
}

/** What a new graph is of. */
export interface GraphSpec {
  readonly name: string;
  readonly workers: number;
  /** Subtasks of a node when nothing else says so. */
  readonly parallelism: number;
  /** Called when the output of a sink is read. */
  readonly open: (sink: Sink) => void;
}

export class Graph {
  readonly name: string;
  /** Subtasks of a node when nothing else says so. */
  readonly parallelism: number;
  readonly workers: number;
  readonly nodes: NodePlan[] = [];
  readonly edges: EdgePlan[] = [];
  readonly loops: LoopPlan[] = [];
  readonly tables: Map<number, PlacedTable> = new Map();
  readonly sources: Map<number, JobSource> = new Map();
  readonly sinks: Map<number, Sink> = new Map();
  readonly writers: Map<number, SinkWriter> = new Map();
  readonly inline: InlineCode = { operators: new Map(), keys: new Map() };
  readonly #open: (sink: Sink) => void;
  /** The iteration whose body is being built. */
  loop: number | null = null;
  /** Life cycle of the operators that are added now. */
  lifecycle: Lifecycle = 'allRound';

  constructor({ name, workers, parallelism, open }: GraphSpec) {
    this.name = name;
    this.workers = workers;
    this.parallelism = parallelism;
    this.#open = open;
  }

  /** Runs a piece of building; when it throws, what it has added is taken away again. */
  attempt<T>(build: () => T): T {
    const { nodes, edges, loops } = this;
    const [nodeCount, edgeCount, loopCount] = [nodes.length, edges.length, loops.length];
    try {
      return build();
    } catch (error) {
      for (const of of [
        this.tables,
        this.sources,
        this.sinks,
        this.writers,
        this.inline.operators,
      ]) {
        for (const { id } of nodes.slice(nodeCount)) of.delete(id);
      }
      for (const { id } of edges.slice(edgeCount)) this.inline.keys.delete(id);
      nodes.length = nodeCount;
      edges.length = edgeCount;
      loops.length = loopCount;
      throw error;
    }
  }

  addNode(spec: NodeSpec): number {
    const id = this.nodes.length;
    const { kind, name, parallelism, operator, feedback } = spec;
    if (operator !== undefined) this.#register(id, operator);
    this.nodes.push({
      id,
      kind,
      name,
      parallelism,
      on: kind === 'source' || kind === 'sink' || kind === 'writer' ? 'main' : 'workers',
      loop: this.loop,
      operator: operator === undefined ? null : operatorPlan(operator, spec),
      lifecycle: this.lifecycle,
      feedback: feedback ?? null,
    });
    return id;
  }

  /** Connects a stream to an input of a node, checking where the two stand. */
  addEdge(stream: DataStream<unknown>, to: number, input: number): void {
    const consumer = this.nodes[to]!;
    if (stream.graph !== this) {
      throw new PlanError(`${this.name}: a stream of another job cannot be used here.`);
    }
    if (stream.variables.length > 0 && consumer.kind !== 'operator') {
      throw new PlanError(
        `${this.name}: withBroadcast() must be followed by the operator that reads the variables, ` +
          `got ${consumer.name}.`,
      );
    }
    for (const part of stream.parts) this.#addPart(part, consumer, input);
  }

  /** Connects a stream as a broadcast variable of an operator. */
  addVariable(stream: DataStream<unknown>, to: number, input: number): void {
    const { name, operator } = this.nodes[to]!;
    const { inputs, variables } = operator!;
    const variable = variables[input - inputs]!;
    if (variables.indexOf(variable) < input - inputs) {
      throw new PlanError(
        `${this.name}: ${name} has two broadcast variables with the name "${variable}".`,
      );
    }
    if (stream.variables.length > 0) {
      throw new PlanError(
        `${this.name}: the broadcast variable "${variable}" of ${name} has broadcast variables ` +
          'itself; put the operator that reads those between.',
      );
    }
    if (stream.parts.some(({ node }) => this.#comesFromLoop(node))) {
      throw new PlanError(
        `${this.name}: the broadcast variable "${variable}" of ${name} must come from outside the ` +
          'iteration, by once(); a stream of the loop ends only with the iteration.',
        { details: { operator: name, variable } },
      );
    }
    this.addEdge(stream.with({ partitioner: 'broadcast', key: null }), to, input);
  }

  #addPart(part: StreamPart, consumer: NodePlan, input: number): void {
    const from = this.nodes[part.node]!;
    this.#checkLoop(part, from, consumer);
    const partitioner = part.partitioner ?? this.#partitioner(from, consumer);
    const { tag, key } = part;
    if (key !== null) this.#registerKey(this.edges.length, key);
    this.#push({
      from: part.node,
      to: consumer.id,
      input,
      partitioner,
      kind: 'data',
      tag,
      key: key?.plan ?? null,
    });
  }

  /** Adds an edge of the engine's own. */
  connect(from: number, to: number, input: number, partitioner: Partitioner, kind: EdgeKind): void {
    this.#push({ from, to, input, partitioner, kind, tag: null, key: null });
  }

  /** @param unconfirmed See {@link OutputOptions}. */
  addOutput<T>(stream: DataStream<T>, unconfirmed: boolean): Output<T> {
    return this.attempt(() => {
      const node = this.#addEnd(stream, 'sink', 'output');
      const sink = new Sink(unconfirmed);
      // Nobody reads it yet; what comes before somebody does is dropped.
      sink.closed = true;
      this.sinks.set(node, sink);
      return new Output<T>(sink, () => this.#open(sink));
    });
  }

  /** Lets a sink of the user's take the records of a stream. */
  addWriter<T>(stream: DataStream<T>, sink: JobSink<T>): void {
    this.attempt(() => {
      const node = this.#addEnd(stream, 'writer', 'sink');
      this.writers.set(node, new SinkWriter(sink as JobSink<unknown>));
    });
  }

  #addEnd<T>(stream: DataStream<T>, kind: NodeKind, what: string): number {
    const from = stream.parts.map((part) => this.nodes[part.node]!.name);
    const name = `${what} of ${from.join(', ')}`;
    const node = this.addNode({ kind, name, parallelism: 1 });
    this.addEdge(stream as DataStream<unknown>, node, 0);
    return node;
  }

  /** The finished plan. Throws {@link PlanError} when it cannot run. */
  plan(): Plan {
    const { name, nodes, edges, loops } = this;
    const plan = { name, nodes, edges, loops };
    checkPlan(plan);
    return plan;
  }

  /** Whether a node gets records, over any number of others, from a head or a replay. */
  #comesFromLoop(node: number, seen: Set<number> = new Set()): boolean {
    const { kind, loop } = this.nodes[node]!;
    if (loop === null || seen.has(node)) return false;
    if (loop !== this.loop) return false;
    if (kind !== 'operator') return true;
    seen.add(node);
    return this.edges.some(({ from, to }) => to === node && this.#comesFromLoop(from, seen));
  }

  #push(edge: Omit<EdgePlan, 'id'>): void {
    this.edges.push({ id: this.edges.length, ...edge });
  }

  #partitioner(from: NodePlan, to: NodePlan): Partitioner {
    if (from.parallelism === to.parallelism) return 'forward';
    return to.parallelism === 1 ? 'gather' : 'rebalance';
  }

  #register(id: number, { name, code, inline }: OperatorSpec): void {
    if (inline === null) return;
    if (code === null) this.#refuseClosure(name);
    if (this.workers === 0) this.inline.operators.set(id, inline);
  }

  #registerKey(edge: number, { plan: { name, code }, inline }: KeySpec): void {
    if (inline === null) return;
    if (code === null) this.#refuseClosure(name);
    if (this.workers === 0) this.inline.keys.set(edge, inline);
  }

  #refuseClosure(name: string): void {
    if (this.workers === 0) return;
    throw new PlanError(
      `${this.name}: ${name} runs on ${this.workers} workers, so it must be an exported ` +
        'class with "static readonly module = import.meta.url"; closures need threads: 0.',
      { details: { operator: name, workers: this.workers } },
    );
  }

  #checkLoop(part: StreamPart, from: NodePlan, to: NodePlan): void {
    if (from.loop === to.loop) return;
    if (to.loop !== null && part.enters === to.loop) return;
    if (to.loop === null && part.leaves === from.loop) return;
    if (to.kind === 'head' || to.kind === 'replay') return;
    throw new PlanError(
      to.loop === null
        ? `${this.name}: ${from.name} is inside an iteration; return it in "outputs" to use it outside.`
        : `${this.name}: ${from.name} is outside the iteration; pass it in "data" or "variables".`,
      { details: { from: from.name, to: to.name } },
    );
  }
}

function operatorPlan(operator: OperatorSpec, { inputs, variables }: NodeSpec): OperatorPlan {
  const { kind, code, params, wrapper } = operator;
  return { kind, code, params, wrapper, inputs: inputs ?? 1, variables: variables ?? [] };
}
