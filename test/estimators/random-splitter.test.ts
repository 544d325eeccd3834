import { test } from 'uvu';
import { RandomSplitter, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkOperator } from './check-operator.js';

/** Any column is taken, and none is read. */
checkOperator({
  name: 'RandomSplitter',
  Class: RandomSplitter as unknown as AnyStageClass,
  source: 'src/feature/random-splitter.ts',
  params: { weights: [3, 1], seed: 4 },
  table: (rows, seed) =>
    Table.fromColumns({
      id: Int32Array.from({ length: rows }, (_, i) => i),
      x: seeded(seed).f64(rows),
    }),
  manyRows: 0,
  wrong: {},
  withNull: {},
  fewestRows: 0,
});

test.run();
