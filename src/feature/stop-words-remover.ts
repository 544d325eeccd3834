/** StopWordsRemover: lists of words without those that say little. */
import {
  boolean,
  type Param,
  type ParamOptions,
  type ParamTable,
  required,
  strings,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import { asBuffer, int32 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { ListColumn } from '../table/list-column.js';
import type { Table } from '../table/table.js';
import { takeColumn } from '../table/take-columns.js';
import { requireOneForEach } from './one-for-each.js';
import { commonLocales, isAvailableLocale, localeTag, machineLocale } from './text/locales.js';
import { type StopWordsLanguage, stopWordsOf } from './text/stop-words.js';
import {
  type TextColumn,
  type TokensColumn,
  tokensColumn,
  tokensWork,
} from './text/text-columns.js';
import { WordSet } from './text/word-set.js';

const WHO = 'StopWordsRemover.transform';

/** Params of {@link StopWordsRemover}. */
export interface StopWordsRemoverParams {
  /** Columns of lists of strings. Required, not empty. */
  readonly inputCols: readonly string[];
  /** Columns for the lists that are left, one for each of inputCols. Required. */
  readonly outputCols: readonly string[];
  /**
   * The words that are removed, not empty; null among them removes null.
   * **Default:** those of `StopWordsRemover.loadDefaultStopWords('english')`.
   */
  readonly stopWords: readonly (string | null)[];
  /** Whether `The` is another word than `the`. **Default:** false. */
  readonly caseSensitive: boolean;
  /**
   * Whose lower case is compared, as `en_US` or `tr`; without effect where case matters.
   * **Default:** `'en_US'`.
   */
  readonly locale: string;
}

const isWord = (word: unknown): boolean => word === null || typeof word === 'string';

function words(fallback: readonly (string | null)[]): Param<readonly (string | null)[]> {
  return {
    expected: 'a list of at least one string or null',
    default: Object.freeze(fallback),
    accepts: (v) => Array.isArray(v) && v.length > 0 && v.every(isWord),
    invalid: ['a', [], [1], null],
  };
}

const locale: Param<string> = {
  expected: 'a locale that this Node has, such as en_US',
  default: 'en_US',
  accepts: (v) => typeof v === 'string' && isAvailableLocale(v),
  invalid: ['', 'no locale', 'xx_YY', 1, null],
};

const stopWordsRemoverParams: ParamTable<StopWordsRemoverParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCols: required(strings([], { nonEmpty: true })),
  stopWords: words(stopWordsOf('StopWordsRemover', 'english')),
  caseSensitive: boolean(false),
  locale,
};

/**
 * Removes stop words from lists of words: frequent ones, which say little of what a text is about.
 *
 * The words that are left keep their order, their spelling and how often they occur. Unless
 * `caseSensitive`, a word is removed when its lower case is that of a stop word. The locale matters
 * to languages whose lower case is their own: in Turkish and Azerbaijani that of `I` is `ı`.
 *
 * Input: `string[]`, with words in UTF-8 or a dictionary, each column for itself; a list that is null
 * is an error (`ERR_GYRE_DATA`, with its row), a word that is null stays unless null is among the stop
 * words. Output: `string[]`.
 *
 * Differences from Flink ML: the default locale is `en_US`, not that of the machine
 * (`StopWordsRemover.getDefaultOrUS()` has that one); `tr_TR` is Turkish, as `tr` is.
 *
 * Cost: O(bytes); each label of a dictionary is looked up once. Large tables run on all threads.
 *
 * @see StopWordsRemover of Flink ML. The lists come with PostgreSQL and from the Snowball project.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ words: [['I', 'saw', 'the', 'red', 'baloon'], ['the', 'a']] });
 * const remover = new StopWordsRemover({ inputCols: ['words'], outputCols: ['left'] });
 * const left = await remover.transform(table);
 * console.log(left.column('left').toArray()); // [ [ 'saw', 'red', 'baloon' ], [] ]
 * console.log(StopWordsRemover.loadDefaultStopWords('turkish').length); // 53
 * ```
 */
export class StopWordsRemover extends Transformer<StopWordsRemoverParams> {
  static readonly className = 'StopWordsRemover';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<StopWordsRemoverParams> = stopWordsRemoverParams;
  readonly #words: WordSet;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<StopWordsRemover> {
    return loadAs(StopWordsRemover, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<StopWordsRemoverParams>): StopWordsRemover {
    return new StopWordsRemover(params);
  }

  /**
   * The default stop words of a language: `danish`, `dutch`, `english`, `finnish`, `french`,
   * `german`, `hungarian`, `italian`, `norwegian`, `portuguese`, `russian`, `spanish`, `swedish` or
   * `turkish`. All are lower-case.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for another language.
   */
  static loadDefaultStopWords(language: StopWordsLanguage): string[] {
    return stopWordsOf('StopWordsRemover.loadDefaultStopWords', language);
  }

  /** Locales that `locale` takes: those with two letters, alone and with their likely region. */
  static getAvailableLocales(): ReadonlySet<string> {
    return commonLocales();
  }

  /** The locale of this machine where `locale` takes it, else `en_US`. */
  static getDefaultOrUS(): string {
    return machineLocale();
  }

  /** @throws InvalidParamError `ERR_GYRE_INVALID_PARAM`, also for lists of different lengths. */
  constructor(options: ParamOptions<StopWordsRemoverParams> = {}) {
    super(options);
    const { inputCols, outputCols, stopWords, caseSensitive, locale } = this.params;
    requireOneForEach('StopWordsRemover', inputCols, { outputCols });
    const present = stopWords.filter((word) => word !== null);
    this.#words = new WordSet(present, caseSensitive ? null : localeTag(locale));
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const { inputCols, outputCols, stopWords } = this.params;
    const removesNull = stopWords.includes(null);
    const columns: Record<string, Column> = {};
    inputCols.forEach((name, c) => {
      const lists = tokensColumn(WHO, table, name, firstRow);
      const stays = staysIn(lists.child, this.#words);
      columns[outputCols[c]!] = keepWords(lists, (at) =>
        lists.child.isNull(at) ? !removesNull : stays(at),
      );
    });
    return { columns };
  }

  protected override workOf(table: Table): number {
    const { inputCols } = this.params;
    return inputCols.reduce((sum, name) => sum + tokensWork(tokensColumn(WHO, table, name, 0)), 0);
  }
}

/** Whether the word at a place stays; it is not null. */
function staysIn(child: TextColumn, words: WordSet): (at: number) => boolean {
  if (child.layout === 'utf8') {
    const text = asBuffer(child.bytes);
    return (at) => !words.has(text, child.offsets[at]!, child.offsets[at + 1]!);
  }
  const { labels, codes } = child;
  const stays = (label: string): boolean => {
    const text = Buffer.from(label);
    return !words.has(text, 0, text.length);
  };
  if (labels.length > child.length) return (at) => stays(labels[codes[at]!]!);
  const staying = labels.map(stays);
  return (at) => staying[codes[at]!]!;
}

function keepWords({ offsets, length, child }: TokensColumn, stays: (at: number) => boolean) {
  const kept = new Int32Array(offsets[length]! - offsets[0]!);
  const lists = int32(length + 1);
  let count = 0;
  for (let row = 0; row < length; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      if (stays(at)) kept[count++] = at;
    }
    lists[row + 1] = count;
  }
  return new ListColumn(lists, takeColumn(child, kept.subarray(0, count)));
}
