/** Loading user code on one thread: operators of its subtasks, and selectors of the keys it handles. */
import { PlanError } from '../core/errors.js';
import type { EndpointSpec } from './endpoint-spec.js';
import { importing } from './importing.js';
import {
  type KeyOf,
  type KeySelector,
  keyOfField,
  keyOfSelector,
  selectorFailure,
} from './keys.js';
import type { AnyOperator, OperatorClass } from './operator.js';
import { AggregatePartition, AggregateResult } from './operators/aggregate.js';
import { AllReduceAdd, AllReduceCollect, AllReduceSend } from './operators/all-reduce.js';
import { AssignTimestamps } from './operators/assign-timestamps.js';
import { GenerateBatches } from './operators/batches.js';
import { CoGroup } from './operators/co-group.js';
import { KeyedReduce } from './operators/keyed-reduce.js';
import { MapPartition } from './operators/map-partition.js';
import { ReducePartition, ReduceResult } from './operators/reduce.js';
import { SamplePartition, SampleResult } from './operators/sample.js';
import { WindowAllByCount } from './operators/window-all.js';
import { WindowAllByEventTime, WindowAllByProcessingTime } from './operators/window-all-by-time.js';
import {
  type CodeRef,
  type EdgePlan,
  endpointOf,
  type NodePlan,
  type Plan,
  type WrapperKind,
  type WrapperPlan,
} from './plan.js';

/** Makes an operator where it cannot be imported: closures and classes of a job without workers. */
export type InlineOperator = () => AnyOperator;

/** Code that needs no import, of a job without workers. */
export interface InlineCode {
  /** By node. */
  readonly operators: Map<number, InlineOperator>;
  /** By edge. */
  readonly keys: Map<number, () => KeySelector>;
}

/**
 * An operator of the engine's own: it has a method `process`, and calls the user's operator, or
 * needs none.
 */
interface Wrapper {
  readonly Class: new (settings: never, user: never) => AnyOperator;
  /** Methods that the user's class must have; without any, there may be no user code. */
  readonly requires: readonly string[];
}

/** What a node's `operator.wrapper` names. */
const AGGREGATE = ['createAccumulator', 'add', 'merge', 'getResult'];
const WRAPPERS: Readonly<Record<WrapperKind, Wrapper>> = {
  keyedReduce: { Class: KeyedReduce, requires: ['reduce'] },
  assignTimestamps: { Class: AssignTimestamps, requires: ['timestamp'] },
  windowAllByCount: { Class: WindowAllByCount, requires: ['window'] },
  windowAllByEventTime: { Class: WindowAllByEventTime, requires: ['window'] },
  windowAllByProcessingTime: { Class: WindowAllByProcessingTime, requires: ['window'] },
  mapPartition: { Class: MapPartition, requires: ['mapPartition'] },
  aggregatePartition: { Class: AggregatePartition, requires: AGGREGATE },
  aggregateResult: { Class: AggregateResult, requires: AGGREGATE },
  reducePartition: { Class: ReducePartition, requires: ['reduce'] },
  reduceResult: { Class: ReduceResult, requires: ['reduce'] },
  samplePartition: { Class: SamplePartition, requires: [] },
  sampleResult: { Class: SampleResult, requires: [] },
  allReduceSend: { Class: AllReduceSend, requires: [] },
  allReduceAdd: { Class: AllReduceAdd, requires: [] },
  allReduceCollect: { Class: AllReduceCollect, requires: [] },
  coGroup: { Class: CoGroup, requires: ['coGroup'] },
  generateBatches: { Class: GenerateBatches, requires: [] },
};

export interface LoadedOperator {
  /** Makes the operator of one subtask, or of one round of it. */
  readonly make: () => AnyOperator;
  /** Records may be views of a ring, see `readsInPlace`. */
  readonly inPlace: boolean;
}

/** The code of one endpoint. */
export interface LoadedCode {
  /** By node. */
  readonly operators: ReadonlyMap<number, LoadedOperator>;
  /** By edge; only those that partition by key. */
  readonly keys: ReadonlyMap<number, KeyOf>;
}

async function importModule(who: string, module: string): Promise<Record<string, unknown>> {
  try {
    return await importing(() => import(module) as Promise<Record<string, unknown>>);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlanError(`${who}: its module ${module} cannot be imported: ${reason}`, {
      details: { operator: who, module },
      cause,
    });
  }
}

async function importClass<T>(
  who: string,
  { module, name }: CodeRef,
): Promise<OperatorClass<T, unknown>> {
  const exports = await importModule(who, module);
  const Class = exports[name] as OperatorClass<T, unknown> | undefined;
  if (typeof Class === 'function') return Class;
  throw new PlanError(
    `${who}: the module ${module} must export the class ${name}, which it does not.`,
    { details: { module, name } },
  );
}

async function loadOperator(
  node: NodePlan,
  inline: InlineOperator | undefined,
): Promise<LoadedOperator> {
  const { code, params, wrapper } = node.operator!;
  let make: InlineOperator | null = inline ?? null;
  let inPlace = false;
  if (make === null && code !== null) {
    const Class = await importClass<AnyOperator>(node.name, code);
    make = () => new Class(params);
    inPlace = wrapper === null && Class.readsInPlace === true;
  }
  if (wrapper === null) return { make: make!, inPlace };
  return { make: () => wrap(node.name, wrapper, make?.() ?? null), inPlace };
}

function wrap(
  name: string,
  { kind, settings }: WrapperPlan,
  user: AnyOperator | null,
): AnyOperator {
  const { Class, requires } = WRAPPERS[kind];
  for (const method of requires) {
    if (typeof (user as Record<string, unknown> | null)?.[method] === 'function') continue;
    throw new PlanError(`${name} must have a method ${method}().`);
  }
  return new Class(settings as never, user as never);
}

async function loadKey(
  plan: Plan,
  { key, to }: EdgePlan,
  inline: (() => KeySelector) | undefined,
): Promise<KeyOf> {
  const { name, field, code, params } = key!;
  const who = `${name} of ${plan.nodes[to]!.name}`;
  if (field !== null) return keyOfField(who, field);
  const Class = inline === undefined ? await importClass<KeySelector>(who, code!) : null;
  try {
    return keyOfSelector(who, Class === null ? inline!() : new Class(params));
  } catch (error) {
    throw selectorFailure(who, error);
  }
}

/** Imports what the endpoint's subtasks need. Throws {@link PlanError} when it cannot. */
export async function loadCode(
  plan: Plan,
  { workers, endpoint }: EndpointSpec,
  inline: InlineCode | undefined,
): Promise<LoadedCode> {
  const isHere = (node: NodePlan) =>
    Array.from({ length: node.parallelism }, (_, i) => i).some(
      (subtask) => endpointOf(node, subtask, workers) === endpoint,
    );
  const here = plan.nodes.map(isHere);
  const operators = new Map<number, LoadedOperator>();
  for (const node of plan.nodes) {
    if (node.operator === null || !here[node.id]) continue;
    operators.set(node.id, await loadOperator(node, inline?.operators.get(node.id)));
  }
  const keys = new Map<number, KeyOf>();
  for (const edge of plan.edges) {
    if (edge.key === null || !(here[edge.from] || here[edge.to])) continue;
    keys.set(edge.id, await loadKey(plan, edge, inline?.keys.get(edge.id)));
  }
  return { operators, keys };
}
