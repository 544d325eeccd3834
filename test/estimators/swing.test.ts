// @timeout 300
import { test } from 'uvu';
import { Swing, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkOperator, type OperatorCase } from './check-operator.js';

const ITEMS = 30;

/** Purchases of some users, eight each, on the whole; low items are bought more often. */
function purchases(rows: number, seed: number): Table {
  const random = seeded(seed);
  const users = Math.ceil(rows / 8);
  const user = BigInt64Array.from({ length: rows }, () => BigInt(random.below(users) - 5));
  const item = BigInt64Array.from({ length: rows }, () =>
    BigInt(Math.floor(random.unit() ** 2 * ITEMS) * 1_000_003),
  );
  return Table.fromColumns({ user, item });
}

/** A table with null in row 3. */
function withNull(name: string): Table {
  const table = purchases(200, 1);
  const cells = table.column(name).toArray() as unknown[];
  cells[3] = null;
  return table.withColumn(name, cells as never, 'int64');
}

const base: Omit<OperatorCase, 'name' | 'params'> = {
  Class: Swing as unknown as AnyStageClass,
  source: 'src/recommendation/swing.ts',
  table: purchases,
  manyRows: 4_000,
  wrong: { user: [1.5, 2], item: ['a', 'b'] },
  withNull: { user: withNull('user'), item: withNull('item') },
  fewestRows: 0,
};

checkOperator({
  ...base,
  name: 'Swing',
  params: { minUserBehavior: 2 },
  script: `
    const user = BigInt64Array.from({ length: 200000 }, (_, i) => BigInt(i % 9973));
    const item = BigInt64Array.from({ length: 200000 }, (_, i) => BigInt((i * i) % 1009));
    await new Swing().transform(Table.fromColumns({ user, item }));
    console.log('done');`,
});

checkOperator({
  ...base,
  name: 'Swing, few purchasers sampled',
  params: { minUserBehavior: 1, maxUserNumPerItem: 12, k: 4, alpha2: 1, seed: 5 },
});

test.run();
