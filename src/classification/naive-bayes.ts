/** NaiveBayes: a classifier that takes features as independent of each other in each class. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { DataError, InvalidParamError } from '../core/errors.js';
import {
  double,
  doubles,
  nullable,
  type Param,
  type ParamOptions,
  type ParamTable,
  string,
} from '../core/params.js';
import { denseColumn, numberColumn, storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { sharedParams } from '../stage/stage.js';
import { weightsOfRows } from '../stage/weights.js';
import type { ClassMoments } from '../stats/class-moments.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { CategoryCounts } from './category-counts.js';
import type { ClassSums, ClassSumsParams } from './class-sums.js';
import type { NaiveBayesModelData } from './naive-bayes-data.js';
import {
  categoryEstimates,
  complementEstimates,
  countEstimates,
  gaussianEstimates,
  logPriors,
  presenceEstimates,
  smoothedLogPriors,
} from './naive-bayes-estimates.js';
import {
  NaiveBayesModel,
  type NaiveBayesModelParams,
  naiveBayesModelParams,
} from './naive-bayes-model.js';

const WHO = 'NaiveBayes.fit';

/** What is counted or summed of the rows, by class; which of them `modelType` decides. */
type Statistic = CategoryCounts | ClassMoments | ClassSums;

/** Params of {@link NaiveBayes}. */
export interface NaiveBayesParams extends NaiveBayesModelParams {
  /** Column of labels: numbers that are integers. **Default:** `'label'`. */
  readonly labelCol: string;
  /**
   * Added to every count, >= 0, so that what was not seen is not impossible; see {@link NaiveBayes}.
   * **Default:** 1.
   */
  readonly smoothing: number;
  /** Column of row weights: a row of weight 2 counts as two rows. **Default:** null: all weigh 1. */
  readonly weightCol: string | null;
  /**
   * Probabilities of the labels, in ascending order of these, in place of those that are found;
   * divided by their sum. Not for `'complement'`. **Default:** null.
   */
  readonly classPrior: readonly number[] | null;
  /**
   * Of `'gaussian'`: this share, >= 0, of the largest variance of a feature is added to all
   * variances. **Default:** 1e-9.
   */
  readonly varSmoothing: number;
}

const positives: Param<readonly number[]> = {
  ...doubles([], { nonEmpty: true }),
  expected: 'a list of one or more finite numbers > 0',
  accepts: (v) =>
    Array.isArray(v) &&
    v.length > 0 &&
    v.every((x) => typeof x === 'number' && x > 0 && x < Number.POSITIVE_INFINITY),
  invalid: [1, [], ['1'], [0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], null],
};

const naiveBayesParams: ParamTable<NaiveBayesParams> = {
  ...naiveBayesModelParams,
  labelCol: string('label'),
  smoothing: double(1, { min: 0 }),
  weightCol: nullable(string('weight')),
  classPrior: nullable(positives),
  varSmoothing: double(1e-9, { min: 0 }),
};

