// @timeout 300
import { test } from 'uvu';
import { OneHotEncoder, OneHotEncoderModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';

/** The first row has the largest indices, so that one row is enough to learn them. */
function table(rows: number, seed: number): Table {
  const random = seeded(seed);
  const below = (end: number) => (_: unknown, i: number) => (i === 0 ? end - 1 : random.below(end));
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    city: Float64Array.from({ length: rows }, below(9)),
    hour: Int32Array.from({ length: rows }, below(24)),
  });
}

function withHour(value: number | null, type: 'int32' | 'float64'): Table {
  const hours: (number | null)[] = [...table(200, 1).column('hour', 'int32').values];
  hours[3] = value;
  return table(200, 1).withColumn('hour', hours, type);
}

checkStage({
  name: 'OneHotEncoder',
  Class: OneHotEncoder as unknown as AnyStageClass,
  ModelClass: OneHotEncoderModel as unknown as AnyStageClass,
  source: 'src/feature/one-hot-encoder.ts',
  params: { inputCols: ['city', 'hour'], outputCols: ['cityVector', 'hourVector'] },
  table,
  manyRows: 9_000,
  wrong: { city: ['a', 'b'], hour: [true, false] },
  fewestRows: 1,
  script: `
    const index = Float64Array.from({ length: 12000000 }, (_, i) => i % 100);
    const table = Table.fromColumns({ index });
    await new OneHotEncoder({ inputCols: ['index'], outputCols: ['vector'] }).fit(table);
    console.log('done');`,
});

checkStage({
  name: 'OneHotEncoder, that keeps',
  Class: OneHotEncoder as unknown as AnyStageClass,
  ModelClass: OneHotEncoderModel as unknown as AnyStageClass,
  source: 'src/feature/one-hot-encoder.ts',
  params: {
    inputCols: ['city', 'hour'],
    outputCols: ['cityVector', 'hourVector'],
    handleInvalid: 'keep',
    dropLast: false,
  },
  table,
  manyRows: 9_000,
  wrong: { city: ['a', 'b'] },
  nan: { table: withHour(Number.NaN, 'float64'), refused: false },
  fewestRows: 1,
});

test.run();
