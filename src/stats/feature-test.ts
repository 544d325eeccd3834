/** What the tests of features against a label share: params, input, and the form of the result. */
import { boolean, type ParamTable, string } from '../core/params.js';
import { numberColumn, requireRows, storedEntries, vectorColumn } from '../stage/features.js';
import { int64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { Table } from '../table/table.js';

/** Params of {@link ANOVATest}, {@link ChiSqTest} and {@link FValueTest}. */
export interface FeatureTestParams {
  /** Column of vectors, dense or sparse: the features. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column of numbers: the label. **Default:** `'label'`. */
  readonly labelCol: string;
  /** Whether the result has a row for every feature instead of one row. **Default:** false. */
  readonly flatten: boolean;
}

export const featureTestParams: ParamTable<FeatureTestParams> = {
  featuresCol: string('features'),
  labelCol: string('label'),
  flatten: boolean(false),
};

/** Which columns a test reads. */
export type TestColumns = Pick<FeatureTestParams, 'featuresCol' | 'labelCol'>;

/** What a test says of each feature. */
export interface FeatureTestResult {
  readonly pValues: Float64Array;
  readonly degreesOfFreedom: Int32Array;
  readonly statistics: Float64Array;
}

/** What the aggregations of the tests read: `features` and `label`. */
export interface TestInput {
  readonly table: Table;
  /** Entries of vectors that are looked at. */
  readonly work: number;
}

/**
 * The columns of a test, checked.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or no rows.
 */
export function testInput(who: string, table: Table, columns: TestColumns): TestInput {
  const features = vectorColumn(who, table, columns.featuresCol);
  const label = numberColumn(who, table, columns.labelCol);
  requireRows(who, table);
  return { table: Table.fromColumns({ features, label }), work: storedEntries(features) };
}

/** How a test names its statistic and counts its degrees of freedom. */
export interface TestForm {
  readonly statistic: 'fValue' | 'statistic';
  readonly degreeType: 'int32' | 'int64';
}

/** The result as a table: a row for every feature, or one row of lists. */
export function testTable(result: FeatureTestResult, form: TestForm, flatten: boolean): Table {
  const { pValues, degreesOfFreedom, statistics } = result;
  const { length } = pValues;
  const degrees = Column.numeric(degreesOfFreedom);
  const degree = form.degreeType === 'int32' ? degrees : longs(degreesOfFreedom);
  if (flatten) {
    return Table.fromColumns({
      featureIndex: Column.numeric(Int32Array.from({ length }, (_, t) => t)),
      pValue: pValues,
      degreeOfFreedom: degree,
      [form.statistic]: statistics,
    });
  }
  const vector = (values: Float64Array) => new DenseVectorColumn(values, length, 1);
  return Table.fromColumns({
    pValues: vector(pValues),
    degreesOfFreedom: Column.list(Int32Array.of(0, length), degree),
    [`${form.statistic}s`]: vector(statistics),
  });
}

function longs(values: Int32Array): Column {
  const column = int64(values.length);
  values.forEach((value, i) => {
    column[i] = BigInt(value);
  });
  return Column.numeric(column);
}
