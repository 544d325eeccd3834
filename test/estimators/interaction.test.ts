import { test } from 'uvu';
import { Column, Interaction, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  return Table.fromColumns({
    id: Int32Array.from({ length: count }, (_, i) => i),
    n: Float32Array.from(random.f64(count)),
    v: dense(count, 3, seed),
    w: dense(count, 2, seed + 1),
    s: sparse(count, 9, seed),
  });
}

for (const inputCols of [
  ['v', 'n', 'w'],
  ['v', 's', 'n'],
]) {
  checkStage({
    name: `Interaction of ${inputCols.join(', ')}`,
    Class: Interaction as unknown as AnyStageClass,
    source: 'src/feature/interaction.ts',
    params: { inputCols },
    table: rows,
    manyRows: 9000,
    wrong: { v: ['a'], n: [true] },
    nan: {
      table: rows(9, 1).withColumn('v', Column.dense(new Float64Array(27).fill(Number.NaN), 3)),
      refused: false,
    },
    fewestRows: 0,
  });
}

test.run();
