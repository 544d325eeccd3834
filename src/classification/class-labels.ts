/** Labels of classes, and the numbers 0, 1, ... that stand for them while a model is learned. */
import { DataError } from '../core/errors.js';
import { float64 } from '../table/buffers.js';

/** The classes of a column of labels. */
export interface Classes {
  /** What the classes are called, ascending. */
  readonly labels: Float64Array;
  /** The class number of each row. */
  readonly numbers: Float64Array;
}

const BINARY = Float64Array.of(0, 1);

/** The distinct labels, ascending; -0 is 0. */
export function distinctLabels(values: Float64Array): Float64Array {
  return Float64Array.from(new Set(values)).sort();
}

/**
 * The classes 0 and 1, whose labels are these numbers.
 *
 * @param hint What takes other labels, for the message.
 * @throws DataError `ERR_GYRE_DATA` for any other label.
 */
export function binaryClasses(
  who: string,
  name: string,
  values: Float64Array,
  hint: string,
): Classes {
  const row = values.findIndex((value) => value !== 0 && value !== 1);
  if (row < 0) return { labels: BINARY, numbers: values };
  throw new DataError(
    `${who}: column "${name}" must be 0 or 1, got ${values[row]} in row ${row}${hint}.`,
    { details: { who, column: name, row, got: values[row] } },
  );
}

/**
 * Two classes: 0 and 1 where there are no other labels, else the two that there are.
 *
 * @throws DataError `ERR_GYRE_DATA` for other numbers of labels.
 */
export function twoClasses(
  who: string,
  name: string,
  values: Float64Array,
  labels: Float64Array,
): Classes {
  if (labels.every((label) => label === 0 || label === 1)) {
    return { labels: BINARY, numbers: values };
  }
  if (labels.length !== 2) {
    throw new DataError(
      `${who}: column "${name}" must have rows of two classes, got ${labels.length}.`,
      { details: { who, column: name, expected: 2, got: labels.length } },
    );
  }
  return { labels, numbers: numbersOf(values, labels) };
}

/**
 * A class for each label.
 *
 * @throws DataError `ERR_GYRE_DATA` when all labels are the same.
 */
export function manyClasses(
  who: string,
  name: string,
  values: Float64Array,
  labels: Float64Array,
): Classes {
  if (labels.length < 2) {
    throw new DataError(
      `${who}: column "${name}" must have rows of two or more classes, got ${labels.length}.`,
      { details: { who, column: name, got: labels.length } },
    );
  }
  return { labels, numbers: numbersOf(values, labels) };
}

function numbersOf(values: Float64Array, labels: Float64Array): Float64Array {
  const numbers = new Map(Array.from(labels, (label, k) => [label, k]));
  const out = float64(values.length);
  for (let row = 0; row < values.length; row++) out[row] = numbers.get(values[row]!)!;
  return out;
}
