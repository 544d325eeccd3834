import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, RegexTokenizer, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { throwsError } from '../table/expect-error.js';

async function tokensOf(text: string, params: object): Promise<unknown> {
  const table = Table.fromColumns({ input: [text] });
  return (await new RegexTokenizer(params).transform(table)).column('output').get(0);
}

test('what JavaScript does not have is refused when the stage is made, with the reason', () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    '(?i)a': /does not have flags in the pattern/,
    'a(?s:b)': /does not have flags in the pattern/,
    '(?>a)': /does not have an atomic group/,
    'a++': /does not have possessive quantifiers/,
    'a{2}+': /does not have possessive quantifiers/,
    'a?+': /does not have possessive quantifiers/,
    '\\G': /"\\G" cannot be translated/,
    '\\X': /"\\X" cannot be translated/,
    '\\N{DIGIT ONE}': /"\\N" cannot be translated/,
    '\\p{InGreek}': /does not have the class "InGreek"/,
    '\\p{javaLowerCase}': /does not have the class "javaLowerCase"/,
    '\\p{toString}': /does not have the class "toString"/,
    '\\p{IsNowhere}': /Invalid property name/,
    '(a)(b)\\12': /"\\1" cannot be translated/,
    '[\\b]': /"\\b" cannot be translated/,
    '[a': /"\[" must have its "\]"/,
    '[]': /"\[" must have its "\]"/,
    '[a&&]': /each side of "&&"/,
    '[a-\\w]': /a range must end in a character/,
    'a{': /"{" must begin a repetition/,
    '(a': /Unterminated group/,
    'a)': /Unmatched '\)'/,
    '\\': /a "\\" must be followed by something/,
    '*a': /Nothing to repeat/,
  };
  for (const [pattern, reason] of Object.entries(reasons)) {
    const make = () => new RegexTokenizer({ pattern });
    const error = throwsError(make, 'ERR_GYRE_INVALID_PARAM', /^RegexTokenizer\.pattern must be /);
    assert.match(error.message, reason, pattern);
  }
});

test(
  'text is made lower-case before it is matched',
  readable(async () => {
    const params = { pattern: '[a-z]+', gaps: false };
    assert.equal(await tokensOf('aB É C', params), ['ab', 'c']);
    assert.equal(await tokensOf('aB É C', { ...params, toLowercase: false }), ['a']);
  }),
);

test(
  'an empty match does not cut a surrogate pair',
  readable(async () => {
    assert.equal(await tokensOf('a😀b', { pattern: '' }), ['a', '😀', 'b']);
  }),
);

test(
  'a pattern has no memory from one row to the next',
  readable(async () => {
    const table = Table.fromColumns({ input: ['x1', '1', 'x1', '11'] });
    const tokenizer = new RegexTokenizer({ pattern: '\\d', gaps: false });
    for (let run = 0; run < 2; run++) {
      const output = await tokenizer.transform(table);
      assert.equal(output.column('output').toArray(), [['1'], ['1'], ['1'], ['1', '1']]);
    }
  }),
);

test(
  'a label of a dictionary is matched as the same text in UTF-8 is',
  readable(async () => {
    const labels = ['a,b', ',', 'É,x'];
    const codes = Int32Array.of(2, 0, 1, 0, 2);
    const tokenizer = new RegexTokenizer({ pattern: ',', minTokenLength: 0 });
    const dictionary = Table.fromColumns({ input: Column.dictionary(codes, labels) });
    const output = await tokenizer.transform(dictionary);
    const utf8 = Table.fromColumns({ input: Array.from(codes, (code) => labels[code]) });
    const expected = (await tokenizer.transform(utf8)).column('output').toArray();
    assert.equal(output.column('output').toArray(), expected);
    assert.equal(expected[0], ['é', 'x']);
  }),
);

test.run();
