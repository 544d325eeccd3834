/** Labels and their positions: what a cell of a column of any kind stands for. */
import type { KernelScope } from '../algorithm/training.js';
import type { DictionaryColumn } from '../table/dictionary-column.js';
import {
  type KeyColumn,
  type KeyType,
  keysOf,
  keysOfLabels,
  keysOfTexts,
  type LabelKeys,
  textAt,
  wellFormed,
} from './key-column.js';
import { KeyDictionary } from './key-dictionary.js';

/** Rows below which a look-up of each text is faster than a table in kernel memory. */
const FEW_ROWS = 64;

/** Columns whose cells have a text. */
export type LabelledColumn = KeyColumn | DictionaryColumn;

/** The labels of a column in order of their indices. What is derived from them is made once. */
export class LabelIndex {
  readonly labels: readonly string[];
  #byText: ReadonlyMap<string, number> | null = null;
  readonly #byType = new Map<KeyType, LabelKeys>();

  /** @param labels Distinct. */
  constructor(labels: readonly string[]) {
    this.labels = labels;
  }

  /** The index of each label. */
  get byText(): ReadonlyMap<string, number> {
    this.#byText ??= new Map(this.labels.map((label, i) => [label, i]));
    return this.#byText;
  }

  /** The index of the label `NaN`, or null; only cells of floats can have it. */
  nanOf(type: KeyType): number | null {
    if (type !== 'float64' && type !== 'float32') return null;
    const index = this.labels.indexOf('NaN');
    return index < 0 ? null : index;
  }

  /** The keys of the labels in columns of a type. */
  keysFor(type: KeyType): LabelKeys {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    const made = keysOfLabels(type, this.labels);
    this.#byType.set(type, made);
    return made;
  }

  /**
   * Writes the index of each row's cell; `missing` where it is no label, or null.
   *
   * @returns How many are missing.
   */
  write(column: LabelledColumn, missing: number, out: Float64Array, scope: KernelScope): number {
    if (column.layout === 'dictionary') {
      const isFew = column.length < column.labels.length;
      const indices = isFew ? null : this.indicesOf(column.labels, missing, scope);
      return this.writeCodes(column, indices, missing, out);
    }
    if (column.length < FEW_ROWS + this.labels.length / 4) {
      return this.#writeFew(column, missing, out);
    }
    const dictionary = dictionaryOf(this.keysFor(column.type), scope);
    try {
      return writeKeys(dictionary, column, missing, this.nanOf(column.type), out);
    } finally {
      dictionary.free();
    }
  }

  /**
   * {@link write} of a dictionary column.
   *
   * @param indices What {@link indicesOf} gave for the column's labels; null: each row's label is
   *   looked up.
   */
  writeCodes(
    column: DictionaryColumn,
    indices: Float64Array | null,
    missing: number,
    out: Float64Array,
  ): number {
    const { codes, labels, length } = column;
    const hasNull = column.nullCount > 0;
    if (indices !== null && !hasNull && !indices.includes(missing)) {
      for (let i = 0; i < length; i++) out[i] = indices[codes[i]!]!;
      return 0;
    }
    let misses = 0;
    for (let i = 0; i < length; i++) {
      const code = codes[i]!;
      let index = missing;
      if (!(hasNull && column.isNull(i))) {
        index = indices === null ? this.#indexOf(labels[code]!, missing) : indices[code]!;
      }
      if (index === missing) misses++;
      out[i] = index;
    }
    return misses;
  }

  /** The index of each of other labels. */
  indicesOf(labels: readonly string[], missing: number, scope: KernelScope): Float64Array {
    const indices = new Float64Array(labels.length);
    if (labels.length < FEW_ROWS) {
      return indices.map((_, i) => this.#indexOf(labels[i]!, missing));
    }
    const dictionary = dictionaryOf(this.keysFor('string'), scope);
    try {
      dictionary.find(keysOfTexts(labels), missing, indices);
      return indices;
    } finally {
      dictionary.free();
    }
  }

  #indexOf(text: string, missing: number): number {
    return this.byText.get(wellFormed(text)) ?? missing;
  }

  #writeFew(column: KeyColumn, missing: number, out: Float64Array): number {
    let misses = 0;
    for (let i = 0; i < column.length; i++) {
      const index = column.isNull(i) ? undefined : this.byText.get(textAt(column, i));
      if (index === undefined) misses++;
      out[i] = index ?? missing;
    }
    return misses;
  }
}

/**
 * A dictionary of label keys whose values are the indices.
 *
 * @param room The fewest keys that it has room for.
 */
export function dictionaryOf(
  { keys, positions }: LabelKeys,
  scope: KernelScope,
  room = 0,
): KeyDictionary {
  const dictionary = new KeyDictionary(scope, Math.max(keys.length, room));
  dictionary.add(keys, positions);
  return dictionary;
}

/**
 * {@link LabelIndex.write} with a dictionary that is there.
 *
 * @param nan The index of the label `NaN`, whose cells may have other bits than the label's key.
 */
export function writeKeys(
  dictionary: KeyDictionary,
  column: KeyColumn,
  missing: number,
  nan: number | null,
  out: Float64Array,
): number {
  let misses = dictionary.find(keysOf(column), missing, out);
  if (misses === 0 || nan === null || column.layout !== 'numeric') return misses;
  for (let i = 0; i < column.length; i++) {
    if (!Number.isNaN(column.values[i]) || column.isNull(i) || out[i] !== missing) continue;
    out[i] = nan;
    misses--;
  }
  return misses;
}
