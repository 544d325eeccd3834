import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { javaDoubleText } from '../../src/core/java-text.js';
import { JavaRandom } from '../../src/core/random.js';
import { Session, Swing, type SwingParams, Table } from '../../src/index.js';
import { itemsOfUsers, purchasersOfItems } from '../../src/recommendation/behavior.js';
import { idsOf } from '../../src/recommendation/id-codes.js';
import { TopItems } from '../../src/recommendation/top-items.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

type Purchase = readonly [user: bigint, item: bigint];

function tableOf(purchases: readonly Purchase[]): Table {
  return Table.fromColumns({
    user: BigInt64Array.from(purchases, ([user]) => user),
    item: BigInt64Array.from(purchases, ([, item]) => item),
  });
}

function madeFrom(seed: number, rows: number, users: number, items: number): Purchase[] {
  const random = seeded(seed);
  return Array.from({ length: rows }, () => {
    const user = BigInt(random.below(users));
    return [user, BigInt(Math.floor(random.unit() ** 2 * items))];
  });
}

const byNumber = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Swing as its formula says it, pair by pair, with sets. Rows as `[item, text]`. */
function bySets(purchases: readonly Purchase[], params: SwingParams): [bigint, string][] {
  const itemsOf = new Map<bigint, Set<bigint>>();
  for (const [user, item] of purchases) {
    itemsOf.set(user, (itemsOf.get(user) ?? new Set()).add(item));
  }
  const users = [...itemsOf.keys()].sort(byNumber).filter((user) => {
    const { size } = itemsOf.get(user)!;
    return size >= params.minUserBehavior && size <= params.maxUserBehavior;
  });
  const weight = (user: bigint) => 1 / (params.alpha1 + itemsOf.get(user)!.size) ** params.beta;
  const items = [...new Set(purchases.map(([, item]) => item))].sort(byNumber);
  const rows: [bigint, string][] = [];
  for (const item of items) {
    const purchasers: bigint[] = [];
    const random = new JavaRandom(params.seed!);
    let before = 0;
    for (const user of users) {
      if (!itemsOf.get(user)!.has(item)) continue;
      const place = before < params.maxUserNumPerItem ? before : random.nextInt(before);
      before++;
      if (place < params.maxUserNumPerItem) purchasers[place] = user;
    }
    const scores = new Map<bigint, number>();
    purchasers.forEach((u, i) => {
      for (const v of purchasers.slice(i + 1)) {
        const common = [...itemsOf.get(u)!].filter((other) => itemsOf.get(v)!.has(other));
        const share = (weight(u) * weight(v)) / (params.alpha2 + common.length);
        for (const other of common) {
          if (other !== item) scores.set(other, (scores.get(other) ?? 0) + share);
        }
      }
    });
    const best = [...scores].sort(([a, p], [b, q]) => q - p || byNumber(a, b)).slice(0, params.k);
    if (best.length === 0) continue;
    rows.push([item, best.map(([other, score]) => `${other},${javaDoubleText(score)}`).join(';')]);
  }
  return rows;
}

function rowsOf(table: Table): [bigint, string][] {
  const texts = table.column('output').toArray() as string[];
  return Array.from(table.column('item', 'int64').values, (item, i) => [item, texts[i]!]);
}

const CASES: readonly (readonly [
  rows: number,
  users: number,
  items: number,
  Partial<SwingParams>,
])[] = [
  [300, 20, 12, { minUserBehavior: 1 }],
  [300, 20, 12, { minUserBehavior: 3, maxUserBehavior: 9, alpha1: 0, alpha2: 2, beta: 1.5 }],
  [600, 60, 25, { minUserBehavior: 2, maxUserNumPerItem: 7, k: 3 }],
  [900, 200, 40, { minUserBehavior: 1, maxUserNumPerItem: 1 }],
  [900, 9, 300, { minUserBehavior: 1, beta: 0, seed: -3 }],
];

CASES.forEach(([rows, users, items, params], i) => {
  test(`case ${i} gives, to the digit, what the formula gives pair by pair`, async () => {
    const purchases = madeFrom(500 + i, rows, users, items);
    const swing = new Swing(params);
    const expected = bySets(purchases, swing.params);
    const output = await swing.transform(tableOf(purchases));
    assert.equal(rowsOf(output), expected);
    assert.ok(params.maxUserNumPerItem === 1 ? expected.length === 0 : expected.length > 5);
  });
});

test('the order of rows, and purchases that come again, do not matter', async () => {
  const purchases = madeFrom(510, 700, 60, 25);
  const swing = new Swing({ minUserBehavior: 2, maxUserNumPerItem: 9 });
  const expected = rowsOf(await swing.transform(tableOf(purchases)));
  const random = seeded(511);
  const shuffled = [...purchases, ...purchases.slice(0, 50)]
    .map((purchase) => [random.unit(), purchase] as const)
    .sort(([a], [b]) => a - b)
    .map(([, purchase]) => purchase);
  assert.equal(rowsOf(await swing.transform(tableOf(shuffled))), expected);
});

test('ids beyond 2^53 and below zero are told apart, and ascend', async () => {
  const ids = [-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n];
  const purchases = ids.flatMap((item) => [
    [-(2n ** 60n), item] as const,
    [2n ** 60n + 1n, item] as const,
  ]);
  const output = await new Swing({ minUserBehavior: 1, k: 1 }).transform(tableOf(purchases));
  assert.equal([...output.column('item', 'int64').values], ids);
  // All scores are equal: the smallest other item is given.
  const texts = output.column('output').toArray() as string[];
  assert.equal(
    texts.map((text) => text.split(',')[0]),
    [String(ids[1]), ...new Array(5).fill(String(ids[0]))],
  );
});

