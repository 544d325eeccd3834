import { test } from 'uvu';
import { Column, PolynomialExpansion, Table, Vectors } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

const ids = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

checkStage({
  name: 'PolynomialExpansion of dense vectors',
  Class: PolynomialExpansion as unknown as AnyStageClass,
  source: 'src/feature/polynomial-expansion.ts',
  params: { inputCol: 'x', degree: 3 },
  table: (rows, seed) => Table.fromColumns({ x: dense(rows, 5, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.dense(new Array(5).fill(1)), null] }),
  nan: {
    table: Table.fromColumns({ x: Column.dense(new Float64Array(45).fill(Number.NaN), 5) }),
    refused: false,
  },
  fewestRows: 0,
});

checkStage({
  name: 'PolynomialExpansion of sparse vectors',
  Class: PolynomialExpansion as unknown as AnyStageClass,
  source: 'src/feature/polynomial-expansion.ts',
  params: { inputCol: 'x', degree: 3 },
  table: (rows, seed) => Table.fromColumns({ x: sparse(rows, 5, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.sparse(5, [1], [1]), null] }),
  fewestRows: 0,
});

test.run();
