import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Binarizer,
  Bucketizer,
  Column,
  DCT,
  Normalizer,
  PolynomialExpansion,
  Table,
} from '../../src/index.js';
import { seeded } from '../reference/random.js';

type Matrix = readonly (readonly number[])[];

interface Ends {
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Made by test/golden/make-row-wise.py, with the versions of what it used. */
interface Golden {
  readonly cosines: readonly {
    readonly size: number;
    readonly seed: number;
    readonly forward: Ends;
    readonly inverse: Ends;
  }[];
  readonly norms: {
    readonly rows: number;
    readonly dim: number;
    readonly seed: number;
    readonly cases: readonly { readonly p: number | 'Infinity'; readonly values: Matrix }[];
  };
  readonly polynomials: readonly {
    readonly dim: number;
    readonly degree: number;
    readonly seed: number;
    readonly values: Matrix;
  }[];
  readonly buckets: {
    readonly rows: number;
    readonly seed: number;
    readonly splits: readonly number[];
    readonly buckets: readonly number[];
  };
  readonly binaries: {
    readonly rows: number;
    readonly dim: number;
    readonly seed: number;
    readonly threshold: number;
    readonly values: Matrix;
  };
}

const url = new URL('../../../test/golden/row-wise.json', import.meta.url);
const golden = JSON.parse(readFileSync(url, 'utf8')) as Golden;

/** |got - expected| <= rtol |expected| + atol, entry by entry. */
function assertNear(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 0, atol = 0 },
  what: string,
): void {
  assert.is(got.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const tolerance = rtol * Math.abs(expected[i]!) + atol;
    const close = Math.abs(got[i]! - expected[i]!) <= tolerance;
    assert.ok(close, `${what}, entry ${i}: got ${got[i]}, expected ${expected[i]} +- ${tolerance}`);
  }
}

function tableOf(rows: number, dim: number, seed: number): Table {
  return Table.fromColumns({ input: Column.dense(seeded(seed).f64(rows * dim), dim) });
}

const outputOf = (table: Table): Float64Array =>
  table.column('output', 'vector').values as Float64Array;

for (const { size, seed, forward, inverse } of golden.cosines) {
  // Entries of the inputs are below 1, so a vector is of length √(size/3).
  test(`DCT of ${size} entries and its inverse are those of scipy.fft, to 1e-14 of the length`, async () => {
    const table = tableOf(1, size, seed);
    const atol = 1e-14 * Math.max(1, Math.sqrt(size / 3));
    for (const [isInverse, { first, last }] of [
      [false, forward],
      [true, inverse],
    ] as const) {
      const values = outputOf(await new DCT({ inverse: isInverse }).transform(table));
      assertNear(values.subarray(0, 8), first, { atol }, 'first');
      assertNear(values.subarray(-4), last, { atol }, 'last');
    }
  });
}

for (const { p, values } of golden.norms.cases) {
  test(`Normalizer with p = ${p} gives what scikit-learn or numpy does, to 1e-14`, async () => {
    const { rows, dim, seed } = golden.norms;
    const output = await new Normalizer({ p: Number(p) }).transform(tableOf(rows, dim, seed));
    assertNear(outputOf(output), values.flat(), { rtol: 1e-14 }, 'entries');
  });
}

for (const { dim, degree, seed, values } of golden.polynomials) {
  test(`PolynomialExpansion of ${dim} entries to degree ${degree} is scikit-learn's, to 1e-14`, async () => {
    const output = await new PolynomialExpansion({ degree }).transform(tableOf(2, dim, seed));
    assertNear(outputOf(output), values.flat(), { rtol: 1e-14 }, 'monomials');
  });
}

test('Bucketizer gives the buckets of numpy.digitize', async () => {
  const { rows, seed, splits, buckets } = golden.buckets;
  const stage = new Bucketizer({ inputCols: ['x'], outputCols: ['b'], splitsArray: [splits] });
  const output = await stage.transform(Table.fromColumns({ x: seeded(seed).f64(rows) }));
  assert.equal(output.column('b').toArray(), [...buckets]);
});

test('Binarizer gives what scikit-learn does', async () => {
  const { rows, dim, seed, threshold, values } = golden.binaries;
  const stage = new Binarizer({
    inputCols: ['input'],
    outputCols: ['output'],
    thresholds: [threshold],
  });
  const output = await stage.transform(tableOf(rows, dim, seed));
  assert.equal([...outputOf(output)], values.flat());
});

test.run();
