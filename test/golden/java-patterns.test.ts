import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RegexTokenizer, StopWordsRemover, Table, Tokenizer } from '../../src/index.js';
import { readable } from '../conformance/readable.js';

/** The text's place in `texts`, and what split and find give; texts without a match are left out. */
type Case = readonly [text: number, split: readonly string[], matches: readonly string[]];

interface Golden {
  readonly lower: readonly { readonly text: string; readonly root: string; readonly tr: string }[];
  readonly texts: readonly string[];
  readonly patterns: readonly { readonly pattern: string; readonly cases: readonly Case[] }[];
}

// Made by test/golden/JavaPatterns.java, which stands in the file with the version of Java.
const url = new URL('../../../test/golden/java-patterns.json', import.meta.url);
const { lower, texts, patterns } = JSON.parse(readFileSync(url, 'utf8')) as Golden;

/** An empty match stands within a surrogate pair in Java, and never here. */
const cutsPair = (parts: readonly string[]): boolean =>
  parts.some((part) => /[\ud800-\udfff]/u.test(part));

/** \b is of ASCII in Java since version 19. */
const isOfAscii = (pattern: string): boolean => /^\\[bB]$/.test(pattern);

for (const gaps of [true, false]) {
  test(
    `RegexTokenizer ${gaps ? 'splits' : 'matches'} as java.util.regex does`,
    readable(async () => {
      const table = Table.fromColumns({ input: texts });
      assert.ok(patterns.length > 100);
      for (const { pattern, cases } of patterns) {
        const params = { pattern, gaps, toLowercase: false, minTokenLength: 0 };
        const output = await new RegexTokenizer(params).transform(table);
        texts.forEach((text, i) => {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
          if (isOfAscii(pattern) && !/^[\x00-\x7f]*$/.test(text)) return;
          const [, split, matches] = cases.find(([at]) => at === i) ?? [i, [text], []];
          if (cutsPair(split) || cutsPair(matches)) return;
          const wanted = gaps ? split : matches;
          assert.equal(
            output.column('output').get(i),
            wanted,
            `${pattern}, ${JSON.stringify(text)}`,
          );
        });
      }
    }),
  );
}

test(
  'Tokenizer splits as String.split of Java does at each white-space character',
  readable(async () => {
    const { cases } = patterns.find(({ pattern }) => pattern === '\\s')!;
    const output = await new Tokenizer().transform(Table.fromColumns({ input: texts }));
    texts.forEach((text, i) => {
      const [, split] = cases.find(([at]) => at === i) ?? [i, [text]];
      const wanted = split.map((token) => token.toLowerCase());
      assert.equal(output.column('output').get(i), wanted, JSON.stringify(text));
    });
  }),
);

test(
  'Tokenizer makes text lower-case as toLowerCase of Java does without a language',
  readable(async () => {
    const input = lower.map(({ text }) => text);
    const output = await new Tokenizer().transform(Table.fromColumns({ input }));
    assert.equal(
      output.column('output').toArray(),
      lower.map(({ root }) => [root]),
    );
  }),
);

test(
  'StopWordsRemover compares the lower case that Java has of a language',
  readable(async () => {
    for (const locale of ['en_US', 'tr', 'tr_TR'] as const) {
      for (const { text, root, tr } of lower) {
        const raw = [[text, root, tr]];
        const stopWords = [locale === 'en_US' ? root : tr];
        const params = { inputCols: ['raw'], outputCols: ['left'], stopWords, locale };
        const output = await new StopWordsRemover(params).transform(Table.fromColumns({ raw }));
        const [left] = output.column('left').toArray() as string[][];
        assert.not.ok(left!.includes(text), `${locale}: ${text}`);
      }
    }
  }),
);

test.run();
