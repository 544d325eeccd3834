/**
 * Streams: how a job's graph is written. A stream is a handle on what a node emits; its methods
 * add nodes to the job's plan and never run anything.
 */
import { PlanError } from '../core/errors.js';
import type { Graph, NodeSpec } from './graph.js';
import type {
  AnyOperator,
  Collector,
  FilterOperator,
  FlatMapOperator,
  MapOperator,
  OperatorClass,
  ProcessOperator,
  ReduceOperator,
} from './operator.js';
import type { Output } from './output.js';
import type { CodeRef, OperatorKind, Partitioner } from './plan.js';

/** A class by which an operator is made on the workers, or a closure, for jobs without workers. */
type Code<Op, Fn, Params> = OperatorClass<Op, Params> | Fn;

/** The operator of a node, as the graph keeps it. */
export interface OperatorSpec {
  readonly kind: OperatorKind;
  readonly name: string;
  readonly code: CodeRef | null;
  readonly params: unknown;
  /** Makes it on this thread, when it cannot be imported elsewhere. */
  readonly inline: (() => AnyOperator) | null;
}

const isClass = (code: unknown): code is OperatorClass<AnyOperator, unknown> =>
  typeof code === 'function' && /^class\b/.test(Function.prototype.toString.call(code));

function operatorSpec(kind: OperatorKind, code: unknown, params: unknown): OperatorSpec {
  if (!isClass(code)) {
    if (typeof code !== 'function') {
      throw new PlanError(`${kind} takes an operator class or a function, got ${typeof code}.`);
    }
    const name = code.name === '' ? kind : code.name;
    const inline = () => ({ [kind]: code }) as AnyOperator;
    return { kind, name, code: null, params: null, inline };
  }
  const { name, module } = code;
  const inline = () => new code(params);
  // A class without a module can still run where there are no workers.
  const ref = typeof module === 'string' ? { module, name } : null;
  return { kind, name, code: ref, params, inline };
}

/** What a node emits, and how its consumers will take it. */
export class DataStream<T> {
  /** @internal */ readonly graph: Graph;
  /** @internal The node that emits. */ readonly node: number;
  /** @internal */ readonly partitioner: Partitioner | null;
  /** @internal */ readonly tag: string | null;
  /** @internal The iteration that this stream enters as a data stream, or null. */
  readonly enters: number | null;
  /** @internal The iteration whose result this stream is, or null. */
  readonly leaves: number | null;
  /** Parallelism of the consumer after {@link rebalance} or {@link broadcast}. */
  readonly #wanted: number | null;

  /** @internal */
  constructor(
    graph: Graph,
    node: number,
    how: {
      readonly partitioner?: Partitioner | null;
      readonly tag?: string | null;
      readonly wanted?: number | null;
      readonly enters?: number | null;
      readonly leaves?: number | null;
    } = {},
  ) {
    this.graph = graph;
    this.node = node;
    this.partitioner = how.partitioner ?? null;
    this.tag = how.tag ?? null;
    this.enters = how.enters ?? null;
    this.leaves = how.leaves ?? null;
    this.#wanted = how.wanted ?? null;
  }

  /** Subtasks of the node that emits. */
  get parallelism(): number {
    return this.graph.nodes[this.node]!.parallelism;
  }

  /** @internal Subtasks that a consumer of this stream gets when nothing else says so. */
  get consumerParallelism(): number {
    return this.#wanted ?? (this.partitioner === null ? this.parallelism : this.graph.parallelism);
  }

  /** @internal The same stream, taken another way. */
  with(how: {
    readonly partitioner?: Partitioner | null;
    readonly wanted?: number | null;
    readonly enters?: number | null;
    readonly leaves?: number | null;
    readonly tag?: string | null;
  }): DataStream<T> {
    const { partitioner, tag, enters, leaves } = this;
    const wanted = this.#wanted;
    return new DataStream(this.graph, this.node, {
      partitioner,
      tag,
      enters,
      leaves,
      wanted,
      ...how,
    });
  }

