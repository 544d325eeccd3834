/** Runs the nodes of a graph. */
import { PlanError } from '../core/errors.js';
import { Model } from '../stage/stage.js';
import { Table } from '../table/table.js';
import {
  type FitStagesOptions,
  fitWith,
  isTransforming,
  type TransformingStage,
  transformOptions,
  transformWith,
} from './composite.js';
import { type GraphNode, showNode } from './graph-node.js';

/** A model of any kind. */
export type AnyModel = Model<unknown, unknown>;

/** What came of a run. */
export interface GraphRun {
  /** All tables that were made, by id. */
  readonly tables: ReadonlyMap<number, Table>;
  /** The stages that transformed, by node: fitted, with the data that they were given. */
  readonly stages: ReadonlyMap<number, TransformingStage>;
}

/**
 * @param order The nodes as they become ready.
 * @param given The tables from outside, by id.
 */
export async function runGraph(
  who: string,
  order: readonly GraphNode[],
  given: ReadonlyMap<number, Table>,
  options: FitStagesOptions,
): Promise<GraphRun> {
  const tables = new Map(given);
  const stages = new Map<number, TransformingStage>();
  for (const node of order) {
    const stage = await readyStage(who, node, tables, options);
    stages.set(node.id, stage);
    const input = inputOf(node.inputs, tables);
    const made = await transformWith(stage, input, transformOptions(options));
    setOutputs(who, node, made as Table | readonly Table[], tables);
    if (node.outputModelData !== null) {
      tables.set(node.outputModelData, await dataOf(who, node, stage));
    }
  }
  return { tables, stages };
}

/** The stage that transforms: fitted where it has to learn, with data from the graph if it gets such. */
async function readyStage(
  who: string,
  node: GraphNode,
  tables: ReadonlyMap<number, Table>,
  options: FitStagesOptions,
): Promise<TransformingStage> {
  const { id, estimatorInputs, inputModelData } = node;
  const stage = isTransforming(node.stage)
    ? node.stage
    : await fitWith(node.stage, id, inputOf(estimatorInputs!, tables), options);
  if (inputModelData === null) return stage;
  const model = modelOf(who, node, stage);
  const Class = model.constructor as unknown as {
    fromSaved(params: unknown, data: Table): TransformingStage;
  };
  return Class.fromSaved(model.params, tables.get(inputModelData)!);
}

async function dataOf(who: string, node: GraphNode, stage: TransformingStage): Promise<Table> {
  const model = modelOf(who, node, stage);
  await model.ready();
  const { dataTable } = model;
  if (dataTable !== null) return dataTable;
  throw new PlanError(`${who}: ${showNode(node)} has no model data.`, { details: { who } });
}

function modelOf(who: string, node: GraphNode, stage: TransformingStage): AnyModel {
  if (stage instanceof Model) return stage;
  throw new PlanError(`${who}: ${showNode(node)} has no model data; it must give a model.`, {
    details: { who, node: node.id },
  });
}

/** One table as such, several as an array. */
function inputOf(
  ids: readonly number[],
  tables: ReadonlyMap<number, Table>,
): Table | readonly Table[] {
  const inputs = ids.map((id) => tables.get(id)!);
  return inputs.length === 1 ? inputs[0]! : inputs;
}

function setOutputs(
  who: string,
  node: GraphNode,
  made: Table | readonly Table[],
  tables: Map<number, Table>,
): void {
  const outputs = made instanceof Table ? [made] : made;
  if (outputs.length > node.outputs.length) {
    throw new PlanError(
      `${who}: ${showNode(node)} gives ${outputs.length} tables, and there are ` +
        `${node.outputs.length} ids; see GraphBuilder.setMaxOutputTableNum.`,
      { details: { who, node: node.id, got: outputs.length, expected: node.outputs.length } },
    );
  }
  outputs.forEach((table, i) => {
    tables.set(node.outputs[i]!, table);
  });
}

/** Tables by their ids. @throws PlanError `ERR_GYRE_PLAN` for one that no stage gave. */
export function tablesOf(
  who: string,
  ids: readonly number[],
  tables: ReadonlyMap<number, Table>,
): Table[] {
  return ids.map((id) => {
    const table = tables.get(id);
    if (table !== undefined) return table;
    throw new PlanError(`${who}: TableId(${id}) was not given by its stage.`, {
      details: { who, tableId: id },
    });
  });
}

/** What a caller hands in, by the ids of the graph. */
export function givenTables(
  who: string,
  ids: readonly number[],
  input: Table | readonly Table[],
): Map<number, Table> {
  const tables = input instanceof Table ? [input] : input;
  if (tables.length !== ids.length) {
    throw new PlanError(`${who} takes ${ids.length} tables, got ${tables.length}.`, {
      details: { who, expected: ids.length, got: tables.length },
    });
  }
  return new Map(ids.map((id, i) => [id, tables[i]!]));
}
