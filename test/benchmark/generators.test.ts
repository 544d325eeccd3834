import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DenseVectorArrayGenerator } from '../../src/benchmark/dense-vector-array-generator.js';
import { DenseVectorGenerator } from '../../src/benchmark/dense-vector-generator.js';
import { DoubleGenerator } from '../../src/benchmark/double-generator.js';
import { GeneratedRows } from '../../src/benchmark/generated-rows.js';
import { INPUT_GENERATORS, inputGenerator } from '../../src/benchmark/generators.js';
import type { InputGenerator } from '../../src/benchmark/input-generator.js';
import { KMeansModelDataGenerator } from '../../src/benchmark/kmeans-model-data-generator.js';
import { LabeledPointWithWeightGenerator } from '../../src/benchmark/labeled-point-with-weight-generator.js';
import { LongGenerator } from '../../src/benchmark/long-generator.js';
import { RandomStringArrayGenerator } from '../../src/benchmark/random-string-array-generator.js';
import { RandomStringGenerator } from '../../src/benchmark/random-string-generator.js';
import { DenseVector, GyreError, MemoryLimitError, type Table } from '../../src/index.js';
import { ReferenceRandom } from './java-reference.js';

const tableOf = (generator: InputGenerator): Table => new GeneratedRows(generator).table();

const first = (table: Table, name: string): unknown => {
  const cell = table.column(name).get(0);
  return cell instanceof DenseVector ? [...cell.values] : cell;
};

/** Java's hash of the full class name, hashed as a long, times 31: as computed in Python. */
const DENSE_SEED = -316_954_668;

/** The seed 2 of the first subtask: 31 · 2 + 0. */
const random2 = (): ReferenceRandom => new ReferenceRandom(62);

test('numbers are those of java.util.Random with the seed of the first subtask', () => {
  const table = tableOf(new DenseVectorGenerator({ seed: 2, colNames: [['x']], vectorDim: 3 }));
  const random = random2();
  const expected = Array.from({ length: 10 }, () => [
    random.nextDouble(),
    random.nextDouble(),
    random.nextDouble(),
  ]);
  assert.is(table.numRows, 10);
  assert.equal(
    (table.column('x').toArray() as DenseVector[]).map(({ values }) => [...values]),
    expected,
  );
});

test('without a seed, it is the hash of the class name in Flink ML', () => {
  const table = tableOf(new DenseVectorGenerator({ colNames: [['x']] }));
  assert.equal(first(table, 'x'), [new ReferenceRandom(DENSE_SEED).nextDouble()]);
});

test('a negative seed and one of more than 32 bits are hashed as Java hashes a long', () => {
  for (const [seed, hash] of [
    [-1, 0],
    [2 ** 32 + 5, 31 * 4],
    [-(2 ** 32), -31],
  ] as const) {
    const table = tableOf(new DoubleGenerator({ seed, colNames: [['x']] }));
    assert.is(first(table, 'x'), new ReferenceRandom(hash).nextDouble(), `seed ${seed}`);
  }
});

test('a row is drawn from left to right, an arity gives integers', () => {
  const numbers = tableOf(new DoubleGenerator({ seed: 2, colNames: [['a', 'b']], arity: 7 }));
  let random = random2();
  for (const row of numbers.toRows()) {
    assert.equal(row, { a: random.nextInt(7), b: random.nextInt(7) });
  }
  const ids = tableOf(new LongGenerator({ seed: 2, colNames: [['a', 'b']], arity: 7 }));
  random = random2();
  for (const row of ids.toRows()) {
    assert.equal(row, { a: random.nextInt(7), b: random.nextInt(7) });
  }
  assert.equal(ids.schema, { a: 'int64', b: 'int64' });
});

test('labeled points have features, label and weight, each by its arity', () => {
  const options = { seed: 2, colNames: [['f', 'l', 'w']], vectorDim: 2 };
  const whole = tableOf(
    new LabeledPointWithWeightGenerator({ ...options, featureArity: 0, labelArity: 10 }),
  );
  const random = random2();
  const features = [random.nextDouble(), random.nextDouble()];
  assert.equal(first(whole, 'f'), features);
  assert.is(first(whole, 'l'), random.nextInt(10));
  assert.is(first(whole, 'w'), random.nextDouble());
  const table = tableOf(new LabeledPointWithWeightGenerator({ ...options, numValues: 1000 }));
  assert.equal(new Set<unknown>(table.column('l').toArray()), new Set([0, 1]));
  assert.equal(
    new Set((table.column('f').toArray() as DenseVector[]).flatMap(({ values }) => [...values])),
    new Set([0, 1]),
  );
});

