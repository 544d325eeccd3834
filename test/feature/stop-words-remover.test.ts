import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { STOP_WORDS_LANGUAGES } from '../../src/feature/text/stop-words.js';
import { StopWordsRemover, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { wordLists } from '../estimators/texts.js';
import { throwsError } from '../table/expect-error.js';
import { LAYOUTS, listsOf } from './text/columns.js';

const COLS = { inputCols: ['input'], outputCols: ['left'] };

async function left(table: Table, params: object): Promise<unknown[]> {
  const output = await new StopWordsRemover({ ...COLS, ...params }).transform(table);
  return output.column('left').toArray();
}

for (const [layout, make] of LAYOUTS) {
  test(
    `words are removed by their lower case, or as they are, layout ${layout}`,
    readable(async () => {
      const lists = [...wordLists(80, 421), ['', 'The', null], []];
      const stopWords = ['THE', 'dog', 'İSTANBUL', 'σοφος', 'NAÏVE', '', '😀'];
      for (const caseSensitive of [false, true]) {
        const key = (word: string) => (caseSensitive ? word : word.toLowerCase());
        const stops = new Set(stopWords.map(key));
        const wanted = lists.map((words) =>
          words.filter((word) => word === null || !stops.has(key(word))),
        );
        assert.equal(await left(make(lists), { stopWords, caseSensitive }), wanted);
      }
    }),
  );

  test(
    `null among the stop words removes null and nothing else, layout ${layout}`,
    readable(async () => {
      const lists = [['a', null], [null, null], [], ['null']];
      assert.equal(await left(make(lists), { stopWords: ['a'] }), [
        [null],
        [null, null],
        [],
        ['null'],
      ]);
      assert.equal(await left(make(lists), { stopWords: [null] }), [['a'], [], [], ['null']]);
    }),
  );
}

test(
  'Turkish lower case is that of tr, tr_TR and az, and of no other locale',
  readable(async () => {
    const table = listsOf([['KIZ', 'İYİ', 'kız', 'iyi', 'kiz', 'XYZ']]);
    const stopWords = ['kız', 'iyi'];
    for (const locale of ['tr', 'tr_TR', 'tr-TR', 'az']) {
      assert.equal(await left(table, { stopWords, locale }), [['kiz', 'XYZ']], locale);
    }
    for (const locale of ['en_US', 'de', 'zh_CN']) {
      assert.equal(
        await left(table, { stopWords, locale }),
        [['KIZ', 'İYİ', 'kiz', 'XYZ']],
        locale,
      );
    }
  }),
);

test('the default locale does not depend on the machine, whose own can be asked for', () => {
  assert.is(new StopWordsRemover(COLS).params.locale, 'en_US');
  const locale = StopWordsRemover.getDefaultOrUS();
  assert.is(new StopWordsRemover({ ...COLS, locale }).params.locale, locale);
});

test('every list has lower-case words without space, and english is the default', () => {
  for (const language of STOP_WORDS_LANGUAGES) {
    const words = StopWordsRemover.loadDefaultStopWords(language);
    for (const word of words) assert.match(word, /^[\p{L}\p{M}'.]+$/u, `${language}: ${word}`);
    assert.equal(
      words.map((word) => word.toLowerCase()),
      words,
      language,
    );
  }
  const english = StopWordsRemover.loadDefaultStopWords('english');
  assert.equal([...new StopWordsRemover(COLS).params.stopWords], english);
  assert.is(new Set(english).size, 181);
  for (const word of ['i', 'a', 'the', "why's", 'would', 'cannot'])
    assert.ok(english.includes(word));
  assert.ok(StopWordsRemover.loadDefaultStopWords('french').includes('été'));
  assert.ok(StopWordsRemover.loadDefaultStopWords('russian').includes('и'));
});

test('lists that are handed out are copies', () => {
  StopWordsRemover.loadDefaultStopWords('danish').length = 0;
  assert.is(StopWordsRemover.loadDefaultStopWords('danish').length, 94);
});

test('an unknown language is refused, naming those that are known', () => {
  const load = () => StopWordsRemover.loadDefaultStopWords('latin' as never);
  const message = /loadDefaultStopWords: language must be one of danish, .*, turkish, got "latin"/;
  throwsError(load, 'ERR_GYRE_INVALID_PARAM', message);
  throwsError(
    () => StopWordsRemover.loadDefaultStopWords('toString' as never),
    'ERR_GYRE_INVALID_PARAM',
    /got "toString"/,
  );
});

test('as many output columns as input columns are needed', () => {
  const make = () => new StopWordsRemover({ inputCols: ['a', 'b'], outputCols: ['c'] });
  throwsError(
    make,
    'ERR_GYRE_INVALID_PARAM',
    /outputCols must have one entry for each of inputCols/,
  );
});

test(
  'columns are looked at each for itself',
  readable(async () => {
    const schema = { a: 'string[]', b: 'string[]' } as const;
    const table = Table.fromColumns({ a: [['the', 'x']], b: [['y', 'the']] }, schema);
    const params = { inputCols: ['a', 'b'], outputCols: ['c', 'd'] };
    const output = await new StopWordsRemover(params).transform(table);
    assert.equal(output.toRows(), [{ a: ['the', 'x'], b: ['y', 'the'], c: ['x'], d: ['y'] }]);
  }),
);

test.run();
