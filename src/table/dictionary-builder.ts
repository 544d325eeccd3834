/** JavaScript strings to codes and labels, where the labels are few. */
import { int32 } from './buffers.js';
import { DictionaryColumn } from './dictionary-column.js';
import { StringTrace, TRACES } from './string-trace.js';

/** Fewer rows are not worth a dictionary. */
const FEWEST_ROWS = 4096;
/** Labels that a dictionary may always have, and at most. */
const FEW_LABELS = 1024;
const MOST_LABELS = 65_536;
/** Beyond {@link FEW_LABELS}, as many rows must have come for each label. */
const ROWS_PER_LABEL = 16;
/** Rows after which the trace is looked at, and how many of them it may have served badly. */
const BLOCK_ROWS = 4096;
const MOST_MISSES = BLOCK_ROWS / 8;

/**
 * The strings as a dictionary column, or null when they have too many different values, are few, or
 * not all strings.
 *
 * A string is compared with the last one of its {@link StringTrace} before it is looked up: equal
 * strings of an array are one object, as a rule, and a comparison costs a fraction of a look-up in
 * a Map.
 */
export function dictionaryOfStrings(values: ArrayLike<unknown>): DictionaryColumn | null {
  const { length } = values;
  if (length < FEWEST_ROWS) return null;
  const builder = new DictionaryBuilder(length);
  for (let start = 0; start < length; start += BLOCK_ROWS) {
    if (!builder.add(values, start, Math.min(start + BLOCK_ROWS, length))) return null;
  }
  return new DictionaryColumn(builder.codes, builder.labels);
}

class DictionaryBuilder {
  readonly codes: Int32Array;
  readonly labels: string[] = [];
  readonly #codeOf = new Map<string, number>();
  /** The code of the string that each trace was seen of last, or -1. */
  readonly #recent = new Int32Array(TRACES).fill(-1);
  #trace = new StringTrace([]);
  /** Labels that {@link #trace} was made for. */
  #tracedLabels = 0;

  constructor(rows: number) {
    this.codes = int32(rows);
  }

  /** Sets the codes of rows [start, end); false where a dictionary cannot be. */
  add(values: ArrayLike<unknown>, start: number, end: number): boolean {
    const { codes, labels } = this;
    const recent = this.#recent;
    const trace = this.#trace;
    let misses = 0;
    for (let i = start; i < end; i++) {
      const text = values[i];
      if (typeof text !== 'string') return false;
      const at = trace.of(text);
      let code = recent[at]!;
      if (code < 0 || labels[code] !== text) {
        misses++;
        code = this.#lookUp(text, i);
        if (code < 0) return false;
        recent[at] = code;
      }
      codes[i] = code;
    }
    if (misses > MOST_MISSES) this.#retrace();
    return true;
  }

  /** The code of a string, which may be new; -1 where there are too many. */
  #lookUp(text: string, row: number): number {
    const known = this.#codeOf.get(text);
    if (known !== undefined) return known;
    const code = this.labels.length;
    if (code >= FEW_LABELS && (code >= MOST_LABELS || row < code * ROWS_PER_LABEL)) return -1;
    this.labels.push(text);
    this.#codeOf.set(text, code);
    return code;
  }

  /** Takes a trace that tells the labels apart, unless it would be of much the same ones. */
  #retrace(): void {
    if (this.labels.length < 2 * this.#tracedLabels) return;
    this.#tracedLabels = this.labels.length;
    this.#trace = new StringTrace(this.labels);
    this.#recent.fill(-1);
  }
}
