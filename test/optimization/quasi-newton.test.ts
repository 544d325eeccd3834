import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, type ErrorCode, GyreError, type Progress, Table } from '../../src/index.js';
import { type LossName, lossSum } from '../../src/optimization/loss.js';
import {
  type QuasiNewtonOptions,
  type QuasiNewtonResult,
  quasiNewton,
} from '../../src/optimization/quasi-newton.js';
import { readable } from '../conformance/readable.js';
import { closeSessions, sessionOf, THREADS } from '../engine/support.js';
import { assertClose, type Tolerance } from '../reference/run.js';
import { type Layout, type Problem, problem } from './problems.js';

test.after(closeSessions);

const SMOOTH: readonly LossName[] = ['logistic', 'squaredHinge', 'squared', 'multinomial'];

/** What adding up in another order may make. */
const REL = { rtol: 1e-12, atol: 0 };

type Settings = Partial<Omit<QuasiNewtonOptions, 'loss'>> & { threads?: number };

function fit({ table, params }: Problem, settings: Settings = {}): Promise<QuasiNewtonResult> {
  const { threads = 0, options, ...given } = settings;
  return quasiNewton(table, {
    ...{ who: 'Toy.fit', reg: 0.01, elasticNet: 0, standardization: false },
    ...{ maxIter: 500, tol: 1e-10, work: 1e12, loss: params },
    ...given,
    options: { session: sessionOf(threads), ...options },
  });
}

const parametersOf = ({ coefficient, intercept }: QuasiNewtonResult, { params }: Problem) =>
  Float64Array.from(
    [...intercept].flatMap((b, k) => [
      ...coefficient.subarray(k * params.dim, (k + 1) * params.dim),
      ...(params.fitIntercept ? [b] : []),
    ]),
  );

/** Mean loss and its gradient. */
function meanLoss({ table, params, rows }: Problem, parameters: Float64Array) {
  const shard = { index: 0, count: 1, rowStart: 0, table };
  const sum = lossSum(shard, 0, rows, parameters, params, sessionOf(0).inline);
  return { loss: sum.loss / sum.weight, gradient: sum.gradient.map((g) => g / sum.weight) };
}

function assertNear(got: Float64Array, want: Float64Array, tolerance: Tolerance, what: string) {
  assert.is(got.length, want.length, what);
  for (const [i, w] of want.entries()) assertClose(got[i]!, w, tolerance, `${what} ${i}`);
}

for (const loss of SMOOTH) {
  for (const elasticNet of [0, 0.5, 1]) {
    for (const layout of ['dense', 'sparse'] as const satisfies readonly Layout[]) {
      const what = `${loss}, elasticNet: ${elasticNet}, ${layout}`;
      test(
        `no direction goes down from the minimum: ${what}`,
        readable(async () => {
          const reg = 0.02;
          const rows = problem({ loss, layout, rows: 300, dim: 7, seed: 11, weighted: true });
          const result = await fit(rows, { reg, elasticNet, tol: 1e-13 });
          const parameters = parametersOf(result, rows);
          const { gradient, loss: value } = meanLoss(rows, parameters);
          const { dim } = rows.params;
          let penalty = 0;
          for (const [i, c] of parameters.entries()) {
            const isIntercept = i % (dim + 1) === dim;
            const l1 = isIntercept ? 0 : reg * elasticNet;
            const l2 = isIntercept ? 0 : reg * (1 - elasticNet);
            penalty += l1 * Math.abs(c) + (l2 * c * c) / 2;
            const slope = gradient[i]! + l2 * c;
            if (c === 0 && !isIntercept) assert.ok(Math.abs(slope) <= l1 + 1e-6, `parameter ${i}`);
            else {
              const want = -l1 * Math.sign(c);
              assertClose(slope, want, { rtol: 0, atol: 2e-6 }, `parameter ${i}`);
            }
          }
          const { objectiveHistory, totalIterations, reason } = result.summary;
          assert.is(objectiveHistory.length, totalIterations + 1);
          assert.is.not(reason, 'maxIter');
          assertClose(objectiveHistory.at(-1)!, value + penalty, REL, 'objective');
        }),
      );
    }
  }
}
for (const loss of SMOOTH) {
  test(
    `the bits are the same on any number of threads: ${loss}`,
    readable(async () => {
      const rows = problem({ loss, rows: 20_000, dim: 5, seed: 12, weighted: true });
      for (const elasticNet of [0, 0.5]) {
        const results = new Set<string>();
        for (const threads of THREADS) {
          const { coefficient, intercept, summary } = await fit(rows, { threads, elasticNet });
          results.add(JSON.stringify([[...coefficient], [...intercept], summary]));
        }
        assert.is(results.size, 1);
      }
    }),
  );
}

