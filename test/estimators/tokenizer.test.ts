import { test } from 'uvu';
import { Column, Table, Tokenizer } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { texts } from './texts.js';

const base: Omit<StageCase, 'name' | 'table'> = {
  Class: Tokenizer as unknown as AnyStageClass,
  source: 'src/feature/tokenizer.ts',
  params: {},
  manyRows: 20_000,
  wrong: { input: [1, 2] },
  withNull: Table.fromColumns({ input: ['a', null] }),
  fewestRows: 0,
};

checkStage({
  ...base,
  name: 'Tokenizer',
  table: (rows, seed) => Table.fromColumns({ input: texts(rows, seed) }),
});

checkStage({
  ...base,
  name: 'Tokenizer, dictionary',
  table(rows, seed) {
    const labels = texts(50, seed);
    const codes = Int32Array.from({ length: rows }, (_, i) => (i * i + seed) % labels.length);
    return Table.fromColumns({ input: Column.dictionary(codes, labels) });
  },
});

test.run();
