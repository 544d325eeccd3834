/** Iterations: subgraphs whose feedback streams flow back to their variable streams. */
import { PlanError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Graph } from './graph.js';
import {
  HEAD_ANSWERS,
  HEAD_FEEDBACK,
  HEAD_INITIAL,
  REPLAY_DATA,
  REPLAY_MARKS,
} from './iteration.js';
import type { Lifecycle } from './plan.js';
import { DataStream, type StreamRef } from './stream.js';

/** A stream that enters an iteration read-only. */
export interface DataInput<T> {
  readonly stream: DataStream<T>;
  readonly replayed: boolean;
}

/** The stream's records come again in every round. */
export function replay<T>(stream: DataStream<T>): DataInput<T> {
  return { stream, replayed: true };
}

/** The stream's records come once, in epoch 0. */
export function once<T>(stream: DataStream<T>): DataInput<T> {
  return { stream, replayed: false };
}

type StreamsOf<V extends readonly unknown[]> = {
  readonly [K in keyof V]: V[K] extends DataStream<infer T>
    ? DataStream<T>
    : V[K] extends DataInput<infer T>
      ? DataStream<T>
      : never;
};

/** What a body returns. */
export interface BodyResult<O> {
  /** One per variable stream, in order, of the same parallelism. */
  readonly feedback: readonly StreamRef[];
  /** Streams that are used outside, by name. */
  readonly outputs: O;
  /** The iteration ends with the first round in which this stream is empty. */
  readonly criteria?: StreamRef | undefined;
}

/** An iteration: inputs and the body, an ordinary function that runs once, while building. */
export interface IterationSpec<V extends readonly unknown[], D extends readonly unknown[], O> {
  /** Streams with a feedback edge; the parallelism of each is that of its head. */
  readonly variables: V;
  readonly data?: D;
  /**
   * How long the body's operators live: one for all rounds, or a new one for each round that has a
   * record. **Default:** `allRound`. See {@link forEachRound} for a part of a body.
   */
  readonly lifecycle?: Lifecycle;
  readonly body: (variables: StreamsOf<V>, data: StreamsOf<D>) => BodyResult<O>;
}

interface Loop {
  readonly id: number;
  readonly bounded: boolean;
  readonly aligner: number;
  readonly heads: number[];
}

type AnyStream = DataStream<unknown>;

/** Builds an iteration into the graph and returns its outputs. */
export function buildIteration<V extends readonly unknown[], D extends readonly unknown[], O>(
  graph: Graph,
  spec: IterationSpec<V, D, O>,
  bounded: boolean,
): O {
  const variables = spec.variables as readonly AnyStream[];
  const data = (spec.data ?? []) as readonly DataInput<unknown>[];
  checkInputs(graph, variables, data, bounded);
  const id = graph.loops.length;
  const build = () => {
    // Completed below, when the body has said what its criteria are.
    graph.loops.push({ id, bounded, headParallelism: 0, criteriaHead: null });
    const aligner = graph.addNode({ kind: 'aligner', name: 'aligner', parallelism: 1 });
    const loop: Loop = { id, bounded, aligner, heads: [] };
    const heads = variables.map((stream) => addHead(graph, loop, stream));
    const entered = data.map((input) => enter(graph, loop, input));
    const result = spec.body(heads as never, entered as never);
    close(graph, loop, result as BodyResult<unknown>, variables.length);
    return leave(result.outputs, id);
  };
  graph.loop = id;
  graph.lifecycle = lifecycleOf(graph, spec.lifecycle);
  try {
    return graph.attempt(build);
  } finally {
    graph.loop = null;
    graph.lifecycle = 'allRound';
  }
}

function lifecycleOf({ name }: Graph, lifecycle: Lifecycle = 'allRound'): Lifecycle {
  if (lifecycle === 'allRound' || lifecycle === 'perRound') return lifecycle;
  throw new PlanError(
    `${name}: the life cycle must be "allRound" or "perRound", got ${showValue(lifecycle)}.`,
  );
}

/**
 * Inside the body of an iteration: operators that are added in `build` live for one round. A new one
 * is made with the first record of an epoch, and closed when the epoch is over; its `open` must not
 * be asynchronous. An epoch without a record has no operator, and so no callbacks.
 *
 * @param streams What `build` reads, at least one; they keep the life cycle that they have.
 * @returns What `build` returns.
 * @throws {@link PlanError} `ERR_GYRE_PLAN` outside the body of an iteration.
 *
 * @example
 * ```ts
 * const sums = forEachRound([points], ([each]) => each.process(SumAtEnd));
 * ```
 */
