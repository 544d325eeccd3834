import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HashingTF, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { wordLists } from '../estimators/texts.js';
import { murmur3Utf16, unitsOf } from '../reference/hashing.js';
import { rejectsError } from '../table/expect-error.js';
import { LAYOUTS } from './text/columns.js';

const floorMod = (hash: number, n: number): number => ((hash % n) + n) % n;
const slotOf = (word: string | null, n: number): number =>
  floorMod(word === null ? 0 : murmur3Utf16(unitsOf(word), word.length, 0), n);

/** The entries of a row, counted in a Map. */
function expected(words: readonly (string | null)[], n: number, binary: boolean): number[][] {
  const counts = new Map<number, number>();
  for (const word of words) {
    const slot = slotOf(word, n);
    counts.set(slot, binary ? 1 : (counts.get(slot) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

async function rowsOf(table: Table, params: object): Promise<number[][][]> {
  const output = (await new HashingTF(params).transform(table)).column('output', 'sparseVector');
  return Array.from(output, (vector) =>
    Array.from(vector!.indices, (index, i) => [index, vector!.values[i]!]),
  );
}

for (const [layout, make] of LAYOUTS) {
  test(
    `words are counted by their hashes, layout ${layout}`,
    readable(async () => {
      const long = Array.from({ length: 3000 }, (_, i) => `word ${i % 700}`);
      const lists = [...wordLists(60, 431), long, [null, '', 'a', null], []];
      for (const numFeatures of [1, 7, 512, 262_144, 2 ** 31 - 1]) {
        for (const binary of [false, true]) {
          const wanted = lists.map((words) => expected(words, numFeatures, binary));
          assert.equal(await rowsOf(make(lists), { numFeatures, binary }), wanted);
        }
      }
    }),
  );
}

test(
  'the type of the numbers decides their hash; null has the hash 0',
  readable(async () => {
    const slots = async (type: string) => {
      const table = Table.fromColumns(
        { input: [[1], [null]] },
        { input: `${type}[]` as 'int32[]' },
      );
      return (await rowsOf(table, { numFeatures: 1000 })).map(([entry]) => entry![0]);
    };
    const types = ['int32', 'int64', 'float32', 'float64'];
    const found = await Promise.all(types.map(slots));
    assert.is(new Set(found.map(([one]) => one)).size, 4);
    for (const [, none] of found) assert.is(none, 0);
  }),
);

test(
  'all NaN are one term, and 0 and -0 are two',
  readable(async () => {
    for (const [Floats, Words, ones] of [
      [Float64Array, BigUint64Array, [0x7ff8000000000000n, 0xfff8000000000001n]],
      [Float32Array, Uint32Array, [0x7fc00000, 0xffc00001]],
    ] as const) {
      const input = new Floats(4);
      new Words(input.buffer).set(ones as never);
      input.set([0, -0], 2);
      const type = Floats === Float64Array ? 'float64[]' : 'float32[]';
      const [entries] = await rowsOf(Table.fromColumns({ input: [input] }, { input: type }), {});
      assert.equal(entries!.map(([, count]) => count).sort(), [1, 1, 2]);
    }
  }),
);

test(
  'booleans are hashed as the integers 1 and 0',
  readable(async () => {
    const booleans = Table.fromColumns({ input: [[true, false, null]] }, { input: 'boolean[]' });
    const integers = Table.fromColumns({ input: [[1, 0, null]] }, { input: 'int32[]' });
    assert.equal(await rowsOf(booleans, {}), await rowsOf(integers, {}));
  }),
);

test(
  'lists of timestamps are refused',
  readable(async () => {
    const table = Table.fromColumns({ input: [[new Date(0)]] });
    const message = /"input" must be string\[\], .* or float64\[\], got timestamp\[\]/;
    await rejectsError(new HashingTF().transform(table), 'ERR_GYRE_SCHEMA', message);
  }),
);

test.run();
