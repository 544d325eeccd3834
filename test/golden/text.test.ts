import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CountVectorizer, CountVectorizerModel, HashingTF, IDF, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';

interface Golden {
  readonly rows: number;
  readonly seed: number;
  readonly counts: readonly {
    readonly minDF: number;
    readonly maxDF: number | null;
    readonly vocabulary: readonly string[];
    readonly sums: readonly number[];
    readonly first: readonly (readonly number[])[];
  }[];
  readonly idf: { readonly idf: readonly number[]; readonly sums: readonly number[] };
  readonly hashes: Readonly<
    Record<
      'string' | 'int32' | 'int64' | 'float32' | 'float64',
      readonly [string | number, number][]
    >
  >;
}

// Made by test/golden/make-text.py, which stands in the file with the versions of what it used.
const url = new URL('../../../test/golden/text.json', import.meta.url);
const golden = JSON.parse(readFileSync(url, 'utf8')) as Golden;

function documents(): Table {
  const random = seeded(golden.seed);
  const input = Array.from({ length: golden.rows }, () =>
    Array.from({ length: random.below(20) }, () => `w${random.below(1 + random.below(60))}`),
  );
  return Table.fromColumns({ input });
}

for (const { minDF, maxDF, vocabulary, sums, first } of golden.counts) {
  test(
    `CountVectorizer counts as scikit-learn does, minDF ${minDF}, maxDF ${maxDF}`,
    readable(async () => {
      const table = documents();
      const model = await new CountVectorizer({ minDF, ...(maxDF && { maxDF }) }).fit(table);
      assert.equal([...model.modelData.vocabulary], [...vocabulary]);
      const output = (await model.transform(table)).column('output', 'sparseVector');
      const got = new Float64Array(vocabulary.length);
      for (const [at, index] of output.indices.entries()) got[index]! += output.values[at]!;
      assert.equal([...got], [...sums]);
      first.forEach((counts, row) => {
        assert.equal([...output.get(row)!.toArray()], [...counts]);
      });
    }),
  );
}

test(
  'IDF weighs as the TfidfTransformer of scikit-learn does, but for its + 1, to 1e-13',
  readable(async () => {
    const near = (got: number, expected: number, what: string) =>
      assert.ok(Math.abs(got - expected) <= 1e-13 * (1 + expected), `${what}: ${got}, ${expected}`);
    const vocabulary = Array.from({ length: 60 }, (_, k) => `w${k}`);
    const counter = new CountVectorizerModel({ outputCol: 'counts' }).setModelData({ vocabulary });
    const counts = await counter.transform(documents());
    const model = await new IDF({ inputCol: 'counts' }).fit(counts);
    const { idf, numDocs } = model.modelData;
    assert.is(numDocs, golden.rows);
    golden.idf.idf.forEach((expected, t) => {
      near(idf.get(t), expected, `w${t}`);
    });
    const output = (await model.transform(counts)).column('output', 'sparseVector');
    golden.idf.sums.forEach((expected, row) => {
      const sum = output.get(row)!.values.reduce((a, b) => a + b, 0);
      near(sum, expected, `row ${row}`);
    });
  }),
);

const NUM_FEATURES = 1_000_003;

for (const type of ['string', 'int32', 'int64', 'float32', 'float64'] as const) {
  test(
    `HashingTF hashes ${type} as murmurhash3_32 of scikit-learn does`,
    readable(async () => {
      const known = golden.hashes[type];
      const input = known.map(([value]) => [
        type.startsWith('float')
          ? Number(value === 'inf' ? Number.POSITIVE_INFINITY : value)
          : value,
      ]);
      const table = Table.fromColumns({ input }, { input: `${type}[]` });
      const output = await new HashingTF({ numFeatures: NUM_FEATURES }).transform(table);
      known.forEach(([value, hash], row) => {
        const slot = ((hash % NUM_FEATURES) + NUM_FEATURES) % NUM_FEATURES;
        const { indices } = output.column('output', 'sparseVector').get(row)!;
        assert.equal([...indices], [slot], String(value));
      });
    }),
  );
}

test.run();
