// @timeout 300
import { test } from 'uvu';
import { ANOVATest, ChiSqTest, Column, FValueTest, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkOperator, type OperatorCase } from './check-operator.js';

const DIM = 6;
const MANY_ROWS = 10_000;

/** Labels are classes; dense features hold categories and fractions, about class and row. */
function dense(rows: number, seed: number): Table {
  const random = seeded(seed);
  const labels = Int32Array.from({ length: rows }, (_, i) => (i < 3 ? i % 2 : random.below(4)));
  const values = new Float64Array(rows * DIM);
  for (let at = 0; at < values.length; at++) {
    const label = labels[Math.floor(at / DIM)]!;
    values[at] = at % 2 === 0 ? random.below(5) - 2 : label * 0.1 + random.below(40) / 8;
  }
  return Table.fromColumns({ features: Column.dense(values, DIM), label: labels });
}

/** A third of the entries is stored. */
function sparse(rows: number, seed: number): Table {
  const { values } = dense(rows, seed).column('features', 'vector');
  const random = seeded(seed + 1);
  const offsets = new Int32Array(rows + 1);
  const [indices, stored]: [number[], number[]] = [[], []];
  for (let at = 0; at < values.length; at++) {
    if (random.unit() < 1 / 3) {
      indices.push(at % DIM);
      stored.push(values[at]!);
    }
    offsets[Math.floor(at / DIM) + 1] = stored.length;
  }
  const features = Column.sparse(DIM, offsets, Int32Array.from(indices), Float64Array.from(stored));
  return dense(rows, seed).withColumn('features', features);
}

/** A dense table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const table = dense(200, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells as never, 'vector');
}

function withoutLabel(): Table {
  const table = dense(200, 1);
  return table.withColumn('label', [...table.column('label').toArray().slice(0, 199), null]);
}

const base: Omit<OperatorCase, 'name' | 'Class' | 'source' | 'fewestRows' | 'table'> = {
  params: {},
  manyRows: MANY_ROWS,
  wrong: { features: [1, 2], label: ['a', 'b'] },
  withNull: { features: withVector(null), label: withoutLabel() },
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: false },
};

const stages = [
  { Class: ANOVATest, file: 'anova-test', fewestRows: 3 },
  { Class: ChiSqTest, file: 'chi-sq-test', fewestRows: 1 },
  { Class: FValueTest, file: 'f-value-test', fewestRows: 3 },
] as const;

for (const { Class, file, fewestRows } of stages) {
  const stage = {
    ...base,
    Class: Class as unknown as AnyStageClass,
    source: `src/stats/${file}.ts`,
    fewestRows,
  };
  checkOperator({
    ...stage,
    name: Class.className,
    table: dense,
    script: `
      const values = Float64Array.from({ length: 4000000 }, (_, i) => Math.floor(4 * Math.sin(i)));
      const label = Float64Array.from({ length: 500000 }, (_, i) => i % 3);
      const table = Table.fromColumns({ features: Column.dense(values, 8), label });
      await new ${Class.className}().transform(table);
      console.log('done');`,
  });
  checkOperator({
    ...stage,
    name: `${Class.className}, sparse, a row for every feature`,
    params: { flatten: true },
    table: sparse,
  });
}

test.run();
