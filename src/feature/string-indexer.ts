/** StringIndexer: learns the distinct strings of columns, and an index for each. */
import { ahead } from '../core/ahead.js';
import { DataError, InvalidParamError } from '../core/errors.js';
import {
  int,
  oneOf,
  type ParamOptions,
  type ParamTable,
  required,
  strings,
} from '../core/params.js';
import { defaultSession } from '../engine/session.js';
import { requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import type { DictionaryColumn } from '../table/dictionary-column.js';
import type { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';
import { encodeStrings } from '../table/utf8-builder.js';
import { countKeys, summed } from './count-keys.js';
import { type KeyType, textsOfKeys } from './key-column.js';
import type { KeyList } from './key-dictionary.js';
import {
  type LabelCounts,
  orderedLabels,
  STRING_ORDER_TYPES,
  type StringOrderType,
  withoutRepeats,
} from './label-order.js';
import { requireOneForEach } from './one-for-each.js';
import { inRowBlocks } from './row-blocks.js';
import {
  labelledColumn,
  StringIndexerModel,
  stringIndexerModelParams,
  workOfColumn,
} from './string-indexer-model.js';

const WHO = 'StringIndexer.fit';
const MOST_INDICES = 2 ** 31 - 1;

/** Params of {@link StringIndexer}. */
export interface StringIndexerParams {
  /** Columns of strings or numbers. Required, not empty. */
  readonly inputCols: readonly string[];
  /** A column for the indices of each of inputCols. Required. */
  readonly outputCols: readonly string[];
  /** What the model does with null and with values that were not seen. **Default:** `'error'`. */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
  /**
   * The order of the labels: of first appearance (`'arbitrary'`), by count (`'frequencyDesc'`,
   * `'frequencyAsc'`; ties in alphabetical order), or alphabetical (`'alphabetAsc'`,
   * `'alphabetDesc'`; by UTF-16 code units). **Default:** `'arbitrary'`.
   */
  readonly stringOrderType: StringOrderType;
  /**
   * The most indices of a column, > 1: of more labels than that, the `maxIndexNum - 1` most frequent
   * are kept. Only with `'frequencyDesc'`. **Default:** 2147483647.
   */
  readonly maxIndexNum: number;
}

const stringIndexerParams: ParamTable<StringIndexerParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCols: required(strings([], { nonEmpty: true })),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
  stringOrderType: oneOf(STRING_ORDER_TYPES, 'arbitrary'),
  maxIndexNum: int(MOST_INDICES, { above: 1, max: MOST_INDICES }),
};

/**
 * Learns the distinct values of columns, and gives each an index 0, 1, 2, ... in an order that the
 * params choose. The model replaces values by their indices.
 *
 * Reads columns of strings (UTF-8 or dictionary), float64, float32, int32 or int64, whose numbers
 * are labels by the text that Java gives them: `1.0`, `1.0E7`, and `1` for integers. Null is passed
 * over. UTF-8 that is broken counts as the text that it reads as. Bit-identical models on any
 * number of workers, and for UTF-8 and dictionary columns of the same strings.
 *
 * Differences from Flink ML: ties, and the order `arbitrary`, do not depend on a hash table; lists
 * of different lengths, and `maxIndexNum` without `'frequencyDesc'`, are refused in the
 * constructor; a table without rows is refused.
 *
 * Cost: one pass. Cells are counted as bytes in a hash table on each worker, without a JavaScript
 * string a row; codes of dictionary columns are counted on the calling thread. Memory: 64 to 256
 * bytes a distinct value and worker, and the column itself.
 *
 * @see StringIndexer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ city: ['Rome', 'Oslo', 'Rome', 'Lima'] });
 * const indexer = new StringIndexer({
 *   inputCols: ['city'],
 *   outputCols: ['index'],
 *   stringOrderType: 'frequencyDesc',
 * });
 * const model = await indexer.fit(table);
 * console.log(model.modelData.stringArrays); // [ [ 'Rome', 'Lima', 'Oslo' ] ]
 * console.log((await model.transform(table)).column('index').toArray()); // [ 0, 2, 0, 1 ]
 * ```
 */
export class StringIndexer extends Estimator<StringIndexerParams, StringIndexerModel> {
  static readonly className = 'StringIndexer';
  static readonly params: ParamTable<StringIndexerParams> = stringIndexerParams;

  constructor(options: ParamOptions<StringIndexerParams> = {}) {
    super(options);
    const { inputCols, outputCols, stringOrderType, maxIndexNum } = this.params;
    requireOneForEach('StringIndexer', inputCols, { outputCols });
    if (maxIndexNum === MOST_INDICES || stringOrderType === 'frequencyDesc') return;
    throw new InvalidParamError(
      `StringIndexer.maxIndexNum needs stringOrderType 'frequencyDesc', got '${stringOrderType}'.`,
      { details: { maxIndexNum, stringOrderType } },
    );
  }

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<StringIndexer> {
    return loadAs(StringIndexer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<StringIndexerParams>): StringIndexer {
    return new StringIndexer(params);
  }

  /**
   * Learns the labels. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for no rows.
   */
  protected override async fitTable(
    table: Table,
    options: FitOptions,
  ): Promise<StringIndexerModel> {
    requireRows(WHO, table);
    const counts = await labelCounts(table, this.params.inputCols, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return this.#modelOf(counts);
  }

  /** Counts batch by batch: what is kept are the labels. */
  protected override async fitStream(
    stream: TableStream,
    options: FitOptions,
  ): Promise<StringIndexerModel> {
    const { inputCols } = this.params;
    const sums = new Map(inputCols.map((name) => [name, new LabelSums()]));
    let rows = 0;
    for await (const batch of ahead(stream)) {
      const counts = await labelCounts(batch, inputCols, options);
      for (const [name, own] of counts) sums.get(name)!.add(own);
      rows += batch.numRows;
      options.onProgress?.({ epoch: 1, rows });
    }
    if (rows > 0) return this.#modelOf(sums);
    throw new DataError(`${WHO}: the stream must have at least one row, got none.`, {
      details: { who: WHO, rows },
    });
  }

  #modelOf(counts: ReadonlyMap<string, LabelCounts>): StringIndexerModel {
    const { inputCols, stringOrderType, maxIndexNum } = this.params;
    const labels = inputCols.map((name) => {
      const ordered = orderedLabels(counts.get(name)!, stringOrderType);
      return ordered.length > maxIndexNum ? ordered.slice(0, maxIndexNum - 1) : ordered;
    });
    return StringIndexerModel.ofLabels(sharedParams(this.params, stringIndexerModelParams), labels);
  }
}

/** Counts of several batches: labels in order of first appearance. */
class LabelSums implements LabelCounts {
  readonly labels: string[] = [];
  readonly counts: number[] = [];
  readonly #places = new Map<string, number>();

  add({ labels, counts }: LabelCounts): void {
    for (const [i, label] of labels.entries()) {
      const place = this.#places.get(label);
      if (place === undefined) {
        this.#places.set(label, this.labels.length);
        this.labels.push(label);
        this.counts.push(counts[i]!);
      } else {
        this.counts[place]! += counts[i]!;
      }
    }
  }
}

/** The distinct texts of each column and how often each occurs. */
async function labelCounts(
  table: Table,
  inputCols: readonly string[],
  options: FitOptions,
): Promise<Map<string, LabelCounts>> {
  const counts = new Map<string, LabelCounts>();
  const shipped: string[] = [];
  let work = 0;
  for (const name of new Set(inputCols)) {
    const column = labelledColumn(WHO, table, name);
    if (column.layout === 'dictionary') {
      counts.set(name, textCounts('string', await countCodes(column, options)));
    } else {
      shipped.push(name);
      work += workOfColumn(column);
    }
  }
  if (shipped.length === 0) return counts;
  const lists = await countKeys(WHO, table.select(shipped), work, options);
  for (const [c, name] of shipped.entries()) {
    counts.set(name, textCounts(table.column(name).type as KeyType, lists[c]!));
  }
  return counts;
}

function textCounts(type: KeyType, list: KeyList): LabelCounts {
  const counts = { labels: textsOfKeys(type, list), counts: list.values };
  return type === 'float64' || type === 'float32' ? withoutRepeats(counts) : counts;
}

async function countCodes(column: DictionaryColumn, options: FitOptions): Promise<KeyList> {
  const { labels, length } = column;
  const counts = new Int32Array(labels.length);
  const seen: number[] = [];
  await inRowBlocks(WHO, length, options, (start, end) => {
    addCodes(column.slice(start, end), counts, seen);
  });
  // The dictionary may have a label more than once.
  const { bytes, offsets } = encodeStrings(seen.map((code) => labels[code]!));
  const values = Int32Array.from(seen, (code) => counts[code]!);
  return summed([{ bytes, offsets, values }], (options.session ?? defaultSession()).inline);
}

/** Adds the rows of each code to its count; `seen` gets those that had none. */
function addCodes(column: DictionaryColumn, counts: Int32Array, seen: number[]): void {
  const { codes, length } = column;
  const hasNull = column.nullCount > 0;
  for (let i = 0; i < length; i++) {
    if (hasNull && column.isNull(i)) continue;
    const code = codes[i]!;
    const count = counts[code]!;
    if (count === 0) seen.push(code);
    counts[code] = count + 1;
  }
}
