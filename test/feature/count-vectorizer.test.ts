import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CountVectorizer, CountVectorizerModel, type Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { wordLists } from '../estimators/texts.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { LAYOUTS, listsOf } from './text/columns.js';

async function vocabularyOf(table: Table, params: object = {}): Promise<readonly string[]> {
  return (await new CountVectorizer(params).fit(table)).modelData.vocabulary;
}

/** Ranked with Sets and Maps of strings. */
function expectedVocabulary(lists: readonly (readonly string[])[], least = 1): string[] {
  const frequencies = new Map<string, number>();
  for (const words of lists) {
    for (const word of new Set(words)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  }
  return [...frequencies]
    .filter(([, frequency]) => frequency >= least)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([word]) => word);
}

for (const [layout, make] of LAYOUTS) {
  test(
    `terms are ranked by documents, then by code units, layout ${layout}`,
    readable(async () => {
      const lists = [...wordLists(90, 441), ['\uffee', '\ud83d\ude00', 'b', 'a', '', 'a']];
      assert.equal(await vocabularyOf(make(lists)), expectedVocabulary(lists));
      assert.equal(await vocabularyOf(make(lists), { minDF: 20 }), expectedVocabulary(lists, 20));
      const few = await vocabularyOf(make(lists), { vocabularySize: 5 });
      assert.equal(few, expectedVocabulary(lists).slice(0, 5));
    }),
  );

  test(
    `counts are those of a Map, layout ${layout}`,
    readable(async () => {
      const lists = [...wordLists(90, 442), ['unknown', 'the'], []];
      const vocabulary = ['the', 'cat', '東京', '', 'a'];
      const model = new CountVectorizerModel().setModelData({ vocabulary });
      const output = (await model.transform(make(lists))).column('output', 'sparseVector');
      assert.is(output.size, 5);
      lists.forEach((words, row) => {
        const wanted = vocabulary.map((term) => words.filter((word) => word === term).length);
        assert.equal([...output.get(row)!.toArray()], wanted);
      });
    }),
  );
}

test(
  'a vocabulary over many shards is that of all documents',
  readable(async () => {
    const random = seeded(443);
    const lists = Array.from({ length: 20_000 }, () =>
      Array.from({ length: random.below(4) }, () => `w${random.below(1 + random.below(9000))}`),
    );
    assert.equal(await vocabularyOf(listsOf(lists)), expectedVocabulary(lists));
  }),
);

test(
  'bounds of 1 or more are numbers of documents, those below 1 shares, both inclusive',
  readable(async () => {
    const table = listsOf([['a', 'b', 'c'], ['a', 'b'], ['a'], ['d']]);
    assert.equal(await vocabularyOf(table, { minDF: 2 }), ['a', 'b']);
    assert.equal(await vocabularyOf(table, { minDF: 1.5 }), ['a', 'b']);
    assert.equal(await vocabularyOf(table, { minDF: 0.5, maxDF: 0.5 }), ['b']);
    assert.equal(await vocabularyOf(table, { maxDF: 2 }), ['b', 'c', 'd']);
    assert.equal(await vocabularyOf(table, { minDF: 0, maxDF: 0 }), []);
    assert.equal(await vocabularyOf(table, { minDF: 0.4, maxDF: 2 }), ['b']);
  }),
);

test(
  'all terms may fall out: the vectors have size 0',
  readable(async () => {
    const table = listsOf([['a'], ['b']]);
    const model = await new CountVectorizer({ minDF: 2 }).fit(table);
    const output = await model.transform(table);
    assert.is(output.column('output', 'sparseVector').size, 0);
    assert.is(String(output.column('output').get(0)), '(0, [], [])');
  }),
);

test(
  'a term is counted from minTF times on, or from a share of all tokens on',
  readable(async () => {
    const table = listsOf([['a', 'a', 'b', 'z'], ['b', 'z', 'z', 'z', 'z'], []]);
    const data = { vocabulary: ['a', 'b'] };
    const counts = async (params: object) => {
      const model = new CountVectorizerModel(params).setModelData(data);
      return (await model.transform(table)).column('output').toArray().map(String);
    };
    const none = '(2, [], [])';
    assert.equal(await counts({ minTF: 2 }), ['(2, [0], [2.0])', none, none]);
    assert.equal(await counts({ minTF: 1.5 }), ['(2, [0], [2.0])', none, none]);
    assert.equal(await counts({ minTF: 0.5 }), ['(2, [0], [2.0])', none, none]);
    assert.equal(await counts({ minTF: 0.25 }), ['(2, [0, 1], [2.0, 1.0])', none, none]);
    assert.equal(await counts({ minTF: 0.25, binary: true }), [
      '(2, [0, 1], [1.0, 1.0])',
      none,
      none,
    ]);
  }),
);

test(
  'with minTF 0 terms that do not occur have no entry, also with binary',
  readable(async () => {
    const table = listsOf([['a'], ['z'], []]);
    for (const binary of [false, true]) {
      const model = new CountVectorizerModel({ minTF: 0, binary });
      const output = await model.setModelData({ vocabulary: ['a', 'b'] }).transform(table);
      const wanted = ['(2, [0], [1.0])', '(2, [], [])', '(2, [], [])'];
      assert.equal(output.column('output').toArray().map(String), wanted);
    }
  }),
);

test(
  'a token that is null is refused by fit and transform, naming row and token',
  readable(async () => {
    const table = listsOf([['a'], ['b', null]]);
    const message = /must not have null, got null in row 1, token 1\.$/;
    await rejectsError(new CountVectorizer().fit(table), 'ERR_GYRE_DATA', message);
    const model = new CountVectorizerModel().setModelData({ vocabulary: ['a'] });
    await rejectsError(model.transform(table), 'ERR_GYRE_DATA', message);
  }),
);

test('model data must be different strings, and are copied', () => {
  const model = new CountVectorizerModel();
  const set = (vocabulary: unknown) => () => model.setModelData({ vocabulary } as never);
  throwsError(set('ab'), 'ERR_GYRE_MODEL', /vocabulary must be a list of strings/);
  throwsError(set(['a', 1]), 'ERR_GYRE_MODEL', /vocabulary must be a list of strings/);
  throwsError(set(['a', 'b', 'a']), 'ERR_GYRE_MODEL', /must differ, got 3 of which 2 do/);
  const vocabulary = ['a'];
  model.setModelData({ vocabulary });
  vocabulary.push('b');
  assert.equal([...model.modelData.vocabulary], ['a']);
});

test.run();
