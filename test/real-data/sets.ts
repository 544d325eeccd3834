/** The data sets of these tests, and how their rows are split. */
import { readFileSync } from 'node:fs';
import { Column, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';

/** Rows to learn from, and rows that are kept back to be predicted. */
export interface Split {
  readonly known: Table;
  readonly unknown: Table;
}

interface StoredSet {
  readonly dim: number;
  /** All numbers, row by row; or rows of one character a number, to base 17. */
  readonly features: readonly (number | string)[];
  readonly label: readonly number[];
}

/** What stands in a JSON file of the tests' sources. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../test/${path}`, import.meta.url), 'utf8'));
}

type Sets = Readonly<Record<string, StoredSet>>;

/** Sets that other tests have whole are not stored twice. */
const SETS: Sets = {
  ...(readJson('golden/linear.json') as { readonly sets: Sets }).sets,
  ...(readJson('real-data/sets.json') as { readonly sets: Sets }).sets,
};

const SPLIT_SEED = 97;
const HELD_OUT = 0.3;

/** Splits a table as held_out() of answers.py does. */
export function split(table: Table): Split {
  const { unit } = seeded(SPLIT_SEED);
  const isHeld = Array.from({ length: table.numRows }, () => unit() < HELD_OUT);
  const rows = Int32Array.from(isHeld.keys());
  return {
    known: table.take(rows.filter((row) => !isHeld[row])),
    unknown: table.take(rows.filter((row) => isHeld[row])),
  };
}

/** A set of `sets.json` or of `golden/linear.json`: `features` and `label`. */
export function loadSet(name: string): Split {
  const { dim, features, label } = SETS[name]!;
  const numbers = features.flatMap((value) =>
    typeof value === 'number' ? value : Array.from(value, (c) => Number.parseInt(c, 17)),
  );
  return split(
    Table.fromColumns({
      features: Column.dense(Float64Array.from(numbers), dim),
      label: Float64Array.from(label),
    }),
  );
}
