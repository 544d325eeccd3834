/** Pipeline: stages that are fitted, and transform, one after the other. */
import type { ParamTable } from '../core/params.js';
import { checkCall } from '../stage/call.js';
import type { StageMetadata } from '../stage/save.js';
import { Stage } from '../stage/stage.js';
import {
  type AnyStage,
  checkStages,
  type FitStagesOptions,
  fitWith,
  isLearning,
  type LearningStage,
  type Tables,
  type TransformingStage,
  transformOptions,
} from './composite.js';
import { type FoldersOf, type LoadOptions, loadComposite } from './load-stage.js';
import { type NoParams, PipelineModel } from './pipeline-model.js';
import { runStages } from './run-stages.js';
import { foldersOfList, saveList } from './saved-list.js';

/**
 * Learns by stage after stage: one that learns is fitted to what the stages before it give, and its
 * model transforms for the stages after it.
 *
 * `fit` runs no further than it has to: the model of the last stage that learns, and the stages
 * after it, transform nothing; without a stage that learns nothing runs at all. The stages are left
 * as they are, and those that only transform are the same objects in the model. A stage that has
 * both `fit` and `transform` transforms.
 *
 * Options of `fit` are those of any `fit`: progress says which stage it is of, and checkpoints of
 * stage i lie in the folder `i` of the one that is given. A stream is read once for each stage that
 * learns, so that it has to be one that can be read again where there are several, and the stages
 * before them have to be transformers.
 *
 * @see Pipeline of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[0, 0], [1, 900], [9, 0]] }, { input: 'vector' });
 * const pipeline = new Pipeline([
 *   new StandardScaler({ withMean: true, outputCol: 'features' }),
 *   new KMeans({ k: 2, seed: 1 }),
 * ]);
 * const model = await pipeline.fit(table);
 * const output = await model.transform(table);
 * console.log(output.columnNames); // [ 'input', 'features', 'prediction' ]
 * ```
 */
export class Pipeline extends Stage<NoParams> {
  static readonly className = 'Pipeline';
  static readonly params: ParamTable<NoParams> = {};
  /** The stages, in order. */
  readonly stages: readonly (LearningStage | TransformingStage)[];

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for what is no stage. */
  constructor(stages: readonly (LearningStage | TransformingStage)[]) {
    super();
    checkStages('Pipeline', stages);
    this.stages = Object.freeze([...stages]);
  }

  /** Loads a pipeline that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string, options?: LoadOptions): Promise<Pipeline> {
    return loadComposite(Pipeline, path, options);
  }

  /** @internal */
  static readonly foldersOf: FoldersOf = foldersOfList;

  /** @internal */
  static fromStages(_: StageMetadata, stages: readonly AnyStage[]): Pipeline {
    return new Pipeline(stages as readonly TransformingStage[]);
  }

  /**
   * Learns from a table; from a stream, or from several tables, where the first stages take such.
   *
   * @throws whatever the first stage that fails rejects with.
   */
  async fit(input: Tables, options: FitStagesOptions = {}): Promise<PipelineModel> {
    checkCall('Pipeline.fit', input, 'any', options, ['checkpoint']);
    const last = this.stages.findLastIndex(isLearning);
    const fitted: TransformingStage[] = [];
    let running = input;
    /** Stages whose output nobody has asked for yet. */
    let waiting: TransformingStage[] = [];
    for (const [i, stage] of this.stages.entries()) {
      let transforming = stage as TransformingStage;
      if (isLearning(stage)) {
        running = await runStages('Pipeline.fit', waiting, running, transformOptions(options));
        waiting = [];
        transforming = await fitWith(stage, i, running, options);
      }
      fitted.push(transforming);
      if (i < last) waiting.push(...flattened(transforming));
    }
    return new PipelineModel(fitted);
  }

  override save(path: string): Promise<void> {
    return saveList(path, Pipeline.className, this.stages);
  }
}

function flattened(stage: TransformingStage): TransformingStage[] {
  return stage instanceof PipelineModel ? stage.flattened : [stage];
}
