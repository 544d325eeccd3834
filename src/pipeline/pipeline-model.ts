/** PipelineModel: stages that transform, one after the other. */
import { InvalidParamError, PlanError } from '../core/errors.js';
import type { ParamTable } from '../core/params.js';
import { checkCall } from '../stage/call.js';
import type { StageMetadata } from '../stage/save.js';
import { Servable, type ServableOptions } from '../stage/servable.js';
import { Stage, type StageOptions, Transformer } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import {
  type AnyStage,
  checkStages,
  isTransforming,
  nameOf,
  type Tables,
  type TransformingStage,
} from './composite.js';
import { type FoldersOf, type LoadOptions, loadComposite } from './load-stage.js';
import { runStages, streamThrough } from './run-stages.js';
import { foldersOfList, saveList } from './saved-list.js';

const WHO = 'PipelineModel.transform';

/** Pipelines have no params of their own. */
export type NoParams = Record<never, never>;

/**
 * Transforms by stage after stage: what one gives, the next one takes.
 *
 * Made by {@link Pipeline}`.fit`, or of stages that transform: transformers, models, AlgoOperators,
 * and pipeline models. Without stages the output is the input.
 *
 * `transform` of a table gives a table, of a stream a stream (batch by batch; every stage must be a
 * transformer), of an array an array, for stages of several inputs or outputs. Stages that look at
 * every row alone run as one job: a worker applies all of them to its rows, and only what they read
 * of the input goes there. The bits are those of the stages one by one, on any number of threads;
 * so are errors, and a row that one names is of the table that the stage got.
 *
 * @see PipelineModel of Flink ML; its model data are those of its stages.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[0, 2], [4, 6]] }, { input: 'vector' });
 * const [mean, std] = [Vectors.dense(2, 4), Vectors.dense(2, 2)];
 * const scaler = new StandardScalerModel({ withMean: true, outputCol: 'features' });
 * const centroids = [Vectors.dense(-1, -1), Vectors.dense(1, 1)];
 * const model = new PipelineModel([
 *   scaler.setModelData({ mean, std }),
 *   new KMeansModel().setModelData({ centroids, weights: Vectors.dense(1, 1) }),
 * ]);
 * const output = await model.transform(table);
 * console.log(output.column('prediction').toArray()); // [0, 1]
 * ```
 */
export class PipelineModel extends Stage<NoParams> {
  static readonly className = 'PipelineModel';
  static readonly params: ParamTable<NoParams> = {};
  /** The stages, in order. */
  readonly stages: readonly TransformingStage[];

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for what does not transform. */
  constructor(stages: readonly TransformingStage[]) {
    super();
    checkStages('PipelineModel', stages);
    stages.forEach((stage, i) => {
      if (isTransforming(stage)) return;
      throw new InvalidParamError(
        `PipelineModel: stage ${i}, ${nameOf(stage)}, must transform; a Pipeline takes stages that ` +
          'learn.',
        { details: { stage: i } },
      );
    });
    this.stages = Object.freeze([...stages]);
  }

  /**
   * Loads a model that {@link save} wrote.
   *
   * @throws FormatError `ERR_GYRE_FORMAT`.
   */
  static load(path: string, options?: LoadOptions): Promise<PipelineModel> {
    return loadComposite(PipelineModel, path, options);
  }

  /** @internal */
  static readonly foldersOf: FoldersOf = foldersOfList;

  /** @internal */
  static fromStages(_: StageMetadata, stages: readonly AnyStage[]): PipelineModel {
    return new PipelineModel(stages as readonly TransformingStage[]);
  }

  /** @throws whatever the first stage that fails rejects with. */
  transform(table: Table, options?: StageOptions): Promise<Table>;
  transform(stream: TableStream, options?: StageOptions): TableStream;
  transform(tables: readonly Table[], options?: StageOptions): Promise<Table[]>;
  transform(input: Tables, options: StageOptions = {}): Promise<Table | Table[]> | TableStream {
    checkCall(WHO, input, 'any', options);
    if (input instanceof TableStream) return streamThrough(WHO, this.flattened, input, options);
    return this.#transformTables(input, options);
  }

  /** Whether {@link toServable} works: every stage looks at rows alone. */
  get supportsServable(): boolean {
    return this.flattened.every((stage) => stage instanceof Transformer);
  }

  /**
   * This pipeline for serving; see {@link Servable}.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` when a stage does not look at rows alone.
   */
  toServable(options: ServableOptions = {}): Servable {
    const stages = this.flattened;
    const stray = stages.find((stage) => !(stage instanceof Transformer));
    if (stray === undefined) {
      return new Servable('PipelineModel.toServable', stages as never, options);
    }
    throw new InvalidParamError(
      `PipelineModel.toServable: ${nameOf(stray)} does not look at every row alone; all stages must ` +
        'be transformers or models.',
      { details: { stage: nameOf(stray) } },
    );
  }

  /** @internal The stages, those of pipeline models among them in their place. */
  get flattened(): TransformingStage[] {
    return this.stages.flatMap((stage) =>
      stage instanceof PipelineModel ? stage.flattened : [stage],
    );
  }

  override save(path: string): Promise<void> {
    return saveList(path, PipelineModel.className, this.stages);
  }

  async #transformTables(
    input: Table | readonly Table[],
    options: StageOptions,
  ): Promise<Table | Table[]> {
    const output = await runStages(WHO, this.flattened, input, options);
    const tables = (Array.isArray(output) ? output : [output]) as Table[];
    if (Array.isArray(input)) return [...tables];
    if (tables.length === 1) return tables[0]!;
    throw new PlanError(
      `${WHO}: the last stage gives ${tables.length} tables; hand in an array of ` +
        'tables to get one.',
      { details: { tables: tables.length } },
    );
  }
}
