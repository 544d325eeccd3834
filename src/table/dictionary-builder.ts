/** JavaScript strings to codes and labels, where the labels are few. */
import { int32 } from './buffers.js';
import { DictionaryColumn } from './dictionary-column.js';

/** Fewer rows are not worth a dictionary. */
const FEWEST_ROWS = 4096;
/** Labels that a dictionary may always have, and at most. */
const FEW_LABELS = 1024;
const MOST_LABELS = 65_536;
/** Beyond {@link FEW_LABELS}, as many rows must have come for each label. */
const ROWS_PER_LABEL = 16;
/** Strings that were seen last, by a few of their characters; a power of two. */
const RECENT = 8192;

/**
 * The strings as a dictionary column, or null when they have too many different values, are few, or
 * not all strings.
 *
 * A string is compared with the last one of its {@link trace} before it is looked up: equal strings
 * of an array are one object, as a rule, and a comparison costs a fraction of a look-up in a Map.
 */
export function dictionaryOfStrings(values: ArrayLike<unknown>): DictionaryColumn | null {
  const { length } = values;
  if (length < FEWEST_ROWS) return null;
  const codes = int32(length);
  const labels: string[] = [];
  const codeOf = new Map<string, number>();
  const recent = new Int32Array(RECENT).fill(-1);
  for (let i = 0; i < length; i++) {
    const text = values[i];
    if (typeof text !== 'string') return null;
    const at = trace(text);
    let code = recent[at]!;
    if (code < 0 || labels[code] !== text) {
      code = codeOf.get(text) ?? labels.length;
      if (code === labels.length) {
        if (code >= FEW_LABELS && (code >= MOST_LABELS || i < code * ROWS_PER_LABEL)) return null;
        labels.push(text);
        codeOf.set(text, code);
      }
      recent[at] = code;
    }
    codes[i] = code;
  }
  return new DictionaryColumn(codes, labels);
}

/** A number below {@link RECENT} of the length and the last characters, where labels differ most. */
function trace(text: string): number {
  const { length } = text;
  let h = length;
  for (let at = Math.max(0, length - 4); at < length; at++) {
    h = Math.imul(h, 31) + text.charCodeAt(at);
  }
  return (h ^ (h >>> 13)) & (RECENT - 1);
}
