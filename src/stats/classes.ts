/** Distinct numbers and their counts: labels, and values of categories. */

/** Distinct numbers, and which of them each row has. */
export interface Classes {
  /** Ascending, NaN last; 0 and -0 are one. */
  readonly labels: Float64Array;
  /** One index into `labels` a row. */
  readonly codes: Int32Array;
}

/** The distinct numbers of a column. */
export function classesOf(values: Float64Array): Classes {
  const seen = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    let code = seen.get(value);
    if (code === undefined) {
      code = seen.size;
      seen.set(value, code);
    }
    codes[row] = code;
  }
  // The keys of a map have no -0.
  const labels = Float64Array.from(seen.keys()).sort();
  const rank = new Int32Array(labels.length);
  labels.forEach((label, i) => {
    rank[seen.get(label)!] = i;
  });
  return { labels, codes: codes.map((code) => rank[code]!) };
}

/** Two ascending lists as one. */
export interface Merged {
  /** The distinct numbers of both, ascending. */
  readonly union: Float64Array;
  /** Where in the union each number of the first list is. */
  readonly ofA: Int32Array;
  readonly ofB: Int32Array;
}

/** Merges two lists of distinct numbers, each ascending with NaN last. */
export function mergeAscending(a: Float64Array, b: Float64Array): Merged {
  const union = new Float64Array(a.length + b.length);
  const ofA = new Int32Array(a.length);
  const ofB = new Int32Array(b.length);
  let n = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; n++) {
    const order = i === a.length ? 1 : j === b.length ? -1 : compareNumbers(a[i]!, b[j]!);
    union[n] = order <= 0 ? a[i]! : b[j]!;
    if (order <= 0) ofA[i++] = n;
    if (order >= 0) ofB[j++] = n;
  }
  return { union: union.slice(0, n), ofA, ofB };
}

/** Ascending, NaN last and equal to itself. */
export function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