  /** Every record goes to all subtasks of the consumer. */
  broadcast(parallelism: number = this.graph.parallelism): DataStream<T> {
    return this.with({ partitioner: 'broadcast', wanted: parallelism });
  }

  /** Records go to the consumer's subtasks by turns. */
  rebalance(parallelism: number = this.graph.parallelism): DataStream<T> {
    return this.with({ partitioner: 'rebalance', wanted: parallelism });
  }

  /** All records go to one subtask. */
  gather(): DataStream<T> {
    return this.with({ partitioner: 'gather', wanted: 1 });
  }

  /** A second input for the next `process`: its records come with `out.input` 1. */
  connect<U>(other: DataStream<U>): ConnectedStreams<T, U> {
    return new ConnectedStreams(this, other);
  }

  /** What operators send to `out.emitTo(tag, value)`. */
  side<S>(tag: string): DataStream<S> {
    return this.with({ tag }) as unknown as DataStream<S>;
  }

  /** One record for one. */
  map<Out, P = undefined>(
    code: Code<MapOperator<T, Out>, (value: T) => Out, P>,
    params?: P,
  ): DataStream<Out> {
    return this.#operator('map', code, params);
  }

  /** Any number of records for one. */
  flatMap<Out, P = undefined>(
    code: Code<FlatMapOperator<T, Out>, (value: T, out: Collector<Out>) => void, P>,
    params?: P,
  ): DataStream<Out> {
    return this.#operator('flatMap', code, params);
  }

  /** Keeps the records for which the operator says true. */
  filter<P = undefined>(
    code: Code<FilterOperator<T>, (value: T) => boolean, P>,
    params?: P,
  ): DataStream<T> {
    return this.#operator('filter', code, params);
  }

  /** Any operator: records in, records out, epochs and ends seen. */
  process<Out, P = undefined>(
    code: Code<ProcessOperator<T, Out>, (value: T, out: Collector<Out>) => void, P>,
    params?: P,
  ): DataStream<Out> {
    return this.#operator('process', code, params);
  }

  /**
   * Combines all records to one, on one subtask: one per epoch in an iteration, else one at the
   * end. In order of arrival, which between subtasks is not fixed: the operation must not depend
   * on it. No records, no result.
   */
  reduceAll<P = undefined>(
    code: Code<ReduceOperator<T>, (a: T, b: T) => T, P>,
    params?: P,
  ): DataStream<T> {
    return this.gather().#operator('reduce', code, params);
  }

  /** Makes the stream an output of the job, to be read on this thread. */
  output(): Output<T> {
    return this.graph.addSink(this);
  }

  #operator<Out>(kind: OperatorKind, code: unknown, params: unknown): DataStream<Out> {
    return addOperator([this], operatorSpec(kind, code, params));
  }
}

/** Two streams that one operator reads: `out.input` tells which a record is from. */
export class ConnectedStreams<A, B> {
  readonly #first: DataStream<A>;
  readonly #second: DataStream<B>;

  /** @internal */
  constructor(first: DataStream<A>, second: DataStream<B>) {
    this.#first = first;
    this.#second = second;
  }

  /** See {@link DataStream.process}. Its parallelism is that of the first stream's consumer. */
  process<Out, P = undefined>(
    code: Code<ProcessOperator<A | B, Out>, (value: A | B, out: Collector<Out>) => void, P>,
    params?: P,
  ): DataStream<Out> {
    return addOperator([this.#first, this.#second], operatorSpec('process', code, params));
  }
}

function addOperator<Out>(
  inputs: readonly DataStream<unknown>[] | readonly unknown[],
  operator: OperatorSpec,
): DataStream<Out> {
  const streams = inputs as readonly DataStream<unknown>[];
  const { graph, consumerParallelism } = streams[0]!;
  const spec: NodeSpec = {
    kind: 'operator',
    name: operator.name,
    parallelism: consumerParallelism,
    operator,
  };
  return graph.attempt(() => {
    const node = graph.addNode(spec);
    streams.forEach((stream, input) => {
      graph.addEdge(stream, node, input);
    });
    return new DataStream(graph, node);
  });
}
