import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, DCT, Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { cosineOfRow } from '../reference/row-wise.js';

/** Of each algorithm, and next to where they change. */
const SIZES = [
  ...Array.from({ length: 20 }, (_, i) => i + 1),
  ...[31, 32, 33, 63, 64, 65, 100, 127, 128, 200, 255, 256, 257, 258, 331, 512, 600, 1024],
];

const outputOf = (table: Table): Float64Array =>
  table.column('output', 'vector').values as Float64Array;

function length(values: Float64Array): number {
  return Math.hypot(...values);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, v, i) => Math.max(largest, Math.abs(v - b[i]!)), 0);
}

test('every size is transformed as the definition says, to 1e-14 of the length', async () => {
  for (const size of SIZES) {
    const input = seeded(size).f64(3 * size);
    for (const inverse of [false, true]) {
      const table = Table.fromColumns({ input: Column.dense(input, size) });
      const output = outputOf(await new DCT({ inverse }).transform(table));
      for (let row = 0; row < 3; row++) {
        const x = input.subarray(row * size, (row + 1) * size);
        const expected = cosineOfRow(x, inverse);
        const got = output.subarray(row * size, (row + 1) * size);
        const off = largestDifference(got, expected) / length(x);
        assert.ok(off < 1e-14, `size ${size}, inverse ${inverse}, row ${row}: off by ${off}`);
      }
    }
  }
});

test('the inverse gives the vector back, of many sizes, to 1e-14 of its length', async () => {
  const forward = new DCT();
  const back = new DCT({ inputCol: 'output', outputCol: 'back', inverse: true });
  for (const size of [...SIZES, 1009, 4096, 10_000, 65_537]) {
    const input = seeded(size).f64(size);
    const table = Table.fromColumns({ input: Column.dense(input, size) });
    const waves = await forward.transform(table);
    const values = (await back.transform(waves)).column('back', 'vector').values as Float64Array;
    assert.ok(largestDifference(values, input) < 1e-14 * length(input), `size ${size}`);
    const lengths = [length(outputOf(waves)), length(input)] as const;
    assert.ok(Math.abs(lengths[0] / lengths[1] - 1) < 1e-14, `size ${size}: the length is kept`);
  }
});

test('a constant has one wave: entry 0 is √n times it', async () => {
  for (const size of [5, 64, 300]) {
    const input = new Float64Array(size).fill(2);
    const table = Table.fromColumns({ input: Column.dense(input, size) });
    const [first, ...others] = outputOf(await new DCT().transform(table));
    assert.ok(Math.abs(first! - 2 * Math.sqrt(size)) < 1e-13);
    assert.ok(others.every((v) => Math.abs(v) < 1e-13));
  }
});

test('sparse and 32-bit vectors give what their dense 64-bit forms give, to the bit', async () => {
  const vectors = [Vectors.sparse(6, [1, 4], [0.5, -2]), Vectors.sparse(6, [], [])];
  const values = Float32Array.from(vectors.flatMap((v) => [...v.toArray()]));
  const expected = outputOf(
    await new DCT().transform(
      Table.fromColumns({ input: Column.dense(Float64Array.from(values), 6) }),
    ),
  );
  for (const input of [Column.from(vectors), Column.dense(values, 6)]) {
    assert.equal(outputOf(await new DCT().transform(Table.fromColumns({ input }))), expected);
  }
});

test('one entry stays, and vectors without entries stay empty', async () => {
  const one = Table.fromColumns({ input: Column.dense(Float64Array.of(-3, 7), 1) });
  assert.equal([...outputOf(await new DCT().transform(one))], [-3, 7]);
  const empty = Table.fromColumns({ input: [[], []] }, { input: 'vector' });
  assert.is((await new DCT().transform(empty)).column('output', 'vector').length, 2);
});

test('NaN makes its own row NaN, not the one that it is transformed with', async () => {
  for (const size of [5, 64, 300]) {
    const input = new Float64Array(2 * size).fill(1);
    input[size + 2] = Number.NaN;
    const table = Table.fromColumns({ input: Column.dense(input, size) });
    const output = outputOf(await new DCT().transform(table));
    assert.ok(output.subarray(0, size).every(Number.isFinite), `size ${size}`);
    assert.ok(output.subarray(size).every(Number.isNaN), `size ${size}`);
  }
});

test('a stage transforms vectors of another size after those of one', async () => {
  const stage = new DCT();
  for (const size of [4, 300, 4]) {
    const input = seeded(size).f64(size);
    const table = Table.fromColumns({ input: Column.dense(input, size) });
    const output = outputOf(await stage.transform(table));
    assert.ok(largestDifference(output, cosineOfRow(input, false)) < 1e-13);
  }
});

test.run();
