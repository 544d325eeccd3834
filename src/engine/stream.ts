/**
 * Streams: how a job's graph is written. A stream is a handle on what a node emits; its methods
 * add nodes to the job's plan and never run anything.
 */
import { PlanError } from '../core/errors.js';
import type { Graph } from './graph.js';
import { checkSink, type JobSink } from './job-sink.js';
import type { KeySelector } from './keys.js';
import type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  Key,
  MapOperator,
  OperatorClass,
  ProcessOperator,
  ReduceOperator,
} from './operator.js';
import type { AggregateOperator } from './operators/aggregate.js';
import type { ArrayChunk, SumChunk } from './operators/all-reduce.js';
import {
  type TimestampOperator,
  type TimestampOptions,
  timestampSettings,
} from './operators/assign-timestamps.js';
import { batchSettings } from './operators/batches.js';
import type { CoGroupOperator } from './operators/co-group.js';
import type { MapPartitionOperator } from './operators/map-partition.js';
import { sampleSettings } from './operators/sample.js';
import type { WindowInfo, WindowOperator } from './operators/window-all.js';
import { checkWindows, type Windows } from './operators/windows.js';
import type { Output, OutputOptions } from './output.js';
import type { Partitioner, WrapperKind } from './plan.js';
import {
  builtInSpec,
  type Code,
  type KeySpec,
  keySpec,
  type OperatorOptions,
  type OperatorSpec,
  operatorSpec,
  requireClass,
  resolveOptions,
  wrappedSpec,
} from './spec.js';

/** One edge to be: what a node emits, and how a consumer will take it. */
export interface StreamPart {
  readonly node: number;
  /** The side output, null for the main one. */
  readonly tag: string | null;
  /** Null: what fits the consumer's parallelism. */
  readonly partitioner: Partitioner | null;
  /** Of the partitioner `hash`. */
  readonly key: KeySpec | null;
  /** Parallelism of the consumer after a method that asks for one, or null. */
  readonly wanted: number | null;
  /** The iteration that this stream enters as a data stream, or null. */
  readonly enters: number | null;
  /** The iteration whose result this stream is, or null. */
  readonly leaves: number | null;
}

/** A stream, whatever its records are. */
export type StreamRef = Pick<DataStream<unknown>, 'graph' | 'parts' | 'parallelism'>;

/** A stream whose values the next operator gets as a whole. */
interface BroadcastVariable {
  readonly name: string;
  readonly stream: DataStream<unknown>;
}

const PLAIN: Omit<StreamPart, 'node'> = {
  tag: null,
  partitioner: null,
  key: null,
  wanted: null,
  enters: null,
  leaves: null,
};

/** What nodes emit, and how their consumers will take it. */
export class DataStream<T> {
  /** @internal */ readonly graph: Graph;
  /** @internal More than one after {@link union}. */ readonly parts: readonly StreamPart[];
  /** @internal */ readonly variables: readonly BroadcastVariable[];

  /** @internal */
  constructor(
    graph: Graph,
    parts: readonly StreamPart[],
    variables: readonly BroadcastVariable[] = [],
  ) {
    this.graph = graph;
    this.parts = parts;
    this.variables = variables;
  }

  /** @internal The main output of a node. */
  static of<T>(graph: Graph, node: number): DataStream<T> {
    return new DataStream(graph, [{ ...PLAIN, node }]);
  }

  /** Subtasks of the node that emits; of a union, the most that one of its parts has. */
  get parallelism(): number {
    return Math.max(...this.parts.map(({ node }) => this.graph.nodes[node]!.parallelism));
  }

  /** @internal Subtasks that a consumer of this stream gets when nothing else says so. */
  get consumerParallelism(): number {
    const { nodes, parallelism } = this.graph;
    const wanted = (part: StreamPart) =>
      part.wanted ?? (part.partitioner === null ? nodes[part.node]!.parallelism : parallelism);
    return Math.max(...this.parts.map(wanted));
  }

