import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, RegexTokenizer, Table, Tokenizer } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { rejectsError } from '../table/expect-error.js';

async function tokensOf(input: Iterable<unknown> | Column): Promise<unknown[]> {
  const table = Table.fromColumns({ input }, { input: 'string' });
  return (await new Tokenizer().transform(table)).column('output').toArray();
}

/** What the docstring says, with JavaScript's own strings. */
function expected(text: string): string[] {
  if (text === '') return [''];
  const tokens = text.toLowerCase().split(/[ \t\n\v\f\r]/);
  while (tokens.at(-1) === '') tokens.pop();
  return tokens;
}

const piece = fc.oneof(
  fc.constantFrom(' ', '  ', '\t', '\n', '\r\n', '\v', '\f', '\u00a0', '\u0085', '\u3000'),
  fc.constantFrom('A', 'Zz', '@[`{', 'İ', 'ΑΣ', 'ẞ', 'K', '\ud801\udc00', '东'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 40 }),
);
const text = fc
  .array(piece, { maxLength: 8 })
  .map((pieces) => Buffer.from(pieces.join('')).toString());

test(
  'tokens are those of JavaScript strings, for any texts, in UTF-8 and in a dictionary',
  readable(async () => {
    const property = fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 30 }),
      async (all) => {
        const wanted = all.map(expected);
        assert.equal(await tokensOf(all), wanted);
        const codes = Int32Array.from({ length: 2 * all.length }, (_, i) => (i * 7) % all.length);
        const twice = Array.from(codes, (code) => wanted[code]);
        assert.equal(await tokensOf(Column.dictionary(codes, all)), twice);
        assert.equal(await tokensOf(Column.dictionary(codes.slice(0, 1), all)), [wanted[0]]);
      },
    );
    await fc.assert(property, { seed: 402, numRuns: 200 });
  }),
);

test(
  'white space gives empty tokens at the start and in the middle, and none at the end',
  readable(async () => {
    const texts = ['', ' ', ' \t\n', ' a  b ', 'a', 'a\r\nb', 'a\u00a0b', 'a\u3000B'];
    assert.equal(await tokensOf(texts), [
      [''],
      [],
      [],
      ['', 'a', '', 'b'],
      ['a'],
      ['a', '', 'b'],
      ['a\u00a0b'],
      ['a\u3000b'],
    ]);
  }),
);

test(
  'texts longer than a block, and many short ones, are cut as others are',
  readable(async () => {
    const long = Array.from({ length: 60_000 }, (_, i) => `Word${i % 97}`).join(' ');
    const all = [long, 'a', `${long} É`, ...Array.from({ length: 50_000 }, (_, i) => `Row ${i}`)];
    assert.equal(await tokensOf(all), all.map(expected));
  }),
);

test(
  'one text that is not ASCII does not change the others of its block',
  readable(async () => {
    const all = ['ABC  D', 'ÀÉ B', 'xY', 'ΟΔΟΣ ΟΔΟΣ'];
    assert.equal(await tokensOf(all), [['abc', '', 'd'], ['àé', 'b'], ['xy'], ['οδος', 'οδος']]);
  }),
);

test(
  'RegexTokenizer with its defaults drops empty tokens, and splits as its slow way does',
  readable(async () => {
    const all = ['', '  ', ' A  b\t\tC ', 'Ä\u00a0Ö x', 'plain'];
    const table = Table.fromColumns({ input: all });
    for (const toLowercase of [true, false]) {
      const fast = await new RegexTokenizer({ toLowercase }).transform(table);
      const slow = await new RegexTokenizer({ toLowercase, pattern: '[\\s]+' }).transform(table);
      assert.equal(fast.column('output').toArray(), slow.column('output').toArray());
    }
    const output = await new RegexTokenizer().transform(table);
    const wanted = [[], [], ['a', 'b', 'c'], ['ä\u00a0ö', 'x'], ['plain']];
    assert.equal(output.column('output').toArray(), wanted);
  }),
);

test(
  'RegexTokenizer keeps tokens by their length in UTF-16 code units',
  readable(async () => {
    const input = [' a bb 😀 ccc'];
    const tokens = async (minTokenLength: number) => {
      const tokenizer = new RegexTokenizer({ minTokenLength });
      return (await tokenizer.transform(Table.fromColumns({ input }))).column('output').get(0);
    };
    assert.equal(await tokens(0), ['', 'a', 'bb', '😀', 'ccc']);
    assert.equal(await tokens(2), ['bb', '😀', 'ccc']);
    assert.equal(await tokens(3), ['ccc']);
  }),
);

test(
  'null is named by its row in the whole table, also far into it',
  readable(async () => {
    const input = Array.from({ length: 20_000 }, (_, i) => (i === 17_000 ? null : 'a b'));
    const table = Table.fromColumns({ input });
    const message =
      /^Tokenizer\.transform: column "input" must not have null, got null in row 17000\.$/;
    await rejectsError(new Tokenizer().transform(table), 'ERR_GYRE_DATA', message);
  }),
);

test.run();