/** The problem with features times a factor and plus an offset each. */
function rescaled(rows: Problem, factors: readonly number[], offsets: readonly number[]): Problem {
  const { dim } = rows.params;
  const x = rows.x.map((v, i) => v * factors[i % dim]! + offsets[i % dim]!);
  const { label, weight } = Object.fromEntries(
    rows.table.columnNames.map((name) => [name, rows.table.column(name)]),
  );
  const features = Column.dense(x, dim);
  return { ...rows, x, table: Table.fromColumns({ features, label: label!, weight: weight! }) };
}

const FACTORS = [1, 1e-6, 1e5, 3, 0.01];
const OFFSETS = [0, 2, -1e7, 100, 0.5];

test(
  'units and offsets of features do not matter: without a penalty, or with standardization',
  readable(async () => {
    for (const loss of SMOOTH) {
      const plain = problem({ loss, rows: 400, dim: 5, seed: 13, weighted: true });
      const other = rescaled(plain, FACTORS, OFFSETS);
      for (const settings of [{ reg: 0 }, { reg: 0.1, standardization: true }]) {
        const [a, b] = [await fit(plain, settings), await fit(other, settings)];
        const [one, two] = [a, b].map(({ summary }) => summary.objectiveHistory.at(-1)!);
        assertClose(two!, one!, { rtol: 1e-8, atol: 0 }, `${loss}: objective`);
        // Not many more iterations either.
        const by = b.summary.totalIterations - a.summary.totalIterations;
        assert.ok(Math.abs(by) <= 5, `${loss}: ${by} more iterations`);
        const back = b.coefficient.map((c, i) => c * FACTORS[i % 5]!);
        assertNear(back, a.coefficient, { rtol: 1e-3, atol: 1e-3 }, `${loss}: coefficient`);
      }
    }
  }),
);

test(
  'standardization is the penalty on features that were divided by their deviation',
  readable(async () => {
    for (const elasticNet of [0, 0.7]) {
      const rows = problem({ loss: 'logistic', rows: 500, dim: 5, seed: 14 });
      const other = rescaled(rows, FACTORS, [0, 0, 0, 0, 0]);
      const deviations = FACTORS.map((_, t) => {
        const column = Array.from({ length: 500 }, (_, r) => other.x[r * 5 + t]!);
        const mean = column.reduce((a, b) => a + b, 0) / 500;
        return Math.sqrt(column.reduce((a, v) => a + (v - mean) ** 2, 0) / 500);
      });
      const divided = rescaled(
        other,
        deviations.map((d) => 1 / d),
        [0, 0, 0, 0, 0],
      );
      const settings = { reg: 0.05, elasticNet, tol: 1e-13 };
      const a = await fit(other, { ...settings, standardization: true });
      const b = await fit(divided, settings);
      const got = a.coefficient.map((c, t) => c * deviations[t]!);
      assertNear(got, b.coefficient, { rtol: 0, atol: 1e-5 }, 'coefficient');
      assertNear(a.intercept, b.intercept, { rtol: 0, atol: 1e-5 }, 'intercept');
    }
  }),
);

