import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AgglomerativeClustering,
  type AgglomerativeClusteringParams,
  Column,
  Session,
  Table,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';

type TableName = 'random' | 'larger' | 'ties' | 'iris';

interface Case {
  readonly table: TableName;
  readonly linkage: AgglomerativeClusteringParams['linkage'];
  readonly measure: AgglomerativeClusteringParams['distanceMeasure'];
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly heights: readonly number[];
  readonly sizes: readonly number[];
  readonly clusters: Readonly<Record<string, readonly number[]>>;
}

// Made by test/golden/make-agglomerative.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/agglomerative.json', import.meta.url), 'utf8'),
) as { readonly iris: readonly (readonly number[])[]; readonly cases: readonly Case[] };

function draws(seed: number, count: number): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: count }, () => random.unit());
}

const centred = (x: number): number => x - 0.5;
const TABLES: Readonly<Record<TableName, Table>> = {
  random: tableOf(draws(11, 300).map(centred), 5),
  larger: tableOf(draws(12, 360).map(centred), 3),
  ties: tableOf(
    draws(13, 140).map((x) => Math.floor(x * 5) + 1),
    2,
  ),
  iris: tableOf(Float64Array.from(golden.iris.flat()), 4),
};

function tableOf(values: Float64Array, dim: number): Table {
  return Table.fromColumns({ features: Column.dense(values, dim) });
}

// Everything by jobs, on this thread and on two workers.
const sessions = [0, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
});

for (const { table, linkage, measure, ...wanted } of golden.cases) {
  const run = (numClusters: number, session?: Session) =>
    new AgglomerativeClustering({
      linkage,
      distanceMeasure: measure,
      numClusters,
      computeFullTree: true,
    }).transform(TABLES[table], { session });
  const columnsOf = (merges: Table): unknown[][] =>
    merges.columnNames.map((name) => merges.column(name).toArray() as unknown[]);

  test(
    `${linkage} linkage by the ${measure} measure merges ${table} points as SciPy does`,
    readable(async () => {
      for (const session of [undefined, ...sessions]) {
        const [first, second, heights, sizes] = columnsOf((await run(2, session))[1]);
        // Cosines come from unit vectors here: heights that are equal there may differ by rounding.
        const atol = measure === 'cosine' ? 1e-15 : 0;
        heights!.forEach((height, i) => {
          const by = Math.abs((height as number) - wanted.heights[i]!);
          const most = atol + 1e-12 * wanted.heights[i]!;
          assert.ok(by <= most, `height ${i}: got ${height}, SciPy has ${wanted.heights[i]}`);
        });
        if (measure === 'cosine' && table === 'iris') continue;
        assert.equal(first, wanted.first);
        assert.equal(second, wanted.second);
        assert.equal(sizes, wanted.sizes);
      }
    }),
  );

  test(
    `${linkage} linkage by the ${measure} measure cuts ${table} points as SciPy does`,
    readable(async () => {
      for (const [clusters, labels] of Object.entries(wanted.clusters)) {
        const [clustered] = await run(Number(clusters));
        assert.equal(clustered.column('prediction').toArray(), labels, `${clusters} clusters`);
      }
    }),
  );
}

test('the golden file has every linkage, with ties and without', () => {
  const made = new Set(golden.cases.map(({ table, linkage }) => `${table} ${linkage}`));
  assert.is(made.size, 16);
});

test.run();
