/** FValueTest: whether each feature has a linear relation with a continuous label. */
import { aggregate } from '../algorithm/aggregate.js';
import type { RunOptions } from '../algorithm/run.js';
import { DataError } from '../core/errors.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { FValueTotals, JointMoments } from './f-value-aggregation.js';
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
 * Tests by a linear regression of each feature alone whether features of continuous values are
 * uncorrelated with a continuous label: F = r² / (1 - r²) · (n - 2).
 *
 * r is Pearson's correlation of feature and label over n rows. The p-value is the chance of so large
 * an F, with 1 and n - 2 degrees of freedom, for a feature that is not correlated.
 *
 * Features: vectors, dense or sparse, where what is not stored is 0. Label: numbers. Null is an
 * error. Result, one row: `pValues` (vector), `degreesOfFreedom` (int64[], n - 2 of each feature),
 * `fValues` (vector). With `flatten` a row for every feature: `featureIndex` (int32), `pValue`,
 * `degreeOfFreedom` (int64), `fValue`. F and p are NaN where feature or label is constant, or has
 * NaN or an infinity; where they are exact multiples of each other, F is infinite and p is 0. Fewer
 * than three rows are an error.
 *
 * Differences from Flink ML: sums of squares and products are taken about means, so r² is never
 * above 1 and a constant is always seen as one; p is the upper tail, not 1 - cdf, which is 0 below
 * 1e-16 and 1 or NaN for an exact relation.
 *
 * Cost: one pass on the workers, O(rows · dim) or O(stored entries + dim); the same bits on any
 * number of them. The vectors are copied once.
 *
 * @see FValueTest of Flink ML; `f_regression` of scikit-learn; Chan, Golub, LeVeque, Algorithms for
 *   computing the sample variance, 1983.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 5], [2, 3], [3, 4], [4, 6]], label: [1, 3, 2, 4] },
 *   { features: 'vector' },
 * );
 * const result = await new FValueTest({ flatten: true }).transform(table);
 * console.log(result.column('fValue').toArray().map((f) => f.toFixed(4))); // ['3.5556', '0.0833']
 * console.log(result.column('pValue').toArray().map((p) => p.toFixed(4))); // ['0.2000', '0.8000']
 * ```
 */
export class FValueTest extends AlgoOperator<FeatureTestParams> {
  static readonly className = 'FValueTest';
  static readonly params: ParamTable<FeatureTestParams> = featureTestParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<FValueTest> {
    return loadAs(FValueTest, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<FeatureTestParams>): FValueTest {
    return new FValueTest(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const result = await fValueTest('FValueTest.transform', table, this.params, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return testTable(result, { statistic: 'fValue', degreeType: 'int64' }, this.params.flatten);
  }
}

/** The test as a function, for stages that select features by it. */
export async function fValueTest(
  who: string,
  table: Table,
  columns: TestColumns,
  options: RunOptions,
): Promise<FeatureTestResult> {
  const input = testInput(who, table, columns);
  if (table.numRows < 3) {
    throw new DataError(`${who}: the table must have at least 3 rows, got ${table.numRows}.`, {
      details: { who, rows: table.numRows },
    });
  }
  const { rows, fValues } = await aggregate<JointMoments, FValueTotals>(
    who,
    {
      module: new URL('./f-value-aggregation.js', import.meta.url).href,
      name: 'fValueAggregation',
      params: null,
    },
    input.table,
    input.work,
    options,
  );
  return {
    pValues: fValues.map((f) => fTail(f, 1, rows - 2)),
    degreesOfFreedom: new Int32Array(fValues.length).fill(rows - 2),
    statistics: fValues,
  };
}