test('distinct ids are found whatever their bits are', () => {
  const random = seeded(520);
  const pool = Array.from({ length: 3_000 }, (_, i) =>
    i % 3 === 0
      ? BigInt(i) << 32n
      : BigInt.asIntN(64, BigInt(random.below(2 ** 31)) << BigInt(i % 60)),
  );
  const values = BigInt64Array.from({ length: 9_000 }, () => pool[random.below(pool.length)]!);
  const { distinct, codes } = idsOf(values);
  assert.equal([...distinct], [...new Set(values)].sort(byNumber));
  assert.ok(codes.every((code, row) => distinct[code] === values[row]));
});

test('users with too few or too many distinct items are left out', () => {
  const users = Int32Array.of(0, 0, 0, 1, 2, 2, 2, 2, 3, 3);
  const items = Int32Array.of(4, 1, 4, 2, 0, 1, 2, 3, 3, 0);
  const range = { minUserBehavior: 2, maxUserBehavior: 3 };
  const { offsets, values } = itemsOfUsers(users, 4, items, 5, range);
  assert.equal([...offsets], [0, 2, 4]);
  assert.equal([...values.subarray(0, 4)], [1, 4, 0, 3]);
});

test('a sample holds purchasers of the item, no more than asked, each once', () => {
  const [users, items, most] = [400, 3, 25];
  const all = Int32Array.from({ length: users * items }, (_, i) => Math.floor(i / items));
  const bought = itemsOfUsers(
    all,
    users,
    Int32Array.from(all, (_, i) => i % items),
    items,
    {
      minUserBehavior: 1,
      maxUserBehavior: items,
    },
  );
  const late: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const { offsets, values } = purchasersOfItems(bought, items, most, seed);
    assert.equal([...offsets], [0, most, 2 * most, 3 * most]);
    const sample = values.subarray(0, most);
    assert.is(new Set(sample).size, most);
    late.push(sample.filter((user) => user >= users / 2).length / most);
  }
  // Half of the purchasers are late ones: 1000 draws, a standard deviation of 0.016.
  const share = late.reduce((sum, part) => sum + part) / late.length;
  assert.ok(Math.abs(share - 0.5) < 0.08, `${share} of the samples are late purchasers`);
});

test('the best of many are kept in order, whatever the ties', () => {
  const random = seeded(530);
  for (let round = 0; round < 200; round++) {
    const n = 1 + random.below(30);
    const k = 1 + random.below(12);
    const scores = Array.from({ length: n }, () => random.below(5));
    const top = new TopItems(k, n);
    const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, k);
    for (const item of [...scores.keys()].sort(() => random.unit() - 0.5)) {
      top.offer(item, scores[item]!);
    }
    const { items, scores: kept } = top.take();
    assert.equal([...items], order, `round ${round}`);
    assert.equal(
      [...kept],
      order.map((item) => scores[item]!),
    );
    assert.is(top.take().items.length, 0);
  }
});

test('small and large scores are written as Java writes them', async () => {
  const purchases = [0n, 1n].flatMap(
    (user) =>
      [
        [user, 1n],
        [user, 2n],
      ] as const,
  );
  const transform = async (params: Partial<SwingParams>) =>
    rowsOf(await new Swing({ minUserBehavior: 1, ...params }).transform(tableOf(purchases)))[0];
  assert.equal(await transform({ beta: 2, alpha1: 8 }), [1n, '2,5.0E-5']);
  assert.equal(await transform({ beta: 0 }), [1n, '2,0.5']);
});

test('a table without rows, or without pairs, gives a table without rows', async () => {
  const schema = { item: 'int64', output: 'string' };
  for (const purchases of [
    [],
    [[1n, 1n]],
    [
      [1n, 1n],
      [1n, 2n],
    ],
  ] as Purchase[][]) {
    const output = await new Swing({ minUserBehavior: 1 }).transform(tableOf(purchases));
    assert.is(output.numRows, 0);
    assert.equal(output.schema, schema);
  }
});

test('names of columns are those asked for, and must differ', async () => {
  const table = Table.fromColumns({
    who: BigInt64Array.of(0n, 0n, 1n, 1n),
    what: BigInt64Array.of(5n, 6n, 5n, 6n),
  });
  const names = { userCol: 'who', itemCol: 'what', outputCol: 'near', minUserBehavior: 1 };
  assert.equal((await new Swing(names).transform(table)).columnNames, ['what', 'near']);
  throwsError(
    () => new Swing({ outputCol: 'item' }),
    'ERR_GYRE_INVALID_PARAM',
    /^Swing\.outputCol must be another column than itemCol, got "item" for both\.$/,
  );
});

test('numbers that are no int64 are refused, as in Flink ML', async () => {
  const table = Table.fromColumns({ user: [1, 2], item: BigInt64Array.of(1n, 2n) });
  await rejectsError(
    new Swing().transform(table),
    'ERR_GYRE_SCHEMA',
    /^Swing\.transform: column "user" must be int64, got float64\.$/,
  );
});

test('many purchases on threads and here give the same bits, and progress is told', async () => {
  const purchases = madeFrom(540, 20_000, 1_500, 200);
  const table = tableOf(purchases);
  const outputs: [bigint, string][][] = [];
  const told: number[] = [];
  for (const threads of [0, 2]) {
    const session = new Session({ threads });
    const onProgress = ({ rows }: { rows: number }) => told.push(rows);
    const swing = new Swing({ maxUserNumPerItem: 50, k: 5 });
    outputs.push(rowsOf(await swing.transform(table, { session, onProgress })));
    await session.close();
  }
  assert.equal(outputs[1], outputs[0]);
  assert.is(outputs[0]!.length, 200);
  assert.equal(told, [20_000, 20_000]);
});

test.run();
