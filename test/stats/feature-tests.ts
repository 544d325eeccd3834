/** What the tests of {@link ANOVATest}, ChiSqTest and FValueTest share. */
import * as assert from 'uvu/assert';
import { Column, Table } from '../../src/index.js';
import type { Random } from '../reference/random.js';

/** One row of a result with `flatten`. */
export interface FeatureRow {
  readonly featureIndex: number;
  readonly pValue: number;
  readonly degreeOfFreedom: number;
  readonly fValue: number;
  readonly statistic: number;
}

interface FeatureTest {
  transform(table: Table): Promise<Table>;
}

/** The rows of a result, of vectors given as arrays and their labels. */
export async function testFeatures(
  test: FeatureTest,
  features: readonly (readonly number[])[],
  label: readonly number[],
): Promise<FeatureRow[]> {
  const table = Table.fromColumns({ features, label }, { features: 'vector' });
  return (await test.transform(table)).toRows() as unknown as FeatureRow[];
}

/** The same vectors in both forms. */
export interface BothForms {
  readonly dense: Column;
  readonly sparse: Column;
}

/** Vectors of which about a third of the entries is not zero, dense and sparse. */
export function bothForms(rows: number, dim: number, random: Random): BothForms {
  const values = Float64Array.from({ length: rows * dim }, () =>
    random.unit() < 1 / 3 ? random.below(4) - 1.5 : 0,
  );
  // A column that is stored in full, and far from zero.
  for (let row = 0; row < rows; row++) values[row * dim] = 1e5 + random.below(3);
  const dense = Column.dense(values, dim);
  const sparse = Column.from(dense.toArray().map((vector) => vector!.toSparse()));
  return { dense, sparse };
}

/** Asserts that two results agree within a relative tolerance, and that NaN is NaN. */
export function assertResultsClose(a: Table, b: Table, rtol: number): void {
  assert.equal(a.schema, b.schema);
  for (const name of a.columnNames) {
    const [got, expected] = [a.column(name).toArray(), b.column(name).toArray()];
    got.forEach((value, t) => {
      const [x, y] = [Number(value), Number(expected[t])];
      const close = Object.is(x, y) || Math.abs(x - y) <= rtol * Math.abs(y);
      assert.ok(close, `${name} of ${t}: ${x} and ${y}`);
    });
  }
}
