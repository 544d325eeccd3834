/** The model of {@link LogisticRegression}: weights, and the probabilities that they give. */
import type { MappedRows } from '../algorithm/map-rows.js';
import { DimensionMismatchError, ModelDataError } from '../core/errors.js';
import { nullable, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { JavaRandom } from '../core/random.js';
import {
  dataOfRow,
  requireNumber,
  requireSize,
  requireVector,
} from '../optimization/linear-data.js';
import { type LinearMapping, LinearModel } from '../optimization/linear-model.js';
import type { LinearWeights } from '../optimization/margins.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Column } from '../table/column.js';
import type { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import { logisticMapping } from './logistic-mapping.js';

const NAME = 'LogisticRegressionModel';

/** Params of {@link LogisticRegressionModel}. */
export interface LogisticRegressionModelParams {
  /** Column of the features: vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the predicted label: float64. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /**
   * Column for the probabilities of all classes, in the order of the labels: vector; null for none.
   * **Default:** `'rawPrediction'`.
   */
  readonly rawPredictionCol: string | null;
}

export const logisticRegressionModelParams: ParamTable<LogisticRegressionModelParams> = {
  featuresCol: string('features'),
  predictionCol: string('prediction'),
  rawPredictionCol: { ...nullable(string('rawPrediction')), default: 'rawPrediction' },
};

/** What {@link LogisticRegression} learns. */
export interface LogisticRegressionModelData {
  /**
   * The weight of each feature; of a multinomial model those of the first class, then of the second,
   * and so on: see {@link LogisticRegressionModel.coefficients}.
   */
  readonly coefficient: DenseVector;
  /** 0 for a model that was learned from a table. */
  readonly modelVersion: number;
  /** What is added to x·w, one number for each row of weights. Missing: 0. */
  readonly intercept?: DenseVector | undefined;
  /** What the classes are called, ascending. Missing: 0 and 1. */
  readonly labels?: DenseVector | undefined;
  /** Rows of weights: 1, or as many as there are classes. Missing: 1. */
  readonly coefficientRows?: number | undefined;
}

interface Predictor extends LinearWeights {
  readonly labels: Float64Array | null;
}

/**
 * Predicts the class with the largest probability, and the probabilities of all classes.
 *
 * With one row of weights: P(1) = 1 / (1 + exp(-m)) with m = x·w + b, and class 1 where m >= 0. With
 * one for each class: P(k) = exp(mₖ) / Σ exp(m), and the first class with the largest one.
 *
 * Made by {@link LogisticRegression}`.fit`, loaded with `LogisticRegressionModel.load`, or given its
 * data by {@link setModelData}. Null in the features is an error; NaN gives NaN probabilities and the
 * first class. Cost of `transform`: O(rows · non-zeros of a row), times the rows of weights.
 *
 * @see LogisticRegressionModel of Flink ML, whose probability of class 0 is 1 - P(1); here it keeps
 *   its digits where it is small.
 */
export class LogisticRegressionModel extends LinearModel<
  LogisticRegressionModelParams,
  LogisticRegressionModelData,
  Predictor
> {
  static readonly className = 'LogisticRegressionModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<LogisticRegressionModelParams> = logisticRegressionModelParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<LogisticRegressionModel> {
    return loadAs(LogisticRegressionModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<LogisticRegressionModelParams>,
    data: Table | null,
  ): LogisticRegressionModel {
    const model = new LogisticRegressionModel(params);
    if (data === null) return model;
    const fields = {
      vectors: ['coefficient', 'intercept', 'labels'],
      numbers: ['modelVersion', 'coefficientRows'],
      optional: ['intercept', 'labels', 'coefficientRows'],
    };
    return model.setModelData(dataOfRow<LogisticRegressionModelData>(NAME, fields, data));
  }

  /**
   * Data to begin with: weights uniform in [0, 1), which are those of Flink ML's
   * `LogisticRegressionModelDataUtil` with the same seed.
   */
  static generateRandomModelData(dim: number, seed: number): LogisticRegressionModelData {
    const random = new JavaRandom(seed);
    const values = Float64Array.from({ length: dim }, () => random.nextDouble());
    return { coefficient: new DenseVector(values), modelVersion: 0 };
  }

  /** The weights of each feature: one row, or one for each class. */
  get coefficients(): readonly DenseVector[] {
    const { coefficient, coefficientRows: rows = 1 } = this.modelData;
    const dim = coefficient.size / rows;
    return Array.from({ length: rows }, (_, k) => {
      return new DenseVector(coefficient.values.slice(k * dim, (k + 1) * dim));
    });
  }

  /** The intercept of each row of {@link coefficients}; zeros where none was fitted. */
  get intercepts(): DenseVector {
    const { intercept, coefficientRows: rows = 1 } = this.modelData;
    return intercept ?? new DenseVector(new Float64Array(rows));
  }

  /** What the classes are called, ascending: what it predicts, in the order of the probabilities. */
  get labels(): readonly number[] {
    const { labels } = this.modelData;
    return labels === undefined ? [0, 1] : [...labels.values];
  }

  protected override checked(data: LogisticRegressionModelData): LogisticRegressionModelData {
    const { intercept, labels } = data;
    const coefficient = requireVector(NAME, 'coefficient', data.coefficient);
    const modelVersion = requireNumber(NAME, 'modelVersion', data.modelVersion);
    const rows = requireNumber(NAME, 'coefficientRows', data.coefficientRows ?? 1);
    if (!Number.isSafeInteger(rows) || rows < 1) {
      throw new ModelDataError(
        `${NAME}.setModelData: coefficientRows must be an integer >= 1, got ${rows}.`,
        { details: { got: rows } },
      );
    }
    if (coefficient.size % rows !== 0) {
      throw new DimensionMismatchError(
        `${NAME}.setModelData: coefficient must have rows of one size, got ${coefficient.size} ` +
          `entries for ${rows} rows.`,
        { details: { rows, got: coefficient.size } },
      );
    }
    if (intercept !== undefined) {
      requireSize(NAME, 'intercept', requireVector(NAME, 'intercept', intercept), rows);
    }
    if (labels !== undefined || rows > 1) {
      requireSize(NAME, 'labels', requireVector(NAME, 'labels', labels), rows === 1 ? 2 : rows);
    }
    return {
      ...{ coefficient, modelVersion },
      ...(intercept !== undefined && { intercept }),
      ...(labels !== undefined && { labels }),
      ...(data.coefficientRows !== undefined && { coefficientRows: rows }),
    };
  }

  protected override mappingBy(data: LogisticRegressionModelData): LinearMapping<Predictor> {
    const { coefficient, intercept, labels, coefficientRows: classes = 1 } = data;
    return {
      module: new URL('./logistic-mapping.js', import.meta.url).href,
      name: 'logisticMapping',
      make: logisticMapping,
      params: {
        coefficient: coefficient.values,
        intercept: intercept?.values ?? null,
        classes,
        labels: labels?.values ?? null,
      },
      outputs: {
        prediction: { type: 'float64', width: 1 },
        raw: { type: 'float64', width: Math.max(2, classes) },
      },
    };
  }

  protected override columnsOf({
    prediction,
    raw,
  }: MappedRows<LinearMapping['outputs']>): NewColumns['columns'] {
    const { predictionCol, rawPredictionCol } = this.params;
    const classes = Math.max(2, this.modelData.coefficientRows ?? 1);
    return {
      [predictionCol]: Column.numeric(prediction!),
      ...(rawPredictionCol !== null && { [rawPredictionCol]: Column.dense(raw!, classes) }),
    };
  }
}
