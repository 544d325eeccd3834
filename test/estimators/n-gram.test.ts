import { test } from 'uvu';
import { NGram, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { wordLists } from './texts.js';

function table(rows: number, seed: number): Table {
  return Table.fromColumns({ input: wordLists(rows, seed) }, { input: 'string[]' });
}

checkStage({
  name: 'NGram',
  Class: NGram as unknown as AnyStageClass,
  source: 'src/feature/n-gram.ts',
  params: { n: 3 },
  table,
  manyRows: 20_000,
  wrong: { input: ['a'] },
  withNull: Table.fromColumns({ input: [['a'], null] }, { input: 'string[]' }),
  fewestRows: 0,
});

test.run();