test(
  'a feature that is constant or a copy of another does no harm',
  readable(async () => {
    for (const layout of ['dense', 'sparse'] as const) {
      const rows = 200;
      const x = Float64Array.from({ length: rows * 4 }, (_, i) => {
        const value = Math.sin(Math.floor(i / 4));
        return [value, value, 1e8 + 0.1, 0][i % 4]!;
      });
      const label = Float64Array.from({ length: rows }, (_, r) => (Math.sin(r) > 0.2 ? 1 : r % 2));
      const indices = Int32Array.from(x, (_, i) => i % 4);
      const offsets = Int32Array.from({ length: rows + 1 }, (_, r) => 4 * r);
      const features =
        layout === 'dense' ? Column.dense(x, 4) : Column.sparse(4, offsets, indices, x);
      const params = {
        ...({ loss: 'logistic', dim: 4, classes: 1, fitIntercept: true, weightCol: null } as const),
        ...{ featuresCol: 'features', labelCol: 'label' },
      };
      const given: Problem = { table: Table.fromColumns({ features, label }), params, rows, x };
      for (const settings of [{ reg: 0 }, { reg: 0.01, standardization: true }]) {
        const { coefficient, summary } = await fit(given, { ...settings, tol: 1e-8 });
        assert.is.not(summary.reason, 'maxIter');
        assert.equal([...coefficient.subarray(2)], [0, 0]);
        assertClose(coefficient[0]!, coefficient[1]!, { rtol: 1e-6, atol: 0 }, 'copies');
      }
    }
  }),
);

test(
  'the objective is within tol of its minimum',
  readable(async () => {
    for (const loss of SMOOTH) {
      for (const elasticNet of [0, 0.5]) {
        // Features that go together: every one has what all have.
        const plain = problem({ loss, rows: 400, dim: 12, seed: 15 });
        const x = plain.x.map((v, i) => 0.05 * v + plain.x[i - (i % 12)]!);
        const label = plain.table.column('label');
        const features = Column.dense(x, 12);
        const rows = { ...plain, x, table: Table.fromColumns({ features, label }) };
        const best = await fit(rows, { reg: 1e-4, elasticNet, tol: 0, maxIter: 5000 });
        const least = best.summary.objectiveHistory.at(-1)!;
        for (const tol of [1e-2, 1e-4, 1e-6]) {
          const { summary } = await fit(rows, { reg: 1e-4, elasticNet, tol });
          assert.is(summary.reason, 'tol');
          const gap = summary.objectiveHistory.at(-1)! / least - 1;
          // With |c|₁ the curvature is known of one feature at a time, and the estimate is rougher.
          const most = elasticNet === 0 ? tol : 3 * tol;
          assert.ok(gap <= most, `${loss}, elasticNet ${elasticNet}, tol ${tol}: ${gap}`);
        }
      }
    }
  }),
);

test(
  'more features than are looked at together are scaled one by one',
  readable(async () => {
    const rows = problem({ loss: 'logistic', rows: 500, dim: 300, seed: 16, layout: 'sparse' });
    const { summary, coefficient, intercept } = await fit(rows, { reg: 0.1, tol: 1e-12 });
    const at = Float64Array.of(...coefficient, ...intercept);
    const { gradient } = meanLoss(rows, at);
    for (const [i, c] of at.entries()) {
      const slope = gradient[i]! + (i < 300 ? 0.1 * c : 0);
      assertClose(slope, 0, { rtol: 0, atol: 1e-6 }, `${i}`);
    }
    assert.is(summary.reason, 'tol');
  }),
);

test(
  'progress has an entry for each iteration, with its objective',
  readable(async () => {
    const rows = problem({ loss: 'logistic', rows: 500, dim: 4, seed: 17 });
    const seen: Progress[] = [];
    const { summary } = await fit(rows, { options: { onProgress: (p) => seen.push(p) } });
    assert.equal(
      seen.map(({ epoch }) => epoch),
      summary.objectiveHistory.map((_, i) => i),
    );
    assert.equal(
      seen.map(({ loss }) => loss),
      [...summary.objectiveHistory],
    );
    assert.ok(seen.every((p, i) => i === 0 || p.rows > seen[i - 1]!.rows));
  }),
);

