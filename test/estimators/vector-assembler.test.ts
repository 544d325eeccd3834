import { test } from 'uvu';
import { Table, VectorAssembler, Vectors } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  return Table.fromColumns({
    id: Int32Array.from({ length: count }, (_, i) => i),
    n: Float32Array.from(random.f64(count)),
    i: Int32Array.from({ length: count }, () => random.below(9)),
    v: dense(count, 3, seed),
    s: sparse(count, 9, seed),
    t: sparse(count, 2, seed + 1),
  });
}

const inNull = rows(2, 1).withColumn('v', [Vectors.dense(1, 2, 3), null]);
const ofOtherSize = rows(5, 1).withColumn('v', dense(5, 4, 1));
const inNaN = rows(9, 1).withColumn('n', new Float64Array(9).fill(Number.NaN));

for (const handleInvalid of ['error', 'keep'] as const) {
  for (const [form, inputCols, inputSizes] of [
    ['dense', ['v', 'n', 't', 'i'], [3, 1, 2, 1]],
    ['sparse', ['n', 's', 'v'], [1, 9, 3]],
  ] as const) {
    checkStage({
      name: `VectorAssembler of ${form} vectors that has '${handleInvalid}'`,
      Class: VectorAssembler as unknown as AnyStageClass,
      source: 'src/feature/vector-assembler.ts',
      params: { inputCols, inputSizes, handleInvalid },
      table: rows,
      manyRows: 9000,
      wrong: { n: [true], v: ['a'] },
      ...(handleInvalid === 'error'
        ? { withNull: inNull, otherSize: ofOtherSize }
        : { nan: { table: inNaN, refused: false } }),
      fewestRows: 0,
    });
  }
}

test.run();
