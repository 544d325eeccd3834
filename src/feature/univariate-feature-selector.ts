/** UnivariateFeatureSelector: selects features by a statistical test of each against the label. */
import { InvalidParamError } from '../core/errors.js';
import {
  double,
  nullable,
  oneOf,
  type ParamOptions,
  type ParamTable,
  string,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type StageOptions, sharedParams } from '../stage/stage.js';
import { anovaTest } from '../stats/anova-test.js';
import { chiSqTest } from '../stats/chi-sq-test.js';
import { fValueTest } from '../stats/f-value-test.js';
import type { Table } from '../table/table.js';
import {
  SELECTION_MODES,
  type SelectionMode,
  selectFeatures,
} from './univariate-feature-selection.js';
import {
  UnivariateFeatureSelectorModel,
  type UnivariateFeatureSelectorModelParams,
  univariateFeatureSelectorModelParams,
} from './univariate-feature-selector-model.js';

const WHO = 'UnivariateFeatureSelector.fit';

const VALUE_TYPES = ['categorical', 'continuous'] as const;

type ValueType = (typeof VALUE_TYPES)[number];

/** Params of {@link UnivariateFeatureSelector}. */
export interface UnivariateFeatureSelectorParams extends UnivariateFeatureSelectorModelParams {
  /** Column of numbers: the label. **Default:** `'label'`. */
  readonly labelCol: string;
  /** What the features are; must be given before `fit`. **Default:** null. */
  readonly featureType: ValueType | null;
  /** What the label is; must be given before `fit`. **Default:** null. */
  readonly labelType: ValueType | null;
  /**
   * `'numTopFeatures'`: as many as the threshold says, those with the lowest p-values;
   * `'percentile'`: that share of all; `'fpr'`: those with a p-value below the threshold; `'fdr'`:
   * by the method of Benjamini and Hochberg, so that the expected share of false ones is below the
   * threshold; `'fwe'`: those with a p-value below threshold / number of features.
   * **Default:** `'numTopFeatures'`.
   */
  readonly selectionMode: SelectionMode;
  /**
   * An integer >= 1 for `'numTopFeatures'`, else a number in [0, 1]. **Default:** null: 50 for
   * `'numTopFeatures'`, 0.1 for `'percentile'`, 0.05 for the others.
   */
  readonly selectionThreshold: number | null;
}

const DEFAULT_THRESHOLDS: Readonly<Record<SelectionMode, number>> = {
  numTopFeatures: 50,
  percentile: 0.1,
  fpr: 0.05,
  fdr: 0.05,
  fwe: 0.05,
};

/** The test for a type of features and a type of label. */
const TESTS = {
  'categorical, categorical': chiSqTest,
  'continuous, categorical': anovaTest,
  'continuous, continuous': fValueTest,
} as const;

/**
 * Selects the features of vectors that depend on a label, by a test of each feature alone.
 *
 * The test is {@link ChiSqTest} for categorical features and label, {@link ANOVATest} for continuous
 * features and a categorical label, {@link FValueTest} for continuous features and label; there is
 * none for categorical features and a continuous label. Features are taken by their p-values, equal
 * ones in the order of their index, as `selectionMode` and `selectionThreshold` say. A p-value that
 * is NaN, as of a constant feature, comes last, and no threshold takes it.
 *
 * Features: vectors, dense or sparse. Label: numbers. Null, and a table without rows, are errors, and
 * what the test refuses is.
 *
 * Differences from Flink ML: p-values are upper tails, so that those below 1e-16 have an order, and a
 * feature that separates the classes or fits the label perfectly has p = 0, not NaN or 1; an
 * empty table is an error for each test.
 *
 * Cost: that of the test, one pass on the workers; the same model on any number of them.
 *
 * @see UnivariateFeatureSelector of Flink ML; Benjamini and Hochberg, Controlling the false discovery
 *   rate, 1995.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 5, 2], [2, 3, 1], [8, 4, 6], [9, 5, 8]], label: [0, 0, 1, 1] },
 *   { features: 'vector' },
 * );
 * const selector = new UnivariateFeatureSelector({
 *   featureType: 'continuous',
 *   labelType: 'categorical',
 *   selectionThreshold: 2,
 * });
 * const model = await selector.fit(table);
 * console.log([...model.modelData.indices]); // [0, 2]
 * const output = await model.transform(table);
 * console.log(output.column('output').toArray().join(' ')); // [1.0, 2.0] [2.0, 1.0] [8.0, 6.0] [9.0, 8.0]
 * ```
 */
export class UnivariateFeatureSelector extends Estimator<
  UnivariateFeatureSelectorParams,
  UnivariateFeatureSelectorModel
> {
  static readonly className = 'UnivariateFeatureSelector';
  static readonly params: ParamTable<UnivariateFeatureSelectorParams> = {
    ...univariateFeatureSelectorModelParams,
    labelCol: string('label'),
    featureType: nullable(oneOf(VALUE_TYPES, 'continuous')),
    labelType: nullable(oneOf(VALUE_TYPES, 'categorical')),
    selectionMode: oneOf(SELECTION_MODES, 'numTopFeatures'),
    selectionThreshold: nullable(double(0)),
  };

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<UnivariateFeatureSelector> {
    return loadAs(UnivariateFeatureSelector, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<UnivariateFeatureSelectorParams>,
  ): UnivariateFeatureSelector {
    return new UnivariateFeatureSelector(params);
  }

  /**
   * Selects the features. `onProgress` reports once, at the end.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for types without a test, or a threshold that
   *   the mode does not take; SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA`.
   */
  protected override async fitTable(
    table: Table,
    options: StageOptions,
  ): Promise<UnivariateFeatureSelectorModel> {
    const { selectionMode } = this.params;
    const test = this.#test();
    const threshold = this.#threshold();
    const { pValues } = await test(WHO, table, this.params, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    const params = sharedParams(this.params, univariateFeatureSelectorModelParams);
    return new UnivariateFeatureSelectorModel(params).setModelData({
      indices: selectFeatures(pValues, selectionMode, threshold),
    });
  }

  #test() {
    const { featureType, labelType } = this.params;
    for (const param of ['featureType', 'labelType'] as const) {
      if (this.params[param] !== null) continue;
      throw new InvalidParamError(
        `${WHO}: ${param} must be given, one of 'categorical', 'continuous', got null.`,
        { details: { who: WHO, param } },
      );
    }
    const test = (TESTS as Readonly<Record<string, typeof anovaTest>>)[
      `${featureType}, ${labelType}`
    ];
    if (test !== undefined) return test;
    throw new InvalidParamError(
      `${WHO}: there must be a test of ${featureType} features against a ${labelType} label, got ` +
        'none; continuous features or a categorical label have one.',
      { details: { who: WHO, featureType, labelType } },
    );
  }

  #threshold(): number {
    const { selectionMode, selectionThreshold } = this.params;
    const threshold = selectionThreshold ?? DEFAULT_THRESHOLDS[selectionMode];
    const isCount = selectionMode === 'numTopFeatures';
    const isGood = isCount
      ? Number.isInteger(threshold) && threshold >= 1
      : threshold >= 0 && threshold <= 1;
    if (isGood) return threshold;
    const expected = isCount ? 'an integer >= 1' : 'in [0, 1]';
    throw new InvalidParamError(
      `${WHO}: selectionThreshold must be ${expected} for '${selectionMode}', got ${threshold}.`,
      { details: { who: WHO, param: 'selectionThreshold', expected, got: threshold } },
    );
  }
}