test('strings are decimal text, also in lists', () => {
  const params = { seed: 2, colNames: [['a', 'b']], numDistinctValues: 12_345 };
  const strings = tableOf(new RandomStringGenerator(params));
  let random = random2();
  for (const row of strings.toRows()) {
    assert.equal(row, { a: String(random.nextInt(12_345)), b: String(random.nextInt(12_345)) });
  }
  const lists = tableOf(new RandomStringArrayGenerator({ ...params, arraySize: 3 }));
  random = random2();
  const next = (): string[] =>
    Array.from({ length: 3 }, () => String(random.nextInt(params.numDistinctValues)));
  for (const row of lists.toRows()) assert.equal(row, { a: next(), b: next() });
  const same = tableOf(new RandomStringGenerator({ colNames: [['a']], numDistinctValues: 1 }));
  assert.equal(new Set<unknown>(same.column('a').toArray()), new Set(['0']));
});

test('lists of vectors and the data of a KMeansModel have the same numbers', () => {
  const table = tableOf(
    new DenseVectorArrayGenerator({ seed: 2, colNames: [['x']], vectorDim: 2, arraySize: 3 }),
  );
  const random = random2();
  const expected = Array.from({ length: 3 }, () => [random.nextDouble(), random.nextDouble()]);
  const cell = table.column('x').get(0) as DenseVector[];
  assert.equal(
    cell.map(({ values }) => [...values]),
    expected,
  );
  const generator = new KMeansModelDataGenerator({ seed: 2, vectorDim: 2, arraySize: 3 });
  const { centroids, weights } = generator.modelData();
  assert.equal(
    centroids.map(({ values }) => [...values]),
    expected,
  );
  assert.equal([...weights.values], [0, 0, 0]);
});

test('rows repeat after max(100, numValues / 1000), or after numDistinctRows', () => {
  for (const [numValues, numDistinctRows, period] of [
    [950, undefined, 100],
    [250_500, undefined, 250],
    [950, 7, 7],
    [950, 950, 950],
  ] as const) {
    const colNames = [['x']];
    const generator = new DoubleGenerator({ seed: 2, colNames, numValues, numDistinctRows });
    const { values } = tableOf(generator).column('x', 'float64');
    assert.is(values.length, numValues);
    assert.is(new Set(values).size, period);
    assert.ok(values.every((value, i) => value === values[i % period]));
  }
});

for (const [what, numValues, numDistinctRows] of [
  ['repeat in a batch', 9_000_001, undefined],
  ['do not fit a batch', 10_000_001, 9_000_000],
] as const) {
  test(`a stream has the rows of the table, where different ones ${what}`, async () => {
    const colNames = [['x']];
    const generator = new DoubleGenerator({ seed: 2, colNames, numValues, numDistinctRows });
    const rows = new GeneratedRows(generator);
    const whole = rows.table().column('x', 'float64').values;
    assert.is(whole.length, numValues);
    let row = 0;
    let batches = 0;
    for await (const batch of rows.stream()) {
      const { values } = batch.column('x', 'float64');
      assert.is(Buffer.compare(bytesOf(values), bytesOf(whole, row, values.length)), 0);
      row += values.length;
      batches++;
    }
    assert.is(row, numValues);
    assert.ok(batches >= 2);
    const period = generator.distinctRows;
    assert.is(whole[period], whole[0]);
    assert.not(whole[period - 1] === whole[0]);
    assert.ok(rows.generateTimeMs > 0);
  });
}

function bytesOf(values: Float64Array, start = 0, length: number = values.length): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset + start * 8, length * 8);
}

test('a table beyond the memory is refused with the numbers', () => {
  const generator = new DenseVectorGenerator({
    colNames: [['x']],
    vectorDim: 100,
    numValues: 1e12,
  });
  assert.throws(
    () => tableOf(generator),
    (error: unknown) =>
      error instanceof MemoryLimitError &&
      error.code === 'ERR_GYRE_MEMORY' &&
      /1000000000000 rows as one table .* got 800000000000000 bytes/.test(error.message),
  );
});

test('every param refuses what its table calls invalid, and a scale keeps 100 rows', () => {
  for (const [className, Generator] of Object.entries(INPUT_GENERATORS)) {
    const colNames = [className.startsWith('Labeled') ? ['a', 'b', 'c'] : ['a']];
    for (const [name, param] of Object.entries(Generator.params)) {
      const { invalid } = param as { readonly invalid: readonly unknown[] };
      assert.ok(invalid.length > 0);
      for (const value of invalid) {
        assert.throws(
          () => new Generator({ colNames, [name]: value }),
          (error: unknown) => error instanceof GyreError && error.code === 'ERR_GYRE_INVALID_PARAM',
          `${className}.${name} = ${String(value)}`,
        );
      }
    }
    const rowsAt = (numValues: number, scale: number): number =>
      inputGenerator({ className, paramMap: { colNames, numValues } }, scale).params.numValues;
    assert.is(rowsAt(1_000_000, 0.001), 1000);
    assert.is(rowsAt(1_000_000, 1e-9), 100);
    assert.is(rowsAt(50, 0.1), 50);
    assert.is(rowsAt(50, 10), 500);
  }
});

test.run();
