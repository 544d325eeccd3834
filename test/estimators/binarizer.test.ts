import { test } from 'uvu';
import { Binarizer, Table, Vectors } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  return Table.fromColumns({
    id: Int32Array.from({ length: count }, (_, i) => i),
    f: Float32Array.from(random.f64(count)),
    i: Int32Array.from({ length: count }, () => random.below(5)),
    l: BigInt64Array.from({ length: count }, () => BigInt(random.below(5))),
    v: dense(count, 3, seed),
    s: sparse(count, 9, seed),
  });
}

checkStage({
  name: 'Binarizer',
  Class: Binarizer as unknown as AnyStageClass,
  source: 'src/feature/binarizer.ts',
  params: {
    inputCols: ['f', 'i', 'l', 'v', 's'],
    outputCols: ['of', 'oi', 'ol', 'ov', 'os'],
    thresholds: [0, 2, 1.5, 0.1, -0.5],
  },
  table: rows,
  manyRows: 9000,
  wrong: { f: ['a'], i: [true], l: ['1'], v: ['a'], s: [new Date(0)] },
  withNull: rows(2, 1).withColumn('v', [null, Vectors.dense(1, 2, 3)]),
  nan: {
    table: rows(9, 1).withColumn('f', new Float64Array(9).fill(Number.NaN)),
    refused: false,
  },
  fewestRows: 0,
});

test.run();
