/** Graphs on disk: how the stages are connected, and each in a folder of its own. */
import { join } from 'node:path';
import { showValue } from '../core/params.js';
import { childFolder, METADATA_FILE, type StageMetadata, writeStage } from '../stage/save.js';
import { broken } from '../stage/saved-folder.js';
import { type AnyStage, isLearning, type TransformingStage } from './composite.js';
import type { GraphNode, GraphPlan } from './graph-node.js';
import { checkCount } from './saved-list.js';

/** Ids of one list; a stage has 20 outputs unless the builder was told otherwise. */
const MAX_IDS = 10_000;

/** Writes a graph. */
export function saveGraph(path: string, className: string, plan: GraphPlan): Promise<void> {
  const { nodes, ...ends } = plan;
  return writeStage(path, {
    className,
    params: {},
    data: null,
    fields: { graph: { nodes: nodes.map(({ stage: _, ...node }) => node), ...ends } },
    children: new Map(nodes.map(({ id, stage }) => [childFolder(id, nodes.length), stage])),
  });
}

/** The folders of a graph's stages. @throws FormatError `ERR_GYRE_FORMAT`. */
export function foldersOfGraph(metadata: StageMetadata, path: string): string[] {
  const { nodes } = graphOf(metadata, path);
  const count = checkCount(
    path,
    'the number of nodes',
    Array.isArray(nodes) ? nodes.length : nodes,
  );
  return Array.from({ length: count }, (_, i) => childFolder(i, count));
}

/** The plan of a graph whose stages have been loaded. @throws FormatError `ERR_GYRE_FORMAT`. */
export function planOf(
  metadata: StageMetadata,
  stages: readonly AnyStage[],
  path: string,
): GraphPlan {
  const graph = graphOf(metadata, path);
  const nodes = (graph.nodes as readonly unknown[]).map((saved, i): GraphNode => {
    const node = (saved ?? {}) as { readonly [K in keyof GraphNode]?: unknown };
    const stage = stages[i] as TransformingStage;
    const learns = isLearning(stage);
    const where = `node ${i}`;
    if (node.id !== i) throw wrong(path, `${where}: its id`, `${i}`, node.id);
    if (learns !== (node.estimatorInputs !== null)) {
      throw wrong(path, `${where}: estimatorInputs`, learns ? 'ids' : 'null', node.estimatorInputs);
    }
    return {
      id: i,
      stage,
      estimatorInputs: learns ? ids(path, `${where}: estimatorInputs`, node.estimatorInputs) : null,
      inputs: ids(path, `${where}: inputs`, node.inputs),
      outputs: ids(path, `${where}: outputs`, node.outputs),
      inputModelData: idOrNull(path, `${where}: inputModelData`, node.inputModelData),
      outputModelData: idOrNull(path, `${where}: outputModelData`, node.outputModelData),
    };
  });
  const isFitted = graph.estimatorInputs !== null;
  return {
    nodes,
    estimatorInputs: isFitted ? ids(path, 'estimatorInputs', graph.estimatorInputs) : null,
    inputs: ids(path, 'inputs', graph.inputs),
    outputs: ids(path, 'outputs', graph.outputs),
    inputModelData: ids(path, 'inputModelData', graph.inputModelData),
    outputModelData: ids(path, 'outputModelData', graph.outputModelData),
  };
}

type SavedGraph = { readonly [K in keyof GraphPlan]?: unknown };

function graphOf({ graph }: StageMetadata, path: string): SavedGraph {
  if (graph !== null && typeof graph === 'object') return graph;
  throw wrong(path, 'graph', 'an object', graph);
}

function ids(path: string, what: string, value: unknown): number[] {
  const isList = Array.isArray(value) && value.length <= MAX_IDS && value.every(isId);
  if (!isList) throw wrong(path, what, 'a list of table ids', value);
  return value;
}

function idOrNull(path: string, what: string, value: unknown): number | null {
  if (value === null || isId(value)) return value;
  throw wrong(path, what, 'a table id or null', value);
}

const isId = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

function wrong(path: string, what: string, expected: string, got: unknown) {
  return broken(join(path, METADATA_FILE), `${what} must be ${expected}, got ${showValue(got)}.`);
}
