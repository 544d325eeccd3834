import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Knn, type KnnModel, KnnRegression, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';

// Made by test/golden/make-neighbours.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/neighbours.json', import.meta.url), 'utf8'),
) as Golden;

type Metric = 'euclidean' | 'manhattan' | 'cosine';

interface Case {
  readonly name: string;
  readonly kind: 'classes' | 'means';
  readonly k: number;
  readonly weights: 'uniform' | 'distance';
  readonly metric: Metric;
  readonly indices: readonly (readonly number[])[];
  readonly distances: readonly (readonly number[])[];
  /** Whether no two of the first k + 1 neighbours are equally far. */
  readonly clear: readonly boolean[];
  readonly shares?: readonly (readonly number[])[];
  readonly means?: readonly number[];
}

interface DataSet {
  readonly features: readonly (readonly number[] | string)[];
  readonly labels: readonly number[];
}

interface Golden {
  readonly cases: readonly Case[];
  readonly sets: Readonly<Record<'iris' | 'digits' | 'diabetes', DataSet>>;
  readonly real: readonly {
    readonly set: 'iris' | 'digits';
    readonly k: number;
    readonly metric: Metric;
    readonly right: number;
    readonly of: number;
    /** Rows whose label a tie leaves open. */
    readonly open: number;
  }[];
  readonly diabetes: { readonly k: number; readonly means: readonly number[] };
}

/** Distances and shares are rounded to 9 and more digits in the file. */
const ATOL = 2e-9;

const assertNear = (got: ArrayLike<number>, want: readonly number[], where: string): void => {
  assert.is(got.length, want.length, where);
  want.forEach((value, i) => {
    const by = Math.abs(got[i]! - value);
    assert.ok(by <= ATOL * (1 + Math.abs(value)), `${where}[${i}]: got ${got[i]}, want ${value}`);
  });
};

function seededTables(): { readonly train: Table; readonly queries: Table } {
  const { unit } = seeded(41);
  const draw = (n: number) => Float64Array.from({ length: n }, unit);
  const [train, queries] = [Column.dense(draw(360), 3), Column.dense(draw(30), 3)];
  const label = draw(120).map((v) => Math.floor(4 * v));
  return {
    train: Table.fromColumns({ features: train, label }),
    queries: Table.fromColumns({ features: queries }),
  };
}

const { train, queries } = seededTables();

async function assertNeighbours(
  model: Pick<KnnModel, 'nearest'>,
  { k, clear, indices, distances }: Case,
): Promise<void> {
  const near = await model.nearest(queries, k);
  clear.forEach((isClear, row) => {
    const { indices: got, distances: far } = near.row(row);
    if (isClear) assert.equal([...(got as number[])], indices[row], `row ${row}`);
    assertNear(far as number[], distances[row]!, `distances of row ${row}`);
  });
}

for (const expected of golden.cases) {
  const { kind, k, weights: weighting, metric: distanceMeasure } = expected;
  const sentence = `${kind} of ${weighting} ${distanceMeasure} neighbours are scikit-learn's`;
  test(
    sentence,
    readable(async () => {
      const params = { k, weighting, distanceMeasure };
      if (kind === 'classes') {
        const model = await new Knn({ ...params, rawPredictionCol: 'shares' }).fit(train);
        await assertNeighbours(model, expected);
        const output = await model.transform(queries);
        output
          .column('shares', 'vector')
          .toArray()
          .forEach((shares, row) => {
            assertNear(shares!.toArray(), expected.shares![row]!, `shares of row ${row}`);
            const label = output.row(row).prediction as number;
            const most = Math.max(...expected.shares![row]!);
            assert.ok(expected.shares![row]![label]! >= most - ATOL, `label of row ${row}`);
          });
      } else {
        const model = await new KnnRegression(params).fit(train);
        await assertNeighbours(model, expected);
        const output = await model.transform(queries);
        assertNear(output.column('prediction', 'float64').values, expected.means!, 'means');
      }
    }),
  );
}

/** All rows but every fifth, and these. */
function split({ features, labels }: DataSet): readonly [Table, Table] {
  const cells = features.map((row) =>
    typeof row === 'string' ? Array.from(row, (c) => Number.parseInt(c, 17)) : row,
  );
  const table = Table.fromColumns({ features: cells, label: [...labels] }, { features: 'vector' });
  const rows = Int32Array.from(labels.keys());
  return [table.take(rows.filter((i) => i % 5 !== 0)), table.take(rows.filter((i) => i % 5 === 0))];
}

for (const { set, k, metric: distanceMeasure, right, of, open } of golden.real) {
  test(
    `${set}, ${distanceMeasure}: as many are classified right as by scikit-learn`,
    readable(async () => {
      const [known, unknown] = split(golden.sets[set]);
      const model = await new Knn({ k, distanceMeasure }).fit(known);
      const { values } = (await model.transform(unknown)).column('prediction', 'float64');
      const labels = unknown.column('label').toArray();
      const got = values.filter((label, i) => label === labels[i]).length;
      assert.is(values.length, of);
      assert.ok(Math.abs(got - right) <= open, `got ${got}, scikit-learn ${right}, ${open} open`);
      assert.ok(got / of >= (set === 'iris' ? 0.9 : 0.85), `accuracy ${got / of}`);
    }),
  );
}

test(
  "diabetes: weighted means are scikit-learn's",
  readable(async () => {
    const [known, unknown] = split(golden.sets.diabetes);
    const { k, means } = golden.diabetes;
    const model = await new KnnRegression({ k, weighting: 'distance' }).fit(known);
    const output = await model.transform(unknown);
    assertNear(output.column('prediction', 'float64').values, means, 'means');
  }),
);

test.run();