  /** @internal The same stream, taken another way. */
  with(how: Partial<StreamPart>): this {
    return this.#copy(
      this.parts.map((part) => ({ ...part, ...how })),
      this.variables,
    );
  }

  /** Every record goes to all subtasks of the consumer. */
  broadcast(parallelism?: number): DataStream<T> {
    return this.#partitioned('broadcast', 'broadcast', parallelism);
  }

  /** Records go to the consumer's subtasks by turns. */
  rebalance(parallelism?: number): DataStream<T> {
    return this.#partitioned('rebalance', 'rebalance', parallelism);
  }

  /** All records go to one subtask. */
  gather(): DataStream<T> {
    return this.#partitioned('gather', 'gather', 1);
  }

  /**
   * Records of the same key go to the same subtask of the consumer, in their order. What a key is:
   * a string, a number, a boolean or null; -0 is 0, and all NaN are one key. The next operator sees
   * it as `out.key`, and keeps state of each key with `context.state(name)`.
   *
   * @param selector The name of a field of the records, an exported class with a method
   *   `key(value)`, or a function where there are no workers. It is asked on both sides of the edge,
   *   so it must always say the same.
   */
  keyBy<P = undefined>(
    selector: (keyof T & string) | Code<KeySelector<T>, (value: T) => Key, P>,
    params?: P,
  ): KeyedStream<T> {
    const key = keySpec(selector, params);
    const parts = this.parts.map(
      (part): StreamPart => ({ ...part, partitioner: 'hash', key, wanted: null }),
    );
    return new KeyedStream(this.graph, parts, this.variables);
  }

  /**
   * The records of this stream and of others, as one stream, in order of arrival. The same stream
   * may be there twice; its records then come twice.
   */
  union(...others: readonly DataStream<T>[]): DataStream<T> {
    const streams = [this, ...others];
    if (others.some(({ graph }) => graph !== this.graph)) {
      throw new PlanError(`${this.graph.name}: a stream of another job cannot be used here.`);
    }
    return new DataStream(
      this.graph,
      streams.flatMap(({ parts }) => parts),
      streams.flatMap(({ variables }) => variables),
    );
  }

  /**
   * Gives the next operator all values of other streams, whole, on each of its subtasks: it reads
   * them with `context.broadcast(name)` while it handles records. The records of this stream wait
   * until the others have ended, so these must be bounded. In an iteration they come from outside,
   * as data streams that are seen once.
   *
   * @param streams The streams by the names under which the operator asks for their values.
   */
  withBroadcast(streams: Readonly<Record<string, StreamRef>>): this {
    const added = Object.entries(streams).map(([name, stream]) => {
      return { name, stream: stream as DataStream<unknown> };
    });
    return this.#copy(this.parts, [...this.variables, ...added]);
  }

  /** A second input for the next `process` or `coGroup`: its records come with `out.input` 1. */
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
    options?: OperatorOptions,
  ): DataStream<Out> {
    return addOperator([this], operatorSpec('map', code, params), options);
  }

  /** Any number of records for one. */
  flatMap<Out, P = undefined>(
    code: Code<FlatMapOperator<T, Out>, (value: T, out: Collector<Out>) => void, P>,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<Out> {
    return addOperator([this], operatorSpec('flatMap', code, params), options);
  }

  /** Keeps the records for which the operator says true. */
  filter<P = undefined>(
    code: Code<FilterOperator<T>, (value: T) => boolean, P>,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<T> {
    return addOperator([this], operatorSpec('filter', code, params), options);
  }

  /** Any operator: records in, records out, epochs and ends seen. */
  process<Out, P = undefined>(
    code: Code<ProcessOperator<T, Out>, (value: T, out: Collector<Out>) => void, P>,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<Out> {
    return addOperator([this], operatorSpec('process', code, params), options);
  }

  /**
   * Combines all records to one: one per epoch in an iteration, else one at the end. Those of a
   * subtask in their order, then the results of the subtasks in theirs. No records, no result.
   */
  reduceAll<P = undefined>(
    code: Code<ReduceOperator<T>, (a: T, b: T) => T, P>,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<T> {
    const spec = (kind: WrapperKind) => wrappedSpec(kind, null, 'reduce', code, params);
    const partials = addOperator<T>([this], spec('reducePartition'), options);
    return partials.#one(this.variables, spec('reduceResult'), options);
  }

  /**
   * Gathers all records in accumulators, one on each subtask, and merges these in order of the
   * subtasks; exactly one result, at the end of the stream, also of an empty one.
   *
   * @param code A class: a function would not do, for there are four.
   */
  aggregate<Acc, Out, P = undefined>(
    code: OperatorClass<AggregateOperator<T, Acc, Out>, P>,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<Out> {
    requireClass('aggregate', code, 'createAccumulator, add, merge and getResult');
    const spec = (kind: WrapperKind) => wrappedSpec(kind, null, 'aggregate', code, params);
    const partials = addOperator<Out>([this], spec('aggregatePartition'), options);
    return partials.#one(this.variables, spec('aggregateResult'), options);
  }

  /** All records of each subtask at once, when the stream has ended; also of one without any. */
  mapPartition<Out, P = undefined>(
    code: Code<
      MapPartitionOperator<T, Out>,
      (values: readonly T[], out: Collector<Out>) => void,
      P
    >,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<Out> {
    const operator = wrappedSpec('mapPartition', null, 'mapPartition', code, params);
    return addOperator([this], operator, options);
  }

  /**
   * Cuts the stream into windows, on one subtask, and calls the operator with the records of each.
   *
   * @param windows How it is cut: {@link globalWindow}, {@link countWindow},
   *   {@link eventTimeTumbling}, {@link processingTimeTumbling}, {@link eventTimeSession} or
   *   {@link processingTimeSession}. Records that come after their window has fired are in the side
   *   output `late`.
   * @throws {@link PlanError} `ERR_GYRE_PLAN` for windows by time inside an iteration: there is no
   *   time in it. The global window is that of each round in {@link forEachRound}.
   */
  windowAll<Out, P = undefined>(
    windows: Windows,
    code: Code<
      WindowOperator<T, Out>,
      (values: readonly T[], out: Collector<Out>, info: WindowInfo) => void,
      P
    >,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<Out> {
    const settings = checkWindows(windows);
    if (isByTime(settings)) this.#refuseInLoop(`windowAll(${settings.kind})`);
    const operator = wrappedSpec(windowKind(settings), settings, 'window', code, params);
    return addOperator([this.gather()], operator, options);
  }

  /**
   * Gives the records their event time, by which windows can cut the stream.
   *
   * @param options How late records may be: `delayMs`, and how far apart watermarks are: `stepMs`.
   * @throws {@link PlanError} `ERR_GYRE_PLAN` inside an iteration: event time does not pass there.
   */
  assignTimestamps<P = undefined>(
    code: Code<TimestampOperator<T>, (value: T) => number, P>,
    params?: P,
    options: OperatorOptions & TimestampOptions = {},
  ): DataStream<T> {
    this.#refuseInLoop('assignTimestamps');
    const { delayMs, stepMs, ...rest } = options;
    const settings = timestampSettings({ delayMs, stepMs });
    const operator = wrappedSpec('assignTimestamps', settings, 'timestamp', code, params);
    return addOperator([this], operator, rest);
  }

  /**
   * At most n of the records, without replacement, each as likely as any other, when the stream has
   * ended. Record i of subtask s of p counts as record i * p + s, so a source that is dealt out by
   * turns gives the same sample on any number of subtasks, in the order of the source.
   *
   * @param n An integer >= 1. @param seed An integer; the same seed, the same sample.
   */
  sample(n: number, seed = 0): DataStream<T> {
    const settings = sampleSettings(n, seed);
    const candidates = addOperator<T>([this], builtInSpec('samplePartition', settings));
    return candidates.#one(this.variables, builtInSpec('sampleResult', settings));
  }

  /**
   * Batches of `batchSize` records, each cut into one part for every subtask of the consumer, of
   * lengths that differ by at most one. Records at the end that do not fill a batch are dropped.
   *
   * @param batchSize An integer >= 1. @param parallelism Subtasks of the consumer.
   */
  generateBatchData(
    batchSize: number,
    parallelism: number = this.graph.parallelism,
  ): DataStream<readonly T[]> {
    const settings = batchSettings(batchSize, parallelism);
    const operator = builtInSpec('generateBatches', settings);
    return addOperator<readonly T[]>([this.gather()], operator).rebalance(parallelism);
  }

  /**
   * Adds the arrays that the subtasks have, at most one each and all of one length, element by
   * element and in order of the subtasks, and gives the sum to every subtask, when the stream has
   * ended; nothing when there was none. In an iteration it belongs into {@link forEachRound}.
   *
   * A second array of a subtask fails the job with `ERR_GYRE_DATA`, one of another length with
   * `ERR_GYRE_DIMENSION`.
   */
  allReduceSum(this: DataStream<Float64Array>): DataStream<Float64Array> {
    const { consumerParallelism: parallelism } = this;
    const chunks = addOperator<ArrayChunk>([this], builtInSpec('allReduceSend', null));
    const owned = addOperator<SumChunk>([chunks.keyBy('chunk')], builtInSpec('allReduceAdd', null));
    const sums = [owned.broadcast(parallelism)];
    return addOperator(sums, builtInSpec('allReduceCollect', null), { parallelism });
  }

  /** Makes the stream an output of the job, to be read on this thread. */
  output({ unconfirmed = false }: OutputOptions = {}): Output<T> {
    return this.graph.addOutput(this, unconfirmed);
  }

  /**
   * Lets a sink take the records, on this thread, in step with the job's checkpoints. The job starts
   * with `job.run()`, or when an output is read.
   *
   * @throws {@link PlanError} `ERR_GYRE_PLAN` when it is not a sink.
   */
  sinkTo(sink: JobSink<T>): void {
    checkSink(sink);
    this.graph.addWriter(this, sink);
  }

  /** Time stands still in an iteration: its rounds have no place in it. */
  #refuseInLoop(method: string): void {
    const { loop, name } = this.graph;
    if (loop === null) return;
    throw new PlanError(
      `${name}: ${method} is by time, which there is none of inside an iteration; put it before or ` +
        'after, or use globalWindow() or countWindow().',
      { details: { method } },
    );
  }

  #partitioned(
    method: string,
    partitioner: Partitioner,
    parallelism: number | undefined,
  ): DataStream<T> {
    const { parallelism: wanted } = resolveOptions(method, { parallelism });
    const parts = this.parts.map(
      (part): StreamPart => ({ ...part, partitioner, key: null, wanted }),
    );
    return new DataStream(this.graph, parts, this.variables);
  }

  /** The second half of an operator, on one subtask; with the variables of the first. */
  #one<Out>(
    variables: readonly BroadcastVariable[],
    operator: OperatorSpec,
    options: OperatorOptions = {},
  ): DataStream<Out> {
    const partials = new DataStream(this.graph, this.parts, variables).gather();
    return addOperator([partials], operator, { ...options, parallelism: 1 });
  }

  #copy(parts: readonly StreamPart[], variables: readonly BroadcastVariable[]): this {
    const Class = this.constructor as typeof DataStream;
    return new Class(this.graph, parts, variables) as this;
  }
}

/**
 * A stream whose records go to subtasks by their key. What its next operator emits has no key any
 * more. Two keyed streams that are connected meet by key, each with its own selector.
 *
 * @example
 * ```ts
 * const job = new Session({ threads: 0 }).job('visits');
 * const visits = job.of([
 *   { page: 'home', count: 1 },
 *   { page: 'docs', count: 1 },
 *   { page: 'home', count: 2 },
 * ]);
 * const totals = visits
 *   .keyBy('page')
 *   .reduce((a, b) => ({ page: a.page, count: a.count + b.count }));
 * console.log(await totals.output().toArray());
 * // [{ page: 'home', count: 3 }, { page: 'docs', count: 1 }]
 * ```
 */
export class KeyedStream<T> extends DataStream<T> {
  /**
   * Combines the records of each key to one: one per key and epoch in an iteration, else one per
   * key at the end, on each subtask in the order in which its keys were first seen.
   */
  reduce<P = undefined>(
    code: Code<ReduceOperator<T>, (a: T, b: T) => T, P>,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<T> {
    const operator = wrappedSpec('keyedReduce', null, 'reduce', code, params);
    return addOperator([this], operator, options);
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
    options?: OperatorOptions,
  ): DataStream<Out> {
    return addOperator([this.#first, this.#second], operatorSpec('process', code, params), options);
  }

  /**
   * Of two keyed, bounded streams: calls the operator once for each key, with the records of both
   * sides that have it, when both have ended; on each subtask in order of the keys.
   */
  coGroup<Out, P = undefined>(
    code: Code<
      CoGroupOperator<A, B, Out>,
      (key: Key, left: readonly A[], right: readonly B[], out: Collector<Out>) => void,
      P
    >,
    params?: P,
    options?: OperatorOptions,
  ): DataStream<Out> {
    const inputs = [this.#first, this.#second];
    if (!inputs.every((input) => input instanceof KeyedStream)) {
      throw new PlanError('coGroup needs two keyed streams: use keyBy() on both.');
    }
    return addOperator(inputs, wrappedSpec('coGroup', null, 'coGroup', code, params), options);
  }
}

const isByTime = ({ kind }: Windows): boolean => /^(Event|Processing)Time/.test(kind);

function windowKind({ kind }: Windows): WrapperKind {
  if (kind.startsWith('EventTime')) return 'windowAllByEventTime';
  return kind.startsWith('ProcessingTime') ? 'windowAllByProcessingTime' : 'windowAllByCount';
}

/**
 * Adds the node of an operator and its edges: first those of its inputs, then those of the
 * broadcast variables that its inputs were given.
 */
export function addOperator<Out>(
  inputs: readonly StreamRef[],
  operator: OperatorSpec,
  options: OperatorOptions = {},
): DataStream<Out> {
  const streams = inputs as readonly DataStream<unknown>[];
  const { graph, consumerParallelism } = streams[0]!;
  const { parallelism, name } = resolveOptions(operator.method, options);
  return graph.attempt(() => {
    const variables = streams.flatMap((stream) => stream.variables);
    const node = graph.addNode({
      kind: 'operator',
      name: name ?? operator.name,
      parallelism: parallelism ?? consumerParallelism,
      operator,
      inputs: streams.length,
      variables: variables.map((variable) => variable.name),
    });
    streams.forEach((stream, input) => {
      graph.addEdge(stream, node, input);
    });
    variables.forEach(({ stream }, i) => {
      graph.addVariable(stream, node, streams.length + i);
    });
    return DataStream.of(graph, node);
  });
}