export function forEachRound<const S extends readonly StreamRef[], R>(
  streams: S,
  build: (streams: S) => R,
): R {
  const graph = streams[0]?.graph;
  if (graph === undefined) throw new PlanError('forEachRound needs at least one stream, got none.');
  if (graph.loop === null) {
    throw new PlanError(`${graph.name}: forEachRound belongs into the body of an iteration.`);
  }
  const outer = graph.lifecycle;
  graph.lifecycle = 'perRound';
  try {
    return build(streams);
  } finally {
    graph.lifecycle = outer;
  }
}

function checkInputs(
  graph: Graph,
  variables: readonly AnyStream[],
  data: readonly DataInput<unknown>[],
  bounded: boolean,
): void {
  if (graph.loop !== null) throw new PlanError(`${graph.name}: iterations cannot be nested.`);
  if (variables.length === 0) {
    throw new PlanError(
      `${graph.name}: an iteration needs at least one variable stream, got none.`,
    );
  }
  if (!bounded && data.some(({ replayed }) => replayed)) {
    throw new PlanError(
      `${graph.name}: an unbounded iteration cannot replay a stream; use once().`,
    );
  }
}

function addHead(graph: Graph, loop: Loop, initial: AnyStream | null, parallelism = 1): AnyStream {
  const feedback = loop.heads.length;
  const node = graph.addNode({
    kind: 'head',
    name: initial === null ? 'criteria head' : `head ${feedback}`,
    parallelism: initial?.consumerParallelism ?? parallelism,
    feedback,
  });
  loop.heads.push(node);
  if (initial !== null) graph.addEdge(initial, node, HEAD_INITIAL);
  graph.connect(node, loop.aligner, 0, 'gather', 'align');
  graph.connect(loop.aligner, node, HEAD_ANSWERS, 'broadcast', 'align');
  return DataStream.of(graph, node);
}

/** A data stream as the body sees it: replayed, driven by the first head, or straight from outside. */
function enter(graph: Graph, loop: Loop, { stream, replayed }: DataInput<unknown>): AnyStream {
  if (!replayed) return stream.with({ enters: loop.id });
  const parallelism = stream.consumerParallelism;
  const node = graph.addNode({ kind: 'replay', name: 'replay', parallelism });
  graph.addEdge(stream, node, REPLAY_DATA);
  graph.connect(loop.heads[0]!, node, REPLAY_MARKS, 'broadcast', 'watermarks');
  return DataStream.of(graph, node);
}

function close(graph: Graph, loop: Loop, result: BodyResult<unknown>, variables: number): void {
  const feedback = result.feedback as readonly AnyStream[];
  if (feedback.length !== variables) {
    throw new PlanError(
      `${graph.name}: the body must return one feedback stream per variable stream, ` +
        `expected ${variables}, got ${feedback.length}.`,
    );
  }
  feedback.forEach((stream, i) => {
    addTail(graph, loop.heads[i]!, stream, `feedback ${i}`);
  });
  const criteria = result.criteria as AnyStream | undefined;
  if (criteria !== undefined) {
    if (!loop.bounded)
      throw new PlanError(`${graph.name}: an unbounded iteration has no criteria.`);
    addHead(graph, loop, null, criteria.consumerParallelism);
    addTail(graph, loop.heads.at(-1)!, criteria, 'criteria');
  }
  const subtasks = loop.heads.map((head) => graph.nodes[head]!.parallelism);
  graph.loops[loop.id] = {
    id: loop.id,
    bounded: loop.bounded,
    headParallelism: subtasks.reduce((a, b) => a + b, 0),
    criteriaHead: criteria === undefined ? null : loop.heads.at(-1)!,
  };
}

function addTail(graph: Graph, head: number, stream: AnyStream, what: string): void {
  const { parallelism } = graph.nodes[head]!;
  // Who says how records are partitioned means it.
  const asIs = stream.parts.every(({ partitioner }) => partitioner === null);
  if (asIs && stream.parallelism !== parallelism) {
    throw new PlanError(
      `${graph.name}: the ${what} stream must have the parallelism of its head, ` +
        `expected ${parallelism}, got ${stream.parallelism}.`,
      { details: { expected: parallelism, got: stream.parallelism } },
    );
  }
  const node = graph.addNode({ kind: 'tail', name: `tail of ${what}`, parallelism });
  graph.addEdge(stream, node, 0);
  // The tail follows the epochs of its head even when the stream itself has none.
  graph.connect(head, node, 1, 'forward', 'watermarks');
  graph.connect(node, head, HEAD_FEEDBACK, 'forward', 'feedback');
}

function leave<O>(outputs: O, loop: number): O {
  const take = (stream: AnyStream) => stream.with({ leaves: loop });
  if (Array.isArray(outputs)) return outputs.map(take) as O;
  const named = Object.entries(outputs as Record<string, AnyStream>);
  return Object.fromEntries(named.map(([name, stream]) => [name, take(stream)])) as O;
}
