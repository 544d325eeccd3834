/** ANOVATest: whether the mean of each feature differs between the classes of a label. */
import { aggregate } from '../algorithm/aggregate.js';
import type { RunOptions } from '../algorithm/run.js';
import { DataError } from '../core/errors.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { AnovaTotals } from './anova-aggregation.js';
import type { ClassMoments } from './class-moments.js';
import {
  type FeatureTestParams,
  type FeatureTestResult,
  featureTestParams,
  type TestColumns,
  testInput,
  testTable,
} from './feature-test.js';
import { fTail } from './tail-probability.js';

/**
 * Tests by a one-way analysis of variance whether features of continuous values are independent of
 * a categorical label: F = (Σ n_c (x̄_c - x̄)² / (c - 1)) / (Σ Σ (x - x̄_c)² / (n - c)).
 *
 * n is the number of rows, c that of classes, n_c and x̄_c rows and mean of a class. The p-value is
 * the chance of so large an F for a feature with the same mean in all classes.
 *
 * Features: vectors, dense or sparse, where what is not stored is 0. Label: numbers; each distinct
 * one is a class, NaN too. Null is an error. Result, one row: `pValues` (vector),
 * `degreesOfFreedom` (int64[], c - 1 + n - c of each feature), `fValues` (vector). With `flatten` a
 * row for every feature: `featureIndex` (int32), `pValue`, `degreeOfFreedom` (int64), `fValue`.
 * F and p are NaN for a feature that is constant, or has NaN or an infinity; for one that is
 * constant in each class and not the same in all, F is infinite and p is 0. Fewer than two classes,
 * or no more rows than classes, are errors.
 *
 * Differences from Flink ML: sums of squares are taken about means, so none is below zero; p is the
 * upper tail, not 1 - cdf, which is 0 below 1e-16 and NaN for an infinite F; a table without rows
 * is an error.
 *
 * Cost: one pass on the workers, O(rows · dim) or O(stored entries + classes · dim); the same bits on
 * any number of them. The vectors are copied once.
 *
 * @see ANOVATest of Flink ML; `f_classif` of scikit-learn.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 5], [2, 3], [8, 4], [9, 5]], label: [0, 0, 1, 1] },
 *   { features: 'vector' },
 * );
 * const result = await new ANOVATest({ flatten: true }).transform(table);
 * console.log(result.column('fValue').toArray()); // [98, 0.2]
 * console.log(result.column('pValue').toArray().map((p) => p.toFixed(4))); // ['0.0101', '0.6985']
 * ```
 */
export class ANOVATest extends AlgoOperator<FeatureTestParams> {
  static readonly className = 'ANOVATest';
  static readonly params: ParamTable<FeatureTestParams> = featureTestParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<ANOVATest> {
    return loadAs(ANOVATest, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<FeatureTestParams>): ANOVATest {
    return new ANOVATest(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const result = await anovaTest('ANOVATest.transform', table, this.params, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return testTable(result, { statistic: 'fValue', degreeType: 'int64' }, this.params.flatten);
  }
}

/** The test as a function, for stages that select features by it. */
export async function anovaTest(
  who: string,
  table: Table,
  columns: TestColumns,
  options: RunOptions,
): Promise<FeatureTestResult> {
  const input = testInput(who, table, columns);
  const { rows, classes, fValues } = await aggregate<ClassMoments, AnovaTotals>(
    who,
    {
      module: new URL('./anova-aggregation.js', import.meta.url).href,
      name: 'anovaAggregation',
      params: null,
    },
    input.table,
    input.work,
    options,
  );
  if (classes < 2) {
    throw new DataError(
      `${who}: column "${columns.labelCol}" must have at least two classes, got ${classes}.`,
      { details: { who, column: columns.labelCol, classes } },
    );
  }
  if (rows <= classes) {
    throw new DataError(
      `${who}: there must be more rows than classes, got ${rows} rows of ${classes} classes.`,
      { details: { who, rows, classes } },
    );
  }
  return {
    pValues: fValues.map((f) => fTail(f, classes - 1, rows - classes)),
    degreesOfFreedom: new Int32Array(fValues.length).fill(rows - 1),
    statistics: fValues,
  };
}
