// @timeout 300
import { test } from 'uvu';
import { CountVectorizer, CountVectorizerModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { wordLists } from './texts.js';

checkStage({
  name: 'CountVectorizer',
  Class: CountVectorizer as unknown as AnyStageClass,
  ModelClass: CountVectorizerModel as unknown as AnyStageClass,
  source: 'src/feature/count-vectorizer.ts',
  params: { vocabularySize: 12, minDF: 0.001 },
  table(rows, seed) {
    const input = wordLists(rows, seed).map((words, i) => [...words, `word ${(i * seed) % 99}`]);
    return Table.fromColumns({ input });
  },
  manyRows: 20_000,
  wrong: { input: ['a'] },
  withNull: Table.fromColumns({ input: [['a'], null] }, { input: 'string[]' }),
  fewestRows: 1,
  script: `
    const input = Array.from({ length: 50000 }, (_, i) => ['a', 'b' + i % 7, 'c' + i % 1000]);
    await new CountVectorizer().fit(Table.fromColumns({ input }));
    console.log('done');`,
});

test.run();
