/** ChiSqTest: whether each feature of categories is independent of a label. */
import { aggregate } from '../algorithm/aggregate.js';
import type { RunOptions } from '../algorithm/run.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { ChiSqTotals, ContingencyTables } from './chi-sq-aggregation.js';
import {
  type FeatureTestParams,
  type FeatureTestResult,
  featureTestParams,
  type TestColumns,
  testInput,
  testTable,
} from './feature-test.js';
import { chiSquareTail } from './tail-probability.js';

/**
 * Tests by Pearson's chi-square test whether features of categories are independent of a
 * categorical label: χ² = Σ (O - E)² / E over the cells of the table of values and labels.
 *
 * O is how often a value comes with a label, E = rows of the value · rows of the label / n. The
 * p-value is the chance of so large a χ² with (values - 1) · (labels - 1) degrees of freedom.
 *
 * Features: vectors, dense or sparse, where what is not stored is 0; each distinct number is a
 * category, NaN too. Label: numbers, the same way. Null is an error. Result, one row: `pValues`
 * (vector), `degreesOfFreedom` (int32[]), `statistics` (vector). With `flatten` a row for every
 * feature: `featureIndex` (int32), `pValue`, `degreeOfFreedom` (int32), `statistic`. With no degree
 * of freedom, p is 1 and χ² is 0. Both are rounded to 11 decimals, half up, so that tables that say
 * the same tie; a p-value below 1e-4 is rounded to 12 digits instead.
 *
 * Differences from Flink ML: p is the upper tail, and not rounded to 0 below 5e-12; 0 and -0 are one
 * category; a table without rows is an error.
 *
 * Cost: one pass on the workers, O(rows · dim) or O(stored entries), and memory for the table of
 * every feature: values · labels counts; features of continuous values belong to {@link ANOVATest}.
 * The same bits on any number of workers. The vectors are copied once.
 *
 * @see Pearson, On the criterion that a given system of deviations..., 1900; ChiSqTest of Flink ML;
 *   `chi2_contingency` of SciPy.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 5], [1, 6], [2, 5], [2, 6]], label: [0, 0, 1, 1] },
 *   { features: 'vector' },
 * );
 * const result = await new ChiSqTest({ flatten: true }).transform(table);
 * console.log(result.column('statistic').toArray()); // [4, 0]
 * console.log(result.column('pValue').toArray()); // [0.0455002639, 1]
 * ```
 */
export class ChiSqTest extends AlgoOperator<FeatureTestParams> {
  static readonly className = 'ChiSqTest';
  static readonly params: ParamTable<FeatureTestParams> = featureTestParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<ChiSqTest> {
    return loadAs(ChiSqTest, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<FeatureTestParams>): ChiSqTest {
    return new ChiSqTest(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const result = await chiSqTest('ChiSqTest.transform', table, this.params, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return testTable(result, { statistic: 'statistic', degreeType: 'int32' }, this.params.flatten);
  }
}

/** The test as a function, for stages that select features by it. */
export async function chiSqTest(
  who: string,
  table: Table,
  columns: TestColumns,
  options: RunOptions,
): Promise<FeatureTestResult> {
  const input = testInput(who, table, columns);
  const { statistics, degreesOfFreedom } = await aggregate<ContingencyTables, ChiSqTotals>(
    who,
    {
      module: new URL('./chi-sq-aggregation.js', import.meta.url).href,
      name: 'chiSqAggregation',
      params: null,
    },
    input.table,
    input.work * WORK_PER_ENTRY,
    options,
  );
  const pValues = statistics.map((statistic, t) =>
    degreesOfFreedom[t] === 0 ? 1 : roundedP(chiSquareTail(statistic, degreesOfFreedom[t]!)),
  );
  return { pValues, degreesOfFreedom, statistics: statistics.map(rounded) };
}

/** Finding the count of a pair costs about so many multiplications. */
const WORK_PER_ENTRY = 8;

/** To 11 decimals, half up on the binary value, as `BigDecimal.setScale` does. */
function rounded(value: number): number {
  return Number(value.toFixed(11));
}

function roundedP(p: number): number {
  return p < 1e-4 ? Number(p.toPrecision(12)) : rounded(p);
}