/**
 * Learns to classify vectors x by Bayes' theorem, P(l | x) ∝ P(l) Π_t P(x_t | l): features t are
 * taken as independent of each other given the label l. Quick to learn, and hard to beat on text.
 *
 * What features are is said by `modelType`. W_l is the weight of the rows of label l, W that of all,
 * s the `smoothing`, D the number of features:
 *
 * - `'multinomial'`, the default and the only one of Flink ML: in spite of the name features are
 *   *categories*. P(x_t = v | l) = (rows of l with v + s) / (W_l + s V_t), where V_t is the number of
 *   values of feature t, and P(l) = (W_l D + s) / (W D + C s) with C labels.
 * - `'categorical'`: the same with P(l) = W_l / W, as all that follow have.
 * - `'multinomialCounts'`: features are counts, such as those of words, >= 0, not only integers.
 *   P(t | l) = (S_lt + s) / (Σ_t S_lt + s D), where S_lt is the sum of feature t over the rows of l,
 *   and a row scores ln P(l) + Σ x_t ln P(t | l). What Spark and scikit-learn call multinomial.
 * - `'complement'`: counts, by the rows of all *other* labels: -Σ x_t ln P(t | not l), without P(l).
 *   Better than the former where labels are not of one size.
 * - `'bernoulli'`: a feature is there (x_t > 0) or not. P(t | l) = (rows of l with t + s) / (W_l + 2 s);
 *   what is not there counts as well.
 * - `'gaussian'`: normal distributions of continuous features, with the mean and the variance of each
 *   class; see `varSmoothing`.
 *
 * Features: vectors, dense or sparse, where what is not stored is 0; null is an error. Categories may
 * be any numbers; otherwise NaN and infinities are errors. Labels: integers in any numeric column.
 * Rows of weight 0 are left out. Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: the model types beside the first, weights, priors, columns of scores;
 * labels ascend in the model, and ties go to the smallest; -0 and 0 are one category; a value that
 * `fit` has not seen is an error that names it, or is smoothed or left out, as `handleInvalid` says; a
 * model loads whatever its numbers of labels and features are; vectors of another size are refused.
 *
 * Cost: one pass over the rows, O(rows · dim), or O(stored entries + labels · dim) for sparse
 * vectors. Vectors are copied once, into the workers' memories.
 *
 * @see NaiveBayes of Flink ML; Rennie et al., Tackling the Poor Assumptions of Naive Bayes Text
 *   Classifiers, 2003, steps 4 to 6, for `'complement'`; Chan, Golub, LeVeque, Algorithms for computing
 *   the sample variance, 1983, for `'gaussian'`.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[0, 0], [1, 0], [1, 1]], label: [11, 10, 10] },
 *   { features: 'vector' },
 * );
 * const model = await new NaiveBayes({ probabilityCol: 'probability' }).fit(table);
 * const labeled = await model.transform(table);
 * console.log(labeled.column('prediction').toArray()); // [11, 10, 10]
 * const [probability] = labeled.column('probability').toArray();
 * console.log(String(model.modelData.labels), probability.values[1].toFixed(4)); // [10.0, 11.0] 0.6809
 * ```
 *
 * @example
 * ```ts
 * // Counts of words.
 * const words = Table.fromColumns(
 *   { features: [[3, 0, 1], [2, 0, 0], [0, 4, 1]], label: [0, 0, 1] },
 *   { features: 'vector' },
 * );
 * const classifier = await new NaiveBayes({ modelType: 'multinomialCounts' }).fit(words);
 * const query = Table.fromColumns({ features: [[0, 2, 0]] }, { features: 'vector' });
 * console.log((await classifier.transform(query)).column('prediction').toArray()); // [1]
 * ```
 */
export class NaiveBayes extends OnePassEstimator<NaiveBayesParams, NaiveBayesModel, Statistic> {
  static readonly className = 'NaiveBayes';
  static readonly params: ParamTable<NaiveBayesParams> = naiveBayesParams;

