/** GraphBuilder: says which stages there are, and which tables they take and give. */
import { InvalidParamError, PlanError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Model } from '../stage/stage.js';
import {
  checkStage,
  isLearning,
  isTransforming,
  type LearningStage,
  nameOf,
  type TransformingStage,
} from './composite.js';
import { Graph } from './graph.js';
import { GraphModel } from './graph-model.js';
import { type GraphNode, TableId } from './graph-node.js';

/** What there is of a graph beside its inputs and outputs. */
export interface GraphEnds {
  /** Tables of model data that the graph is given by `setModelData`. **Default:** none. */
  readonly inputModelData?: readonly TableId[] | undefined;
  /** Tables of model data that `modelData` of the graph gives. **Default:** none. */
  readonly outputModelData?: readonly TableId[] | undefined;
}

/** What there is of a graph that learns beside its inputs and outputs. */
export interface EstimatorEnds extends Pick<GraphEnds, 'outputModelData'> {
  /** Tables that `transform` of the model is given. **Default:** those that `fit` is given. */
  readonly modelInputs?: readonly TableId[] | undefined;
}

type Stage = LearningStage | TransformingStage;
type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] };

/**
 * Builds graphs of stages: {@link createTableId} stands for a table from outside, adding a stage
 * gives ids of the tables that it will give, and these are inputs of other stages, or of outputs.
 *
 * Order does not matter; what cannot run (a table that nobody makes, a circle, a table that is made
 * twice) is `ERR_GYRE_PLAN` when the graph is built.
 *
 * @see GraphBuilder of Flink ML. There the ids of model data are lists of tables; here a model's
 *   data are one table.
 *
 * @example
 * ```ts
 * const builder = new GraphBuilder();
 * const points = builder.createTableId();
 * const [scaled] = builder.addEstimator(new StandardScaler({ outputCol: 'features' }), points);
 * const [labeled] = builder.addEstimator(new KMeans({ k: 2, seed: 1 }), scaled);
 * const graph = builder.buildEstimator([points], [labeled]);
 *
 * const table = Table.fromColumns({ input: [[0], [1], [9]] }, { input: 'vector' });
 * const model = await graph.fit([table]);
 * const [output] = await model.transform([table]);
 * console.log(output.columnNames); // [ 'input', 'features', 'prediction' ]
 * ```
 */
export class GraphBuilder {
  readonly #nodes = new Map<Stage, Draft>();
  #maxOutputs = 20;
  #ids = 0;

