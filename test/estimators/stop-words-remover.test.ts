import { test } from 'uvu';
import { StopWordsRemover, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { wordLists } from './texts.js';

const schema = { first: 'string[]', second: 'string[]' } as const;

checkStage({
  name: 'StopWordsRemover',
  Class: StopWordsRemover as unknown as AnyStageClass,
  source: 'src/feature/stop-words-remover.ts',
  params: { inputCols: ['first', 'second'], outputCols: ['left', 'right'] },
  table: (rows, seed) =>
    Table.fromColumns({ first: wordLists(rows, seed), second: wordLists(rows, seed + 50) }, schema),
  manyRows: 10_000,
  wrong: { first: ['a'], second: [[1]] },
  withNull: Table.fromColumns({ first: [['a'], []], second: [['a'], null] }, schema),
  fewestRows: 0,
});

test.run();