  constructor(options: ParamOptions<NaiveBayesParams> = {}) {
    super(options);
    const { modelType, classPrior } = this.params;
    if (modelType !== 'complement' || classPrior === null) return;
    throw new InvalidParamError(
      "NaiveBayes.classPrior must be null for modelType 'complement', which has no prior, got " +
        `[${classPrior.join(', ')}].`,
      { details: { owner: 'NaiveBayes', param: 'classPrior', got: classPrior } },
    );
  }

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<NaiveBayes> {
    return loadAs(NaiveBayes, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<NaiveBayesParams>): NaiveBayes {
    return new NaiveBayes(params);
  }

  /**
   * Learns the probabilities. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, no rows, labels that
   *   are no integers, and features that the model type cannot have; InvalidParamError
   *   `ERR_GYRE_INVALID_PARAM` for a `classPrior` of another number of labels.
   */
  protected override modelOf(result: Statistic): NaiveBayesModel {
    const model = new NaiveBayesModel(sharedParams(this.params, naiveBayesModelParams));
    if (result.labels.length === 0) throw this.#withoutWeight();
    return model.setModelData(this.#dataOf(result));
  }

  /** The columns that are learned from, without rows of weight 0. */
  protected override rowsToLearn(table: Table, firstRow: number): Table {
    const { featuresCol, labelCol, weightCol } = this.params;
    const column = vectorColumn(WHO, table, featuresCol, firstRow);
    const features = column.layout === 'dense' ? denseColumn(WHO, table, featuresCol) : column;
    const label = labelsOf(table, labelCol, firstRow);
    const weight = weightsOfRows(WHO, table, weightCol, firstRow);
    if (weight === null) return Table.fromColumns({ features, label });
    const rows = Table.fromColumns({ features, label, weight });
    if (!weight.includes(0)) return rows;
    return rows.take(Int32Array.from(weight.keys()).filter((row) => weight[row] !== 0));
  }

  protected override workToLearn(rows: Table): number {
    return 4 * storedEntries(rows.column('features', 'vector', 'sparseVector'));
  }

  protected override get aggregation(): AlgorithmRef {
    const { featuresCol, modelType } = this.params;
    switch (modelType) {
      case 'multinomial':
      case 'categorical':
        return { module: moduleOf('./category-counts.js'), name: 'categoryCounts', params: null };
      case 'gaussian':
        return {
          module: moduleOf('./class-moments-aggregation.js'),
          name: 'classMomentsAggregation',
          params: { featuresCol },
        };
      default: {
        const params: ClassSumsParams = { featuresCol, presence: modelType === 'bernoulli' };
        return { module: moduleOf('./class-sums.js'), name: 'classSums', params };
      }
    }
  }

  #dataOf(result: Statistic): NaiveBayesModelData {
    const { modelType, smoothing, varSmoothing } = this.params;
    const { labels, weights } = result;
    switch (modelType) {
      case 'multinomial':
      case 'categorical': {
        const counts = result as CategoryCounts;
        const priors =
          modelType === 'multinomial'
            ? smoothedLogPriors(weights, counts.offsets.length - 1, smoothing)
            : logPriors(weights);
        return this.#withPriors(labels, priors, categoryEstimates(counts, smoothing));
      }
      case 'gaussian': {
        const estimates = gaussianEstimates(result as ClassMoments, varSmoothing);
        return this.#withPriors(labels, logPriors(weights), estimates);
      }
      default: {
        const estimates = {
          multinomialCounts: countEstimates,
          complement: complementEstimates,
          bernoulli: presenceEstimates,
        }[modelType];
        const priors =
          modelType === 'complement' ? new Float64Array(labels.length) : logPriors(weights);
        return this.#withPriors(labels, priors, estimates(result as ClassSums, smoothing));
      }
    }
  }

  #withoutWeight(): DataError {
    const { weightCol } = this.params;
    return new DataError(
      `${WHO}: column "${weightCol}" must have at least one weight > 0 in its rows, got none.`,
      { details: { who: WHO, column: weightCol } },
    );
  }

  /** The model's data, with the prior that was found or the one that is given. */
  #withPriors(
    labels: Float64Array,
    found: Float64Array,
    estimates: Omit<NaiveBayesModelData, 'labels' | 'piArray'>,
  ): NaiveBayesModelData {
    const { classPrior } = this.params;
    if (classPrior !== null && classPrior.length !== labels.length) {
      throw new InvalidParamError(
        `NaiveBayes.classPrior must have one entry for each of ${labels.length} labels, got ` +
          `${classPrior.length}.`,
        { details: { owner: 'NaiveBayes', param: 'classPrior', labels: [...labels] } },
      );
    }
    const priors = classPrior === null ? found : logPriors(Float64Array.from(classPrior));
    const { theta, ...others } = estimates;
    const [piArray, all] = [new DenseVector(priors), new DenseVector(labels)];
    return { theta, piArray, labels: all, ...others };
  }
}

/** Labels are names of classes: integers, whatever the column's type. */
function labelsOf(table: Table, name: string, firstRow: number): Float64Array {
  const labels = numberColumn(WHO, table, name, firstRow);
  const at = labels.findIndex((label) => !Number.isInteger(label));
  if (at < 0) return labels;
  const row = firstRow + at;
  throw new DataError(
    `${WHO}: column "${name}" must have integers, got ${labels[at]} in row ${row}.`,
    { details: { who: WHO, column: name, row, got: labels[at] } },
  );
}

const moduleOf = (file: string): string => new URL(file, import.meta.url).href;
