import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NGram, type Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { wordLists } from '../estimators/texts.js';
import { LAYOUTS, listsOf } from './text/columns.js';

async function gramsOf(table: Table, n: number): Promise<unknown[]> {
  return (await new NGram({ n }).transform(table)).column('output').toArray();
}

for (const [layout, make] of LAYOUTS) {
  test(
    `n-grams are all runs of n words, of lists in the layout ${layout}`,
    readable(async () => {
      const lists = wordLists(60, 411);
      for (const n of [1, 2, 3, 11, 12, 1000]) {
        const wanted = lists.map((words) =>
          words.flatMap((_, i) => (i + n <= words.length ? [words.slice(i, i + n).join(' ')] : [])),
        );
        assert.equal(await gramsOf(make(lists), n), wanted, `n = ${n}`);
      }
    }),
  );

  test(
    `a word that is null stands as text, and an empty word as itself, layout ${layout}`,
    readable(async () => {
      const lists = [['a', null, ''], [null], ['', ''], []];
      assert.equal(await gramsOf(make(lists), 1), [['a', 'null', ''], ['null'], ['', ''], []]);
      assert.equal(await gramsOf(make(lists), 2), [['a null', 'null '], [], [' '], []]);
    }),
  );
}

test(
  'no list has enough words: all are empty',
  readable(async () => {
    assert.equal(await gramsOf(listsOf([['a'], [], ['b']]), 2), [[], [], []]);
  }),
);

test.run();
