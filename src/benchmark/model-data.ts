/** Data for the models that a benchmark transforms with. */
import { InvalidParamError } from '../core/errors.js';
import { Estimator, Model, type StageOptions } from '../stage/stage.js';
import { type BenchmarkStage, benchmarkStage } from './benchmark-stage.js';
import { simpleName } from './class-names.js';
import type { ModelDataSpec } from './config.js';
import { GeneratedRows } from './generated-rows.js';
import { inputGenerator } from './generators.js';
import { optionsOf } from './json-params.js';
import { KMeansModelDataGenerator } from './kmeans-model-data-generator.js';

/**
 * Gives a model its data: those of a generator, or those that an estimator learns from the
 * different rows of its input.
 *
 * @param rows The entry's own input, which an estimator without one learns from.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a stage that takes no data, and for what
 *   does not make any.
 */
export async function giveModelData(
  stage: BenchmarkStage,
  spec: ModelDataSpec,
  rows: GeneratedRows,
  options: StageOptions,
): Promise<void> {
  if (!(stage instanceof Model)) {
    throw new InvalidParamError(
      `${stage.stageClass.className}: only models take modelData, got ${spec.className}.`,
      { details: { className: spec.className } },
    );
  }
  stage.setModelData(await modelData(spec, rows, options));
}

async function modelData(
  spec: ModelDataSpec,
  rows: GeneratedRows,
  options: StageOptions,
): Promise<unknown> {
  const { className, paramMap, inputData } = spec;
  if (simpleName(className) === KMeansModelDataGenerator.className) {
    const { params } = KMeansModelDataGenerator;
    return new KMeansModelDataGenerator(optionsOf(params, paramMap)).modelData();
  }
  const estimator = await benchmarkStage(spec);
  if (!(estimator instanceof Estimator)) {
    throw new InvalidParamError(
      `modelData must be an Estimator or KMeansModelDataGenerator, got ${className}.`,
      { details: { className } },
    );
  }
  const input = inputData === null ? rows : new GeneratedRows(inputGenerator(inputData));
  const model = await estimator.fit(input.sample(), options);
  return model.modelData;
}
