// @timeout 300
import { test } from 'uvu';
import { Column, Imputer, ImputerModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { type Random, seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

/** Rows, but for the first, with null in a fifth of them. */
function validity(rows: number, random: Random): Uint8Array {
  const bits = Uint8Array.from({ length: (rows + 7) >> 3 }, () => random.below(256) | 1);
  return bits.map((byte) => byte | random.below(256) | 1);
}

/** Numbers of all types, with null, NaN, and values that come up often. */
function numbers(rows: number, seed: number): Table {
  const random = seeded(seed);
  const doubles = Float64Array.from({ length: rows }, (_, i) =>
    i > 0 && random.below(5) === 0 ? Number.NaN : Math.round(random.unit() * 100) / 8,
  );
  const floats = Float32Array.from(random.f64(rows));
  const ints = Int32Array.from({ length: rows }, () => random.below(30));
  const longs = BigInt64Array.from({ length: rows }, () => BigInt(random.below(50)) * 2n ** 40n);
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    double: Column.numeric(doubles, validity(rows, random)),
    float: Column.numeric(floats, validity(rows, random)),
    int: Column.numeric(ints, validity(rows, random)),
    long: Column.numeric(longs, validity(rows, random)),
  });
}

const inputCols = ['long', 'double', 'int', 'float'];
const outputCols = inputCols.map((name) => `${name} imputed`);

const base: Omit<StageCase, 'name' | 'params'> = {
  Class: Imputer as unknown as AnyStageClass,
  ModelClass: ImputerModel as unknown as AnyStageClass,
  source: 'src/feature/imputer.ts',
  table: numbers,
  manyRows: 40_000,
  wrong: { double: ['a', 'b'], long: [true, false] },
  fewestRows: 1,
};

checkStage({
  ...base,
  name: 'Imputer',
  params: { inputCols, outputCols },
  script: `
    const values = Float64Array.from({ length: 2000000 }, (_, i) => (i % 3 ? NaN : i));
    const table = Table.fromColumns({ a: values });
    await new Imputer({ inputCols: ['a'], outputCols: ['b'] }).fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'Imputer, median',
  params: { inputCols, outputCols, strategy: 'median', missingValue: 12 },
});

checkStage({
  ...base,
  name: 'Imputer, most frequent',
  params: { inputCols, outputCols, strategy: 'most_frequent', missingValue: 0 },
});

test.run();
