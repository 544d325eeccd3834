/** Columns for tests of text stages. */
import { Column, Table } from '../../../src/index.js';

type Words = readonly (readonly (string | null)[] | null)[];

/** Lists of words in UTF-8. */
export function listsOf(lists: Words): Table {
  return Table.fromColumns({ input: lists }, { input: 'string[]' });
}

/** Lists of words in a dictionary, whose labels come twice and whose first one no row has. */
export function dictionaryListsOf(lists: Words): Table {
  const words = [...new Set(lists.flatMap((list) => list ?? []))].filter((word) => word !== null);
  const labels = ['unused', ...words, ...words];
  const offsets = new Int32Array(lists.length + 1);
  const codes: number[] = [];
  lists.forEach((list, i) => {
    for (const word of list ?? []) {
      const at = word === null ? -1 : words.indexOf(word) + 1;
      // Every other time the second of two equal labels.
      codes.push(at > 0 && codes.length % 2 === 0 ? at + words.length : at);
    }
    offsets[i + 1] = codes.length;
  });
  const child = Column.dictionary(Int32Array.from(codes), labels);
  return Table.fromColumns({ input: Column.list(offsets, child) });
}

/** As a slice of a longer table, so that offsets do not begin at 0 nor bitmaps at a byte. */
export function sliceOf(lists: Words): Table {
  const longer = [['before', null, 'x'], ['y'], [], ...lists, ['after']];
  return listsOf(longer).slice(3, 3 + lists.length);
}

/** The same lists in every layout. */
export const LAYOUTS: readonly (readonly [string, (lists: Words) => Table])[] = [
  ['utf8', listsOf],
  ['dictionary', dictionaryListsOf],
  ['slice', sliceOf],
];
