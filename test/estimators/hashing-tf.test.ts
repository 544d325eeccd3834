import { test } from 'uvu';
import { HashingTF, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';
import { wordLists } from './texts.js';

const base: Omit<StageCase, 'name' | 'params' | 'table'> = {
  Class: HashingTF as unknown as AnyStageClass,
  source: 'src/feature/hashing-tf.ts',
  manyRows: 20_000,
  wrong: { input: ['a'] },
  withNull: Table.fromColumns({ input: [['a'], null] }, { input: 'string[]' }),
  fewestRows: 0,
};

checkStage({
  ...base,
  name: 'HashingTF',
  params: { numFeatures: 1000 },
  table: (rows, seed) => Table.fromColumns({ input: wordLists(rows, seed) }, { input: 'string[]' }),
});

checkStage({
  ...base,
  name: 'HashingTF, numbers',
  params: { numFeatures: 30, binary: true },
  table(rows, seed) {
    const random = seeded(seed);
    const input = Array.from({ length: rows }, () =>
      Array.from({ length: random.below(9) }, () => [1.5, -0, 0, Number.NaN][random.below(4)]),
    );
    return Table.fromColumns({ input }, { input: 'float64[]' });
  },
});

test.run();
