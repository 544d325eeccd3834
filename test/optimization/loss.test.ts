import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KernelScope } from '../../src/algorithm/training.js';
import type { Shard } from '../../src/engine/shard.js';
import { Column, Session, Table } from '../../src/index.js';
import { addLossSums, type LossName, type LossSum, lossSum } from '../../src/optimization/loss.js';
import { seeded } from '../reference/random.js';
import { assertClose } from '../reference/run.js';
import { type Layout, type Problem, problem } from './problems.js';

const LOSSES: readonly LossName[] = ['logistic', 'hinge', 'squaredHinge', 'squared', 'multinomial'];
const LAYOUTS: readonly Layout[] = ['dense', 'float32', 'sparse'];

/** Sums of two terms. */
const REL = { rtol: 1e-14, atol: 0 };

const session = new Session({ threads: 0 });
const scope: KernelScope = session.inline;
const shardOf = (table: Table): Shard => ({ index: 0, count: 1, rowStart: 0, table });

function parametersOf({ params }: Problem, seed = 5): Float64Array {
  const random = seeded(seed);
  const size = params.classes * (params.dim + (params.fitIntercept ? 1 : 0));
  return Float64Array.from({ length: size }, () => random.unit() - 0.5);
}

function sumOf({ table, params, rows }: Problem, parameters: Float64Array): LossSum {
  return lossSum(shardOf(table), 0, rows, parameters, params, scope);
}

for (const loss of LOSSES) {
  for (const layout of LAYOUTS) {
    for (const fitIntercept of [false, true]) {
      for (const weighted of [false, true]) {
        const what = `${loss}, ${layout}, intercept: ${fitIntercept}, weights: ${weighted}`;
        test(`the gradient is that of the differences of the loss: ${what}`, () => {
          const shape = { loss, layout, fitIntercept, weighted, rows: 37, dim: 6, seed: 3 };
          const rows = problem(shape);
          const at = parametersOf(rows);
          const { gradient, weight } = sumOf(rows, at);
          assert.is(gradient.length, at.length);
          assert.is(weight, sumOfWeights(rows));
          const by = 1e-6;
          for (const i of at.keys()) {
            const [up, down] = [by, -by].map((d) => at.map((p, j) => (i === j ? p + d : p)));
            const difference = (sumOf(rows, up!).loss - sumOf(rows, down!).loss) / (2 * by);
            assertClose(gradient[i]!, difference, { rtol: 1e-6, atol: 1e-6 }, `parameter ${i}`);
          }
        });
      }
    }
  }

  test(`dense, 32-bit and sparse features have the same sums: ${loss}`, () => {
    const [dense, ...others] = LAYOUTS.map((layout) => {
      const rows = problem({ loss, layout, rows: 101, dim: 9, seed: 4, weighted: true });
      return sumOf(rows, parametersOf(rows));
    });
    for (const other of others) {
      assertClose(other.loss, dense!.loss, { rtol: 1e-13, atol: 0 }, 'loss');
      for (const [i, g] of dense!.gradient.entries()) {
        assertClose(other.gradient[i]!, g, { rtol: 1e-12, atol: 1e-12 }, `gradient ${i}`);
      }
    }
  });

  test(`weights are as if rows came more often, and ranges add up: ${loss}`, () => {
    const rows = problem({ loss, rows: 40, dim: 5, seed: 6, weighted: true });
    const at = parametersOf(rows);
    const whole = sumOf(rows, at);
    const parts = [0, 7, 7, 21, 40];
    const sums = parts
      .slice(1)
      .map((end, i) => lossSum(shardOf(rows.table), parts[i]!, end, at, rows.params, scope));
    assertSame(sums.reduce(addLossSums), whole);

    const weights = rows.table.column('weight', 'float64').values as Float64Array;
    const copies = [...weights.keys()].flatMap((row) => Array<number>(2 * weights[row]!).fill(row));
    const repeated: Problem = {
      ...rows,
      table: takeRows(rows, copies),
      rows: copies.length,
      params: { ...rows.params, weightCol: null },
    };
    const doubled = sumOf(repeated, at);
    assertSame({ ...doubled, loss: doubled.loss / 2, weight: doubled.weight / 2 }, whole, 2);
  });
}

function sumOfWeights({ table, params, rows }: Problem): number {
  if (params.weightCol === null) return rows;
  return (table.column('weight', 'float64').values as Float64Array).reduce((a, b) => a + b, 0);
}

function takeRows({ table, x, params }: Problem, rows: readonly number[]): Table {
  const labels = table.column('label', 'float64').values as Float64Array;
  const { dim } = params;
  const values = Float64Array.from(rows.flatMap((r) => [...x.subarray(r * dim, (r + 1) * dim)]));
  return Table.fromColumns({
    features: Column.dense(values, dim),
    label: Float64Array.from(rows, (row) => labels[row]!),
  });
}

function assertSame(got: LossSum, want: LossSum, times = 1): void {
  assertClose(got.loss, want.loss, { rtol: 1e-13, atol: 0 }, 'loss');
  assertClose(got.weight, want.weight, { rtol: 1e-13, atol: 0 }, 'weight');
  for (const [i, g] of want.gradient.entries()) {
    assertClose(got.gradient[i]! / times, g, { rtol: 1e-11, atol: 1e-11 }, `gradient ${i}`);
  }
}

for (const margin of [0, 1e-300, 36, 709, 746, 1e5, 1e300]) {
  test(`no margin overflows a loss of probabilities: ${margin}`, () => {
    const table = Table.fromColumns({
      features: Column.dense(Float64Array.of(margin, -margin), 1),
      label: Float64Array.of(1, 1),
    });
    const columns = { featuresCol: 'features', labelCol: 'label', weightCol: null };
    const one = lossSum(
      ...[shardOf(table), 0, 2, Float64Array.of(1)],
      ...[
        { ...columns, loss: 'logistic', dim: 1, classes: 1, fitIntercept: false } as const,
        scope,
      ],
    );
    // log(1 + e⁻ᵐ) + log(1 + eᵐ) = m + 2·log(1 + e⁻ᵐ).
    assertClose(one.loss, margin + 2 * Math.log1p(Math.exp(-margin)), REL, 'logistic');
    const two = lossSum(
      ...[shardOf(table), 0, 2, Float64Array.of(0, 1)],
      ...[
        { ...columns, loss: 'multinomial', dim: 1, classes: 2, fitIntercept: false } as const,
        scope,
      ],
    );
    assertClose(two.loss, one.loss, REL, 'multinomial of two classes');
    assertClose(two.gradient[1]!, one.gradient[0]!, { rtol: 1e-14, atol: 1e-300 }, 'gradient');
    assertClose(two.gradient[0]!, -one.gradient[0]!, { rtol: 1e-14, atol: 1e-300 }, 'gradient');
  });
}

test('no rows have sums of 0', () => {
  for (const loss of LOSSES) {
    for (const layout of LAYOUTS) {
      const rows = problem({ loss, layout, rows: 3, dim: 2, seed: 1 });
      const sum = lossSum(shardOf(rows.table), 2, 2, parametersOf(rows), rows.params, scope);
      assert.is(sum.loss, 0);
      assert.is(sum.weight, 0);
      assert.ok(sum.gradient.every((g) => g === 0));
    }
  }
});

test.after(() => session.close());

test.run();
