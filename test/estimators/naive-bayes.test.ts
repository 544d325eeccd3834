// @timeout 300
import { test } from 'uvu';
import { Column, NaiveBayes, NaiveBayesModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 5;

function id(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

/** Small counts, more of them in higher entries for higher labels; rows weigh 0 to 3. */
function dense(rows: number, seed: number): Table {
  const random = seeded(seed);
  const label = Int32Array.from({ length: rows }, () => random.below(3));
  const values = Float64Array.from({ length: rows * DIM }, (_, at) => {
    const more = label[Math.floor(at / DIM)]! * (at % DIM);
    return random.below(2 + Math.floor(more / 2));
  });
  const weight = Float64Array.from({ length: rows }, (_, i) => (i === 0 ? 1 : random.below(7) / 2));
  return Table.fromColumns({ id: id(rows), features: Column.dense(values, DIM), label, weight });
}

/** The same, where zeros are not stored. */
function sparse(rows: number, seed: number): Table {
  const table = dense(rows, seed);
  const { values } = table.column('features', 'vector');
  const offsets = new Int32Array(rows + 1);
  const [indices, stored]: [number[], number[]] = [[], []];
  for (let at = 0; at < values.length; at++) {
    if (values[at] !== 0) {
      indices.push(at % DIM);
      stored.push(values[at]!);
    }
    offsets[Math.floor(at / DIM) + 1] = stored.length;
  }
  const features = Column.sparse(DIM, offsets, Int32Array.from(indices), Float64Array.from(stored));
  return table.withColumn('features', features);
}

/** A dense table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const table = dense(200, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells as never, 'vector');
}

const base: Omit<StageCase, 'name' | 'table' | 'params'> = {
  Class: NaiveBayes as unknown as AnyStageClass,
  ModelClass: NaiveBayesModel as unknown as AnyStageClass,
  source: 'src/classification/naive-bayes.ts',
  manyRows: 9_000,
  wrong: { features: [1, 2], label: ['a', 'b'] },
  onlyFit: ['label'],
  withNull: withVector(null),
  otherSize: Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' }),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: true },
  fewestRows: 1,
};

const columns = { rawPredictionCol: 'raw', probabilityCol: 'probability' };
const weighted = { wrong: { ...base.wrong, weight: ['a', 'b'] }, onlyFit: ['label', 'weight'] };
const nanIsCategory = { nan: { ...base.nan!, refused: false } };

checkStage({
  ...base,
  ...nanIsCategory,
  name: 'NaiveBayes',
  table: dense,
  params: { ...columns, handleInvalid: 'keep' },
  script: `
    const values = Float64Array.from({ length: 4000000 }, (_, i) => i % 7);
    const label = Float64Array.from({ length: 500000 }, (_, i) => i % 3);
    const table = Table.fromColumns({ features: Column.dense(values, 8), label });
    await new NaiveBayes().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  ...weighted,
  ...nanIsCategory,
  name: 'NaiveBayes, categorical, sparse, weighted',
  table: sparse,
  params: { ...columns, modelType: 'categorical', handleInvalid: 'keep', weightCol: 'weight' },
});

checkStage({
  ...base,
  name: 'NaiveBayes, multinomialCounts',
  table: dense,
  params: { ...columns, modelType: 'multinomialCounts' },
});

checkStage({
  ...base,
  ...weighted,
  name: 'NaiveBayes, bernoulli, sparse, weighted',
  table: sparse,
  params: { ...columns, modelType: 'bernoulli', weightCol: 'weight' },
});

checkStage({
  ...base,
  name: 'NaiveBayes, gaussian, sparse',
  table: sparse,
  params: { ...columns, modelType: 'gaussian' },
});

test.run();
