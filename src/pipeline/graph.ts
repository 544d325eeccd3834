/** Graph: stages that are fitted, and transform, connected by the tables that they take and give. */
import type { ParamTable } from '../core/params.js';
import { checkCall } from '../stage/call.js';
import type { StageMetadata } from '../stage/save.js';
import { Stage } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { AnyStage, FitStagesOptions } from './composite.js';
import { GraphModel } from './graph-model.js';
import { type GraphNode, type GraphPlan, orderOf } from './graph-node.js';
import { givenTables, runGraph } from './graph-run.js';
import { type FoldersOf, type LoadOptions, loadComposite } from './load-stage.js';
import type { NoParams } from './pipeline-model.js';
import { foldersOfGraph, planOf, saveGraph } from './saved-graph.js';

const WHO = 'Graph.fit';

/**
 * Learns by stages that are connected as a {@link GraphBuilder} was told: one that learns is fitted
 * as soon as its tables are there, and its model transforms.
 *
 * Other than in a {@link Pipeline}, every stage transforms in `fit`, the last one too. Options are
 * those of `fit` of a pipeline, with the number of the node, from 0 in the order in which they were
 * added, as the stage.
 *
 * @see Graph of Flink ML.
 */
export class Graph extends Stage<NoParams> {
  static readonly className = 'Graph';
  static readonly params: ParamTable<NoParams> = {};
  readonly #plan: GraphPlan;
  readonly #order: readonly GraphNode[];

  /** @internal Use {@link GraphBuilder}`.buildEstimator`. */
  constructor(plan: GraphPlan) {
    super();
    const { nodes, estimatorInputs, outputs, outputModelData } = plan;
    // What cannot run is refused here, and not at the first call: fit, nor transform after it.
    this.#order = orderOf('Graph', nodes, estimatorInputs ?? [], [...outputs, ...outputModelData]);
    new GraphModel(modelPlan(plan, nodes));
    this.#plan = plan;
  }

  /** Loads a graph that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string, options?: LoadOptions): Promise<Graph> {
    return loadComposite(Graph, path, options);
  }

  /** @internal */
  static readonly foldersOf: FoldersOf = foldersOfGraph;

  /** @internal */
  static fromStages(metadata: StageMetadata, stages: readonly AnyStage[], path: string): Graph {
    return new Graph(planOf(metadata, stages, path));
  }

  /**
   * Learns from tables.
   *
   * @param input As many tables as the graph has inputs; a single one may be given as such.
   * @throws PlanError `ERR_GYRE_PLAN` for another number of tables, and whatever the first stage
   *   that fails rejects with.
   */
  async fit(input: Table | readonly Table[], options: FitStagesOptions = {}): Promise<GraphModel> {
    checkCall(WHO, input, 'table or tables', options, ['checkpoint']);
    const given = givenTables(WHO, this.#plan.estimatorInputs!, input);
    const { stages } = await runGraph(WHO, this.#order, given, options);
    const nodes = this.#plan.nodes.map((node) => ({ ...node, stage: stages.get(node.id)! }));
    return new GraphModel(modelPlan(this.#plan, nodes));
  }

  override save(path: string): Promise<void> {
    return saveGraph(path, Graph.className, this.#plan);
  }
}

/** The plan of the model: nothing is to be fitted any more. */
function modelPlan(plan: GraphPlan, nodes: readonly GraphNode[]): GraphPlan {
  const transforming = nodes.map((node) => ({ ...node, estimatorInputs: null }));
  return { ...plan, estimatorInputs: null, nodes: transforming };
}
