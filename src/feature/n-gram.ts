/** NGram: lists of words to lists of runs of n words. */
import { DataError } from '../core/errors.js';
import { int, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import { int32, uint8 } from '../table/buffers.js';
import { ListColumn } from '../table/list-column.js';
import type { Table } from '../table/table.js';
import { Utf8Column } from '../table/utf8-column.js';
import { asUtf8, type TextColumn, tokensColumn, tokensWork, utf8Of } from './text/text-columns.js';

const WHO = 'NGram.transform';
const SPACE = 32;
const MAX_BYTES = 0x7fffffff;

/** Params of {@link NGram}. */
export interface NGramParams {
  /** Column of lists of strings. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the lists of n-grams. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Words in an n-gram, >= 1. **Default:** 2. */
  readonly n: number;
}

const nGramParams: ParamTable<NGramParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  n: int(2, { min: 1, max: 2 ** 31 - 1 }),
};

/**
 * Makes n-grams: every run of `n` neighbouring words of a list, joined by single spaces.
 *
 * A list of m words has max(0, m - n + 1) of them, in order. Words are taken as they are, also empty
 * ones.
 *
 * Input: `string[]`, with words in UTF-8 or a dictionary; a list that is null is an error
 * (`ERR_GYRE_DATA`, with its row), a word that is null stands as the text `null`, as in Flink ML.
 * Output: `string[]`.
 *
 * Cost: O(bytes of the output). Large tables run on all threads.
 *
 * @see NGram of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [['a', 'b', 'c'], ['a']] });
 * const grams = await new NGram({ n: 2 }).transform(table);
 * console.log(grams.column('output').toArray()); // [ [ 'a b', 'b c' ], [] ]
 * ```
 */
export class NGram extends Transformer<NGramParams> {
  static readonly className = 'NGram';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<NGramParams> = nGramParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<NGram> {
    return loadAs(NGram, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<NGramParams>): NGram {
    return new NGram(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const { inputCol, outputCol, n } = this.params;
    const { offsets, child } = tokensColumn(WHO, table, inputCol, firstRow);
    return { columns: { [outputCol]: gramsOf(offsets, wordsOf(child), n) } };
  }

  protected override workOf(table: Table): number {
    const { inputCol, n } = this.params;
    return tokensWork(tokensColumn(WHO, table, inputCol, 0)) * Math.min(n, 16);
  }
}

/** The words as UTF-8, where null is a text. */
function wordsOf(child: TextColumn): Utf8Column {
  if (child.nullCount === 0) return asUtf8(child);
  return utf8Of(child.toArray().map((word) => word ?? 'null'));
}

function gramsOf(lists: Int32Array, words: Utf8Column, n: number): ListColumn {
  const rows = lists.length - 1;
  const outLists = int32(rows + 1);
  let size = 0;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [lists[row]!, lists[row + 1]!];
    const grams = Math.max(0, to - from - n + 1);
    outLists[row + 1] = outLists[row]! + grams;
    for (let g = from; g < from + grams; g++) {
      size += words.offsets[g + n]! - words.offsets[g]! + n - 1;
    }
  }
  if (size > MAX_BYTES) throw tooLong();
  const offsets = int32(outLists[rows]! + 1);
  const bytes = uint8(size);
  let gram = 0;
  for (let row = 0; row < rows; row++) {
    for (let g = lists[row]!; gram < outLists[row + 1]!; g++) {
      offsets[gram + 1] = writeGram(words, g, n, bytes, offsets[gram]!);
      gram++;
    }
  }
  return new ListColumn(outLists, new Utf8Column(bytes, offsets));
}

function tooLong(): DataError {
  return new DataError(
    `${WHO}: a column holds at most 2 GiB of text, got more; use a TableStream of smaller batches.`,
  );
}

/** Writes words `first` to `first + n` with spaces between them; returns where they end. */
function writeGram(
  { offsets, bytes }: Utf8Column,
  first: number,
  n: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  for (let word = first; word < first + n; word++) {
    if (word > first) out[at++] = SPACE;
    for (let from = offsets[word]!; from < offsets[word + 1]!; from++) out[at++] = bytes[from]!;
  }
  return at;
}
