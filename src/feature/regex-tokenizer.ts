/** RegexTokenizer: text to tokens, by a regular expression. */
import { InvalidParamError } from '../core/errors.js';
import {
  boolean,
  int,
  type Param,
  type ParamOptions,
  type ParamTable,
  showValue,
  string,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import { ListColumn } from '../table/list-column.js';
import type { Table } from '../table/table.js';
import type { Utf8Column } from '../table/utf8-column.js';
import { javaPattern } from './text/java-pattern.js';
import { splitWhitespace } from './text/split-whitespace.js';
import { mapText, textColumn, textWork, utf8Of } from './text/text-columns.js';

const WHO = 'RegexTokenizer.transform';
const WHITE_SPACE = '\\s+';

/** What matching costs, against looking at a byte. */
const MATCH_WORK = 8;

/** Params of {@link RegexTokenizer}. */
export interface RegexTokenizerParams {
  /** Column of strings. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the lists of tokens. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Tokens of fewer UTF-16 code units are dropped, >= 0. **Default:** 1. */
  readonly minTokenLength: number;
  /** Whether the pattern matches what lies between tokens, not the tokens. **Default:** true. */
  readonly gaps: boolean;
  /** A regular expression as in Java, without flags. **Default:** `'\\s+'`. */
  readonly pattern: string;
  /** Whether text is made lower-case before it is matched. **Default:** true. */
  readonly toLowercase: boolean;
}

const pattern: Param<string> = {
  expected: 'a regular expression of Java that JavaScript has too',
  default: WHITE_SPACE,
  accepts: (v) => typeof v === 'string',
  invalid: [
    1,
    null,
    '(',
    'a++',
    '(?i)a',
    '(?>a)',
    '[a',
    'a{',
    '\\',
    '\\y',
    '\\p{InGreek}',
    '(?<=*)',
  ],
};

const regexTokenizerParams: ParamTable<RegexTokenizerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  minTokenLength: int(1, { min: 0, max: 2 ** 31 - 1 }),
  gaps: boolean(true),
  pattern,
  toLowercase: boolean(true),
};

/**
 * Makes text lower-case and cuts it into tokens by a regular expression.
 *
 * With `gaps` the pattern matches what separates tokens, as in `String.split` of Java: a separator at
 * the start gives an empty token, unless it is empty itself; empty tokens at the end are dropped; text
 * without a match is one token. Without `gaps` the pattern matches the tokens: all matches that do not
 * overlap, in order. Then tokens of fewer than `minTokenLength` UTF-16 code units are dropped; the
 * default drops empty ones.
 *
 * The pattern is Java's and means what it does in Java (19 or later): `\s`, `\w`, `\d` and `\b` are of
 * ASCII, `\p{Punct}` is the 32 ASCII characters, `[a-z&&[^aeiou]]` an intersection, `.` and `$` know
 * Java's line ends, `\Q...\E` quotes. What JavaScript does not have is refused by the constructor:
 * flags (`(?i)`), possessive quantifiers, atomic groups, `\G`, `\X`, `\N{...}`, blocks
 * (`\p{InGreek}`) and `\p{java...}`. Two things differ silently: a back reference to a group that has
 * no match is empty here, and fails in Java; and an empty match never stands within a surrogate pair.
 *
 * Input: strings, in UTF-8 or a dictionary; null is an error (`ERR_GYRE_DATA`, with its row). Output:
 * `string[]`. Lower case is Unicode's, of no language, where Flink ML follows the locale of the JVM.
 *
 * Cost: the pattern is run by JavaScript on every row, or on every label of a dictionary; a pattern
 * may take time exponential in the length of the text, so do not take one from strangers. The default
 * pattern is split by a kernel, as by {@link Tokenizer}. Large tables run on all threads.
 *
 * @see RegexTokenizer of Flink ML; `java.util.regex.Pattern`.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: ['Test for  tokenization.', 'Te,st. punct'] });
 * const blanks = await new RegexTokenizer().transform(table);
 * console.log(blanks.column('output').get(0)); // [ 'test', 'for', 'tokenization.' ]
 * const tokenizer = new RegexTokenizer({ pattern: '\\w+|\\p{Punct}', gaps: false });
 * const words = await tokenizer.transform(table);
 * console.log(words.column('output').get(1)); // [ 'te', ',', 'st', '.', 'punct' ]
 * ```
 */
export class RegexTokenizer extends Transformer<RegexTokenizerParams> {
  static readonly className = 'RegexTokenizer';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<RegexTokenizerParams> = regexTokenizerParams;
  readonly #regex: RegExp;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<RegexTokenizer> {
    return loadAs(RegexTokenizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<RegexTokenizerParams>): RegexTokenizer {
    return new RegexTokenizer(params);
  }

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM`, also for a pattern that is refused. */
  constructor(options: ParamOptions<RegexTokenizerParams> = {}) {
    super(options);
    this.#regex = compile(this.params.pattern);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { inputCol, outputCol, toLowercase } = this.params;
    const column = textColumn(WHO, table, inputCol, scope.firstRow);
    const options = { keepEmpty: false, lower: toLowercase };
    const tokens = mapText(column, (texts) =>
      this.#splitsWhitespace ? splitWhitespace(texts, options, scope) : this.#tokensOf(texts),
    );
    return { columns: { [outputCol]: tokens } };
  }

  protected override workOf(table: Table): number {
    const work = textWork(textColumn(WHO, table, this.params.inputCol, 0));
    return this.#splitsWhitespace ? work : MATCH_WORK * work;
  }

  /** Whether tokens are what a kernel gives. */
  get #splitsWhitespace(): boolean {
    const { pattern, gaps, minTokenLength } = this.params;
    return pattern === WHITE_SPACE && gaps && minTokenLength === 1;
  }

  #tokensOf(texts: Utf8Column): ListColumn {
    const { gaps, minTokenLength, toLowercase } = this.params;
    const tokens: string[] = [];
    const lists = int32(texts.length + 1);
    for (let row = 0; row < texts.length; row++) {
      const text = toLowercase ? texts.get(row)!.toLowerCase() : texts.get(row)!;
      const found = gaps ? splitAt(this.#regex, text) : matchesOf(this.#regex, text);
      for (const token of found) if (token.length >= minTokenLength) tokens.push(token);
      lists[row + 1] = tokens.length;
    }
    return new ListColumn(lists, utf8Of(tokens));
  }
}

function compile(pattern: string): RegExp {
  try {
    return javaPattern(pattern);
  } catch (cause) {
    throw new InvalidParamError(
      `RegexTokenizer.pattern must be ${regexTokenizerParams.pattern.expected}, got ` +
        `${showValue(pattern)}: ${(cause as Error).message}.`,
      { details: { owner: 'RegexTokenizer', param: 'pattern', got: pattern }, cause },
    );
  }
}

function matchesOf(regex: RegExp, text: string): readonly string[] {
  return text.match(regex) ?? [];
}

/** As `Pattern.split` of Java. */
function splitAt(regex: RegExp, text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(regex)) {
    const end = match.index + match[0].length;
    // An empty match at the start separates nothing.
    if (end === 0) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  if (from === 0) return [text];
  parts.push(text.slice(from));
  while (parts.at(-1) === '') parts.pop();
  return parts;
}
