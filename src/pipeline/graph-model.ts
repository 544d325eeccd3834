/** GraphModel: stages that transform, connected by the tables that they take and give. */
import { ModelDataError } from '../core/errors.js';
import type { ParamTable } from '../core/params.js';
import { checkCall } from '../stage/call.js';
import type { StageMetadata } from '../stage/save.js';
import { Stage, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { AnyStage } from './composite.js';
import { type GraphNode, type GraphPlan, orderOf } from './graph-node.js';
import { givenTables, runGraph, tablesOf } from './graph-run.js';
import { type FoldersOf, type LoadOptions, loadComposite } from './load-stage.js';
import type { NoParams } from './pipeline-model.js';
import { foldersOfGraph, planOf, saveGraph } from './saved-graph.js';

const WHO = 'GraphModel.transform';

/**
 * Transforms tables by stages that are connected as a {@link GraphBuilder} was told: each runs as
 * soon as the tables that it takes are there.
 *
 * Made by {@link Graph}`.fit`, or by `buildModel` and `buildAlgoOperator` of a builder; stages that
 * learn are then fitted in every `transform`. Model data go through a graph as the table that
 * `save` of the model writes.
 *
 * Other than in Flink ML, `transform` may be called any number of times: nothing of a call is kept but
 * the model data that it gives.
 *
 * @see GraphModel of Flink ML.
 */
export class GraphModel extends Stage<NoParams> {
  static readonly className = 'GraphModel';
  static readonly params: ParamTable<NoParams> = {};
  readonly #plan: GraphPlan;
  readonly #order: readonly GraphNode[];
  #given: ReadonlyMap<number, Table> = new Map();
  #modelData: readonly Table[] | null = null;

  /** @internal Use a {@link GraphBuilder}. */
  constructor(plan: GraphPlan) {
    super();
    const { nodes, inputs, inputModelData, outputs, outputModelData } = plan;
    const given = [...inputs, ...inputModelData];
    // What cannot run is refused here, and not at the first call.
    this.#order = orderOf('GraphModel', nodes, given, [...outputs, ...outputModelData]);
    this.#plan = plan;
  }

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string, options?: LoadOptions): Promise<GraphModel> {
    return loadComposite(GraphModel, path, options);
  }

  /** @internal */
  static readonly foldersOf: FoldersOf = foldersOfGraph;

  /** @internal */
  static fromStages(
    metadata: StageMetadata,
    stages: readonly AnyStage[],
    path: string,
  ): GraphModel {
    return new GraphModel(planOf(metadata, stages, path));
  }

  /**
   * The tables that the outputs of the graph name.
   *
   * @param input As many tables as the graph has inputs; a single one may be given as such.
   * @throws PlanError `ERR_GYRE_PLAN` for another number of tables; ModelDataError
   *   `ERR_GYRE_MODEL` when the graph takes model data and was given none.
   */
  async transform(input: Table | readonly Table[], options: StageOptions = {}): Promise<Table[]> {
    checkCall(WHO, input, 'table or tables', options);
    const { inputs, outputs, inputModelData, outputModelData } = this.#plan;
    if (this.#given.size < inputModelData.length) {
      throw new ModelDataError(
        `${WHO}: the graph takes model data, ${inputModelData.length} tables; call setModelData.`,
        { details: { expected: inputModelData.length } },
      );
    }
    const given = new Map([...givenTables(WHO, inputs, input), ...this.#given]);
    const { onProgress: _, ...rest } = options;
    const { tables } = await runGraph(WHO, this.#order, given, rest);
    this.#modelData = tablesOf(WHO, outputModelData, tables);
    return tablesOf(WHO, outputs, tables);
  }

  /**
   * The model data that the graph gives, each as one table: those of the last `transform` that has
   * ended.
   *
   * @throws ModelDataError `ERR_GYRE_MODEL` before there was one.
   */
  get modelData(): readonly Table[] {
    if (this.#modelData !== null) return this.#modelData;
    throw new ModelDataError('GraphModel: it has no data before the first transform.');
  }

  /** Gives the graph the model data that it takes, each as one table. Returns the model. */
  setModelData(tables: readonly Table[]): this {
    this.#given = givenTables('GraphModel.setModelData', this.#plan.inputModelData, tables);
    return this;
  }

  override save(path: string): Promise<void> {
    return saveGraph(path, GraphModel.className, this.#plan);
  }
}
