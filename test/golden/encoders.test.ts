import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, OneHotEncoder, StringIndexer, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';

interface Csr {
  readonly shape: readonly [number, number];
  readonly offsets: readonly number[];
  readonly indices: readonly number[];
}

// Made by test/golden/make-encoders.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/encoders.json', import.meta.url), 'utf8'),
) as {
  readonly letters: string;
  readonly ordinal: {
    readonly rows: number;
    readonly letters: number;
    readonly seed: number;
    readonly categories: readonly string[];
    readonly unknown: number;
    readonly codes: readonly number[];
  };
  readonly oneHot: {
    readonly rows: number;
    readonly categories: readonly number[];
    readonly seed: number;
    readonly all: Csr;
    readonly dropLast: Csr;
  };
};

function words(): string[] {
  const { rows, letters, seed } = golden.ordinal;
  const random = seeded(seed);
  return Array.from({ length: rows }, () => {
    const length = random.below(letters + 1);
    return Array.from({ length }, () => golden.letters[random.below(golden.letters.length)]).join(
      '',
    );
  });
}

test('StringIndexer in alphabetical order gives the codes of OrdinalEncoder, exactly', async () => {
  const { rows, categories, codes, unknown } = golden.ordinal;
  const table = Table.fromColumns({ word: words() });
  const indexer = new StringIndexer({
    inputCols: ['word'],
    outputCols: ['code'],
    stringOrderType: 'alphabetAsc',
    handleInvalid: 'keep',
  });
  const model = await indexer.fit(table.slice(0, rows / 2));
  assert.equal(model.modelData.stringArrays, [categories]);
  const got = (await model.transform(table)).column('code').toArray();
  assert.equal(got, [...codes]);
  assert.is(got.filter((code) => code === categories.length).length, unknown);
});

test('OneHotEncoder gives the CSR of OneHotEncoder, exactly, with and without the last', async () => {
  const { rows, categories, seed, ...cases } = golden.oneHot;
  const random = seeded(seed);
  const columns = categories.map(() => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    categories.forEach((end, c) => {
      columns[c]![i] = random.below(end);
    });
  }
  const table = Table.fromColumns({ a: Column.from(columns[0]!), b: Column.from(columns[1]!) });
  for (const [expected, dropLast] of [
    [cases.all, false],
    [cases.dropLast, true],
  ] as const) {
    const params = { inputCols: ['a', 'b'], outputCols: ['av', 'bv'], dropLast };
    const model = await new OneHotEncoder(params).fit(table);
    const output = await model.transform(table);
    const [a, b] = [output.column('av', 'sparseVector'), output.column('bv', 'sparseVector')];
    assert.equal([rows, a.size + b.size], [...expected.shape]);
    // Side by side, as the peer has them.
    const indices = Array.from({ length: rows }, (_, i) => [
      ...a.get(i)!.indices,
      ...b.get(i)!.indices.map((index) => index + a.size),
    ]);
    assert.equal(indices.flat(), [...expected.indices]);
    const offsets = [...a.offsets].map((offset, i) => offset + b.offsets[i]!);
    assert.equal(offsets, [...expected.offsets]);
  }
});

test.run();
