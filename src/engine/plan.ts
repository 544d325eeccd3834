/**
 * A job as data: nodes and edges, built on the main thread, sent to every worker, and turned there
 * into subtasks. Nothing in it is code: operators are named by module and export.
 */
import { PlanError } from '../core/errors.js';

/** Where an exported class is found: the module's URL and the export's name. */
export interface CodeRef {
  readonly module: string;
  readonly name: string;
}

/** What a node is. `operator` runs user code; the others are the engine's own. */
export type NodeKind =
  | 'operator'
  | 'source'
  | 'table'
  | 'sink'
  | 'writer'
  | 'head'
  | 'tail'
  | 'replay'
  | 'aligner';

/** Which method of the operator a record goes to. */
export type OperatorKind = 'process' | 'map' | 'flatMap' | 'filter';

/** Operators of the engine's own, most of them around a user's class; see `loading.ts`. */
export type WrapperKind =
  | 'keyedReduce'
  | 'assignTimestamps'
  | 'windowAllByCount'
  | 'windowAllByEventTime'
  | 'windowAllByProcessingTime'
  | 'mapPartition'
  | 'aggregatePartition'
  | 'aggregateResult'
  | 'reducePartition'
  | 'reduceResult'
  | 'samplePartition'
  | 'sampleResult'
  | 'allReduceSend'
  | 'allReduceAdd'
  | 'allReduceCollect'
  | 'coGroup'
  | 'generateBatches';

/** A wrapper and its own argument, plain data. */
export interface WrapperPlan {
  readonly kind: WrapperKind;
  readonly settings: unknown;
}

export interface OperatorPlan {
  /** `process` when there is a wrapper. */
  readonly kind: OperatorKind;
  /** The user's class; null for a closure, and where a wrapper needs no user code. */
  readonly code: CodeRef | null;
  /** Constructor argument of the user's class; plain data. */
  readonly params: unknown;
  /** What stands between the engine and the user's class. */
  readonly wrapper: WrapperPlan | null;
  /** Number of main inputs; the inputs after them carry {@link variables}, in order. */
  readonly inputs: number;
  /** Names of the broadcast variables. */
  readonly variables: readonly string[];
}

/** How long an operator in an iteration lives. */
export type Lifecycle = 'allRound' | 'perRound';

export interface NodePlan {
  readonly id: number;
  readonly kind: NodeKind;
  readonly name: string;
  readonly parallelism: number;
  /** Sources and sinks live on the main thread, everything else on the workers. */
  readonly on: 'main' | 'workers';
  /** The iteration whose body (or head, tail, replay, aligner) this is. */
  readonly loop: number | null;
  readonly operator: OperatorPlan | null;
  /** In an iteration: one operator for all rounds, or one for each. */
  readonly lifecycle: Lifecycle;
  /** Which variable stream a head or tail belongs to; the criteria's is the number of variables. */
  readonly feedback: number | null;
}

/**
 * How records choose among the consumer's subtasks.
 *
 * - `forward`: subtask i to subtask i;
 * - `gather`: every subtask to subtask 0;
 * - `broadcast`: every record to all;
 * - `rebalance`: by turns;
 * - `hash`: by the hash of the record's key.
 */
export type Partitioner = 'forward' | 'gather' | 'broadcast' | 'rebalance' | 'hash';

/** Where the key of a record comes from: a field of it, or a selector's `key(value)`. */
export interface KeyPlan {
  /** As errors name it: `keyBy(user)`. */
  readonly name: string;
  readonly field: string | null;
  /** The selector's class; null for a field, and for a closure. */
  readonly code: CodeRef | null;
  readonly params: unknown;
}

/**
 * What an edge carries. `watermarks`: epoch watermarks and ends, no records; `feedback`: from tail
 * to head within a thread, never blocks; `align`: reports to the aligner and its answers.
 */
export type EdgeKind = 'data' | 'watermarks' | 'feedback' | 'align';

export interface EdgePlan {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** Which input of the consumer. */
  readonly input: number;
  readonly partitioner: Partitioner;
  readonly kind: EdgeKind;
  /** The side output that the edge carries; null for the main output. */
  readonly tag: string | null;
  /** For the partitioner `hash`; null for the others. */
  readonly key: KeyPlan | null;
}

export interface LoopPlan {
  readonly id: number;
  readonly bounded: boolean;
  /** Number of head subtasks, the criteria's included: reports that complete an epoch. */
  readonly headParallelism: number;
  readonly criteriaHead: number | null;
}

export interface Plan {
  readonly name: string;
  readonly nodes: readonly NodePlan[];
  readonly edges: readonly EdgePlan[];
  readonly loops: readonly LoopPlan[];
}

/** The endpoint that runs a subtask: contiguous runs of subtasks share a worker. */
export function endpointOf(node: NodePlan, subtask: number, workers: number): number {
  if (node.on === 'main' || workers === 0) return workers;
  return Math.floor((subtask * workers) / node.parallelism);
}

/** One producer subtask and one consumer subtask of an edge. */
export interface ChannelPlan {
  readonly id: number;
  readonly edge: EdgePlan;
  readonly fromSubtask: number;
  readonly toSubtask: number;
  readonly fromEndpoint: number;
  readonly toEndpoint: number;
}

function pairs(edge: EdgePlan, from: number, to: number): [number, number][] {
  const sources = Array.from({ length: from }, (_, s) => s);
  if (edge.partitioner === 'forward') return sources.map((s) => [s, s]);
  if (edge.partitioner === 'gather') return sources.map((s) => [s, 0]);
  return sources.flatMap((s) => Array.from({ length: to }, (_, t): [number, number] => [s, t]));
}

/** All channels of a plan; every endpoint derives the same list, so ids agree. */
export function channelsOf(plan: Plan, workers: number): ChannelPlan[] {
  const channels: ChannelPlan[] = [];
  for (const edge of plan.edges) {
    const from = plan.nodes[edge.from]!;
    const to = plan.nodes[edge.to]!;
    for (const [fromSubtask, toSubtask] of pairs(edge, from.parallelism, to.parallelism)) {
      channels.push({
        id: channels.length,
        edge,
        fromSubtask,
        toSubtask,
        fromEndpoint: endpointOf(from, fromSubtask, workers),
        toEndpoint: endpointOf(to, toSubtask, workers),
      });
    }
  }
  return channels;
}

/** Checks what only the finished graph shows. Throws {@link PlanError}. */
export function checkPlan(plan: Plan): void {
  for (const edge of plan.edges) {
    const from = plan.nodes[edge.from]!;
    const to = plan.nodes[edge.to]!;
    const aligned = edge.partitioner !== 'forward' || from.parallelism === to.parallelism;
    if (!aligned) {
      throw new PlanError(
        `${to.name} takes ${from.name} subtask by subtask, so both need the same parallelism, ` +
          `got ${from.parallelism} and ${to.parallelism}: put rebalance() or broadcast() between.`,
        { details: { from: from.name, to: to.name } },
      );
    }
    if (edge.partitioner === 'gather' && to.parallelism !== 1) {
      throw new PlanError(`${to.name} gathers ${from.name}, so its parallelism must be 1.`);
    }
  }
}
