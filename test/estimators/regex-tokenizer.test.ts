import { test } from 'uvu';
import { RegexTokenizer, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { texts } from './texts.js';

const base: Omit<StageCase, 'name' | 'params'> = {
  Class: RegexTokenizer as unknown as AnyStageClass,
  source: 'src/feature/regex-tokenizer.ts',
  table: (rows, seed) => Table.fromColumns({ input: texts(rows, seed) }),
  manyRows: 10_000,
  wrong: { input: [1, 2] },
  withNull: Table.fromColumns({ input: ['a', null] }),
  fewestRows: 0,
};

checkStage({ ...base, name: 'RegexTokenizer', params: {} });

checkStage({
  ...base,
  name: 'RegexTokenizer, tokens',
  params: { pattern: '\\w+|\\p{Punct}', gaps: false, minTokenLength: 2 },
});

test.run();
