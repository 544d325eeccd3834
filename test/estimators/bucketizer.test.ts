import { test } from 'uvu';
import { Bucketizer, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';

function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  return Table.fromColumns({
    id: Int32Array.from({ length: count }, (_, i) => i),
    d: random.f64(count),
    f: Float32Array.from(random.f64(count)),
    i: Int32Array.from({ length: count }, () => random.below(9)),
    l: BigInt64Array.from({ length: count }, () => BigInt(random.below(9))),
  });
}

const params = {
  inputCols: ['d', 'f', 'i', 'l'],
  outputCols: ['od', 'of', 'oi', 'ol'],
  splitsArray: [
    [-1, -0.2, 0, 0.7, 1],
    [Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY],
    [0, 3, 6, 8],
    [0, 1, 8],
  ],
};

for (const handleInvalid of ['error', 'keep'] as const) {
  checkStage({
    name: `Bucketizer that has '${handleInvalid}'`,
    Class: Bucketizer as unknown as AnyStageClass,
    source: 'src/feature/bucketizer.ts',
    params: { ...params, handleInvalid },
    table: rows,
    manyRows: 9000,
    wrong: { d: ['a'], f: [true], i: ['1'], l: [new Date(0)] },
    ...(handleInvalid === 'keep' && {
      nan: {
        table: rows(9, 1).withColumn('d', new Float64Array(9).fill(Number.NaN)),
        refused: false,
      },
    }),
    fewestRows: 0,
  });
}

test.run();
