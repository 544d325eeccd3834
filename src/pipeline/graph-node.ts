/** Graphs as data: stages, and the tables that go from one to the other. */
import { PlanError } from '../core/errors.js';
import { type LearningStage, nameOf, type TransformingStage } from './composite.js';

/** Stands for a table while a graph is built; `GraphBuilder.createTableId` makes them. */
export class TableId {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  toString(): string {
    return `TableId(${this.id})`;
  }
}

/** A stage in a graph. Ids are numbers: two of one number are the same table. */
export interface GraphNode {
  readonly id: number;
  readonly stage: LearningStage | TransformingStage;
  /** What it is fitted to; null for a stage that does not learn. */
  readonly estimatorInputs: readonly number[] | null;
  /** What it, or the model that was learned, transforms. */
  readonly inputs: readonly number[];
  /** What comes of that; there may be more ids than tables. */
  readonly outputs: readonly number[];
  /** Where the model gets its data from, in place of its own. */
  readonly inputModelData: number | null;
  /** Where the model's data go. */
  readonly outputModelData: number | null;
}

/** A graph: nodes, and which tables come from outside and go there. */
export interface GraphPlan {
  readonly nodes: readonly GraphNode[];
  /** Tables that `fit` is given; null for a graph that is not fitted. */
  readonly estimatorInputs: readonly number[] | null;
  /** Tables that `transform` is given. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Tables of model data that `setModelData` is given. */
  readonly inputModelData: readonly number[];
  readonly outputModelData: readonly number[];
}

/** A node, for messages. */
export function showNode({ id, stage }: GraphNode): string {
  return `node ${id}, ${nameOf(stage)},`;
}

/** The tables that a node waits for. */
export function needsOf(node: GraphNode): number[] {
  const { estimatorInputs, inputs, inputModelData } = node;
  return [
    ...(estimatorInputs ?? []),
    ...inputs,
    ...(inputModelData === null ? [] : [inputModelData]),
  ];
}

function givesOf({ outputs, outputModelData }: GraphNode): readonly number[] {
  return outputModelData === null ? outputs : [...outputs, outputModelData];
}

/**
 * The nodes in the order in which they run: each as soon as its tables are there, first come, first
 * served.
 *
 * @param given The tables that come from outside.
 * @param asked Those that go there.
 * @throws PlanError `ERR_GYRE_PLAN` for a table that is made twice, or a node or an output whose
 *   tables are never made.
 */
export function orderOf(
  who: string,
  nodes: readonly GraphNode[],
  given: readonly number[],
  asked: readonly number[],
): GraphNode[] {
  const made = new Set<number>();
  const make = (id: number, by: string) => {
    if (made.has(id)) {
      throw new PlanError(`${who}: TableId(${id}) of ${by} has been made already.`, {
        details: { who, tableId: id },
      });
    }
    made.add(id);
  };
  for (const id of given) make(id, 'the inputs');
  const order: GraphNode[] = [];
  let waiting = [...nodes];
  while (waiting.length > 0) {
    const ready = waiting.filter((node) => needsOf(node).every((id) => made.has(id)));
    if (ready.length === 0) throw neverReady(who, waiting[0]!, made);
    for (const node of ready) for (const id of givesOf(node)) make(id, showNode(node));
    order.push(...ready);
    waiting = waiting.filter((node) => !ready.includes(node));
  }
  const stray = asked.find((id) => !made.has(id));
  if (stray === undefined) return order;
  throw new PlanError(`${who}: the output TableId(${stray}) is made by no node.`, {
    details: { who, tableId: stray },
  });
}

function neverReady(who: string, node: GraphNode, made: ReadonlySet<number>): PlanError {
  const missing = [...new Set(needsOf(node))].filter((id) => !made.has(id));
  return new PlanError(
    `${who}: ${showNode(node)} waits for ${missing.map((id) => `TableId(${id})`).join(', ')}, ` +
      'which is never made.',
    { details: { who, node: node.id, missing } },
  );
}