  /** An id of a table. */
  createTableId(): TableId {
    return new TableId(this.#ids++);
  }

  /** How many ids each stage added from now on gets for what it gives. **Default:** 20. */
  setMaxOutputTableNum(n: number): this {
    if (!Number.isInteger(n) || n < 1 || n > 1000) {
      throw new InvalidParamError(
        `GraphBuilder.setMaxOutputTableNum must be an integer from 1 to 1000, got ${showValue(n)}.`,
        { details: { got: n } },
      );
    }
    this.#maxOutputs = n;
    return this;
  }

  /**
   * Adds a stage that transforms.
   *
   * @returns Ids of what it gives, of which the first ones will have tables.
   * @throws PlanError `ERR_GYRE_PLAN` for a stage that has been added already.
   */
  addAlgoOperator(stage: TransformingStage, ...inputs: readonly TableId[]): TableIds {
    if (!isTransforming(stage)) throw this.#wrongKind('addAlgoOperator', stage, 'transform');
    return this.#add('addAlgoOperator', stage, null, inputs);
  }

  /** Adds a stage that learns, whose model transforms what it was fitted to. */
  addEstimator(stage: LearningStage, ...inputs: readonly TableId[]): TableIds;
  /** Adds a stage that learns from some tables, whose model transforms others. */
  addEstimator(
    stage: LearningStage,
    estimatorInputs: readonly TableId[],
    modelInputs: readonly TableId[],
  ): TableIds;
  addEstimator(
    stage: LearningStage,
    ...inputs: readonly (TableId | readonly TableId[])[]
  ): TableIds {
    if (!isLearning(stage)) throw this.#wrongKind('addEstimator', stage, 'learn');
    const lists = inputs.filter((input) => Array.isArray(input)) as (readonly TableId[])[];
    const [estimatorInputs, modelInputs] =
      lists.length === 0 ? [inputs as TableId[], inputs as TableId[]] : lists;
    return this.#add('addEstimator', stage, estimatorInputs ?? [], modelInputs ?? []);
  }

  /** Lets the model of a stage that learns have other data than what was learned. */
  setModelDataOnEstimator(stage: LearningStage, data: TableId): void {
    this.#setModelData('setModelDataOnEstimator', stage, data);
  }

  /** Lets a model have other data. */
  setModelDataOnModel(stage: TransformingStage, data: TableId): void {
    this.#setModelData('setModelDataOnModel', stage, data);
  }

  /** The data of the model of a stage that learns. */
  getModelDataFromEstimator(stage: LearningStage): TableId {
    return this.#getModelData('getModelDataFromEstimator', stage);
  }

  /** The data of a model. */
  getModelDataFromModel(stage: TransformingStage): TableId {
    return this.#getModelData('getModelDataFromModel', stage);
  }

  /** A graph that learns. */
  buildEstimator(
    inputs: readonly TableId[],
    outputs: readonly TableId[],
    { modelInputs = inputs, outputModelData = [] }: EstimatorEnds = {},
  ): Graph {
    return new Graph({
      nodes: this.#plan(),
      estimatorInputs: numbers('buildEstimator', inputs),
      inputs: numbers('buildEstimator', modelInputs),
      outputs: numbers('buildEstimator', outputs),
      inputModelData: [],
      outputModelData: numbers('buildEstimator', outputModelData),
    });
  }

  /** A graph that transforms; the same as {@link buildModel} without model data. */
  buildAlgoOperator(inputs: readonly TableId[], outputs: readonly TableId[]): GraphModel {
    return this.buildModel(inputs, outputs);
  }

  /** A graph that transforms, and may take and give model data. */
  buildModel(
    inputs: readonly TableId[],
    outputs: readonly TableId[],
    { inputModelData = [], outputModelData = [] }: GraphEnds = {},
  ): GraphModel {
    return new GraphModel({
      nodes: this.#plan(),
      estimatorInputs: null,
      inputs: numbers('buildModel', inputs),
      outputs: numbers('buildModel', outputs),
      inputModelData: numbers('buildModel', inputModelData),
      outputModelData: numbers('buildModel', outputModelData),
    });
  }

  #add(
    call: string,
    stage: Stage,
    estimatorInputs: readonly TableId[] | null,
    inputs: readonly TableId[],
  ): TableIds {
    checkStage(`GraphBuilder.${call}: what is added`, stage);
    if (this.#nodes.has(stage)) {
      throw new PlanError(`GraphBuilder.${call}: ${nameOf(stage)} has been added already.`);
    }
    if (inputs.length === 0 || estimatorInputs?.length === 0) {
      throw new PlanError(`GraphBuilder.${call}: ${nameOf(stage)} must have at least one input.`);
    }
    const ids = Array.from({ length: this.#maxOutputs }, () => this.createTableId());
    this.#nodes.set(stage, {
      id: this.#nodes.size,
      stage,
      estimatorInputs: estimatorInputs && numbers(call, estimatorInputs),
      inputs: numbers(call, inputs),
      outputs: ids.map(({ id }) => id),
      inputModelData: null,
      outputModelData: null,
    });
    return ids as unknown as TableIds;
  }

  #setModelData(call: string, stage: Stage, data: TableId): void {
    const node = this.#modelNode(call, stage);
    if (node.inputModelData !== null) {
      throw new PlanError(`GraphBuilder.${call}: ${nameOf(stage)} has got model data already.`);
    }
    [node.inputModelData] = numbers(call, [data]) as [number];
  }

  #getModelData(call: string, stage: Stage): TableId {
    const node = this.#modelNode(call, stage);
    node.outputModelData ??= this.createTableId().id;
    return new TableId(node.outputModelData);
  }

  #modelNode(call: string, stage: Stage): Draft {
    const node = this.#nodes.get(stage);
    if (node === undefined) {
      throw new PlanError(`GraphBuilder.${call}: ${nameOf(stage)} must be added first.`);
    }
    if (call.endsWith('Estimator') !== (node.estimatorInputs !== null)) {
      throw this.#wrongKind(call, stage, call.endsWith('Estimator') ? 'learn' : 'not learn');
    }
    if (node.estimatorInputs === null && !(stage instanceof Model)) {
      throw this.#wrongKind(call, stage, 'be a model');
    }
    return node;
  }

  #wrongKind(call: string, stage: unknown, must: string): PlanError {
    return new PlanError(`GraphBuilder.${call}: the stage must ${must}, got ${nameOf(stage)}.`);
  }

  /** The nodes as they are now: those of a graph do not change with its builder. */
  #plan(): GraphNode[] {
    return Array.from(this.#nodes.values(), (node) => ({ ...node }));
  }
}

/** Ids of what a stage gives: at least one. */
export type TableIds = readonly [TableId, ...(readonly TableId[])];

function numbers(call: string, ids: readonly TableId[]): number[] {
  return Array.from(ids, (id) => {
    if (id instanceof TableId) return id.id;
    throw new InvalidParamError(
      `GraphBuilder.${call} takes TableIds, got ${showValue(id)}; see createTableId.`,
    );
  });
}