test(
  'one row, one class and rows without weight have a finite model',
  readable(async () => {
    for (const loss of SMOOTH) {
      const one = problem({ loss, rows: 1, dim: 2, seed: 18 });
      const { coefficient, intercept } = await fit(one, { tol: 1e-6 });
      assert.ok([...coefficient, ...intercept].every(Number.isFinite), loss);
    }
    const rows = problem({ loss: 'logistic', rows: 50, dim: 2, seed: 19, weighted: true });
    const weight = Float64Array.from({ length: 50 }, (_, r) => (r < 20 ? 1 : 0));
    const columns = {
      features: rows.table.column('features'),
      label: rows.table.column('label'),
    };
    const some = { ...rows, table: Table.fromColumns({ ...columns, weight }) };
    const few = { ...rows, rows: 20, table: some.table.slice(0, 20) };
    const [a, b] = [await fit(some), await fit(few)];
    assertNear(a.coefficient, b.coefficient, { rtol: 0, atol: 1e-5 }, 'coefficient');
  }),
);

/** What a fit fails with. */
async function failure(rows: Problem): Promise<{ code: ErrorCode; message: string }> {
  try {
    await fit(rows);
  } catch (error) {
    assert.instance(error, GyreError);
    const { code, message } = error as GyreError;
    return { code, message };
  }
  return assert.unreachable('it did not fail') as never;
}

test('what cannot be learned from is a typed error that names the row', async () => {
  const good = problem({ loss: 'multinomial', rows: 9000, dim: 3, seed: 20, weighted: true });
  const withColumn = (name: string, value: number, row: number): Problem => {
    const columns = Object.fromEntries(
      good.table.columnNames.map((n) => [n, good.table.column(n)]),
    );
    if (name === 'features') {
      const x = good.x.slice();
      x[row * 3 + 1] = value;
      return { ...good, table: Table.fromColumns({ ...columns, features: Column.dense(x, 3) }) };
    }
    const values = (good.table.column(name, 'float64').values as Float64Array).slice();
    values[row] = value;
    return { ...good, table: Table.fromColumns({ ...columns, [name]: values }) };
  };
  const cases: [string, number, string][] = [
    ['features', Number.NaN, 'Toy.fit: column "features" must be finite, got NaN in row 8765, '],
    ['features', -Infinity, 'Toy.fit: column "features" must be finite, got -Infinity in row 8765'],
    ['features', 1e200, 'Toy.fit: column "features" has values or weights too large to be squared'],
    ['label', 3, 'Toy.fit: column "label" must be integers in [0, 3), got 3 in row 8765.'],
    ['label', 0.5, 'Toy.fit: column "label" must be integers in [0, 3), got 0.5 in row 8765.'],
    ['weight', -1, 'Toy.fit: column "weight" must be finite numbers >= 0, got -1 in row 8765.'],
    ['weight', Number.NaN, 'Toy.fit: column "weight" must be finite numbers >= 0, got NaN'],
  ];
  for (const [name, value, start] of cases) {
    const { code, message } = await failure(withColumn(name, value, 8765));
    assert.is(code, 'ERR_GYRE_DATA');
    assert.ok(message.startsWith(start), message);
  }
  const none = problem({ loss: 'squared', rows: 5, dim: 2, seed: 21, weighted: true });
  const columns = Object.fromEntries(none.table.columnNames.map((n) => [n, none.table.column(n)]));
  const weightless = Table.fromColumns({ ...columns, weight: new Float64Array(5) });
  assert.equal(await failure({ ...none, table: weightless }), {
    code: 'ERR_GYRE_DATA',
    message: 'Toy.fit: some row must have a weight above 0, all have 0.',
  });
  const huge = Table.fromColumns({ ...columns, label: new Float64Array(5).fill(1e200) });
  const { code, message } = await failure({ ...none, table: huge });
  assert.is(code, 'ERR_GYRE_DATA');
  assert.ok(message.includes('objective must be finite at the start'), message);
});

test.run();
