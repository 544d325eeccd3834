import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Session, Table } from '../../src/index.js';
import type { LossName } from '../../src/optimization/loss.js';
import { quasiNewton } from '../../src/optimization/quasi-newton.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { assertClose } from '../reference/run.js';

// Made by test/golden/make-optimizers.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/optimizers.json', import.meta.url), 'utf8'),
) as { readonly rows: number; readonly cases: readonly Case[] };

interface Case {
  readonly loss: Exclude<LossName, 'hinge'>;
  readonly seed: number;
  readonly reg: number;
  readonly elasticNet: number;
  readonly standardization: boolean;
  readonly objective: number;
  readonly coefficient: readonly number[];
  readonly intercept: readonly number[];
}

const DIM = 6;
const CLASSES = 3;
const FACTORS = [1, 0.0078125, 128, 1, 1, 16];

/** `rows_of` of the script. */
function rowsOf(loss: LossName, rows: number, seed: number): Table {
  const random = seeded(seed);
  const [x, y, w] = [new Float64Array(rows * DIM), new Float64Array(rows), new Float64Array(rows)];
  for (let r = 0; r < rows; r++) {
    let margin = 0;
    const first = 2 * random.unit() - 1;
    for (let t = 0; t < DIM; t++) {
      const value = first + (2 * random.unit() - 1);
      margin += t % 2 === 0 ? value : -value;
      x[r * DIM + t] = value * FACTORS[t]!;
    }
    const noisy = margin + 2 * (2 * random.unit() - 1);
    if (loss === 'squared') y[r] = noisy + 5;
    else if (loss === 'multinomial') y[r] = noisy > 1 ? 2 : noisy > -0.5 ? 1 : 0;
    else y[r] = noisy > 0.3 ? 1 : 0;
    w[r] = 0.5 + random.below(3);
  }
  return Table.fromColumns({ features: Column.dense(x, DIM), label: y, weight: w });
}

const session = new Session({ threads: 0 });
test.after(() => session.close());

for (const given of golden.cases) {
  const { loss, seed, reg, elasticNet, standardization } = given;
  const what = `${loss}, reg ${reg}, elasticNet ${elasticNet}, standardization ${standardization}`;
  test(
    `the minimum is that of SciPy: ${what}`,
    readable(async () => {
      const { coefficient, intercept, summary } = await quasiNewton(
        rowsOf(loss, golden.rows, seed),
        {
          ...{ who: 'Toy.fit', reg, elasticNet, standardization, maxIter: 1000, tol: 1e-12 },
          ...{ work: 1, options: { session } },
          loss: {
            ...{ loss, dim: DIM, classes: loss === 'multinomial' ? CLASSES : 1 },
            ...{ featuresCol: 'features', labelCol: 'label', weightCol: 'weight' },
            fitIntercept: true,
          },
        },
      );
      const objective = summary.objectiveHistory.at(-1)!;
      assertClose(objective, given.objective, { rtol: 1e-10, atol: 0 }, 'objective');
      // Without a penalty the classes' coefficients are told apart up to a common one.
      const isShared = loss === 'multinomial' && reg === 0;
      const mean = (c: ArrayLike<number>, t: number) =>
        isShared ? (c[t]! + c[DIM + t]! + c[2 * DIM + t]!) / CLASSES : 0;
      for (const i of coefficient.keys()) {
        const [got, want] = [coefficient, given.coefficient].map((c) => {
          return (c[i]! - mean(c, i % DIM)) * FACTORS[i % DIM]!;
        });
        assertClose(got!, want!, { rtol: 2e-4, atol: 2e-4 }, `coefficient ${i}`);
      }
      for (const [k, b] of given.intercept.entries()) {
        assertClose(intercept[k]!, b, { rtol: 2e-4, atol: 2e-4 }, `intercept ${k}`);
      }
      assert.is(intercept.length, given.intercept.length);
    }),
  );
}

test.run();
