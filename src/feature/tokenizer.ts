/** Tokenizer: text to lower-case words. */
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import { splitWhitespace } from './text/split-whitespace.js';
import { mapText, textColumn, textWork } from './text/text-columns.js';

const WHO = 'Tokenizer.transform';

/** Params of {@link Tokenizer}. */
export interface TokenizerParams {
  /** Column of strings. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the lists of tokens. **Default:** `'output'`. */
  readonly outputCol: string;
}

const tokenizerParams: ParamTable<TokenizerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
};

/**
 * Makes text lower-case and splits it at **every single** white-space character.
 *
 * White space is ASCII: space, tab, line feed, vertical tab, form feed, carriage return. Runs of it
 * give empty tokens, and so does white space at the start; empty tokens at the end are dropped. So
 * `' a  b '` has the tokens `''`, `'a'`, `''`, `'b'`, a string of white space alone has none, and
 * `''` has one, the empty one. {@link RegexTokenizer} drops empty tokens unless told otherwise.
 *
 * Input: strings, in UTF-8 or a dictionary; null is an error (`ERR_GYRE_DATA`, with its row). Output:
 * `string[]`. Lower case is Unicode's, of no language: `I` becomes `i` on every machine, where Flink
 * ML follows the locale of the JVM.
 *
 * Cost: O(bytes). Rows of ASCII are split and made lower-case by a kernel, others are made
 * lower-case as JavaScript strings first; each label of a dictionary is split once. Large tables
 * run on all threads.
 *
 * @see Tokenizer of Flink ML; `String.split` of Java.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: ['Test for tokenization.', 'Te,st. punct'] });
 * const tokens = await new Tokenizer().transform(table);
 * console.log(tokens.column('output').get(0)); // [ 'test', 'for', 'tokenization.' ]
 * console.log(tokens.column('output').get(1)); // [ 'te,st.', 'punct' ]
 * ```
 */
export class Tokenizer extends Transformer<TokenizerParams> {
  static readonly className = 'Tokenizer';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<TokenizerParams> = tokenizerParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Tokenizer> {
    return loadAs(Tokenizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<TokenizerParams>): Tokenizer {
    return new Tokenizer(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { inputCol, outputCol } = this.params;
    const column = textColumn(WHO, table, inputCol, scope.firstRow);
    const options = { keepEmpty: true, lower: true };
    const tokens = mapText(column, (texts) => splitWhitespace(texts, options, scope));
    return { columns: { [outputCol]: tokens } };
  }

  protected override workOf(table: Table): number {
    return textWork(textColumn(WHO, table, this.params.inputCol, 0));
  }
}
