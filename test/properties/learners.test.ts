// @timeout 120
/**
 * What is true of every model that learns from rows, whatever it learns.
 *
 * Where the order of rows matters by definition it is taken out of play: mini-batches are one batch
 * of all rows, and k-means is given its start.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Session, Table, type Vector } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import {
  LEARNERS,
  type Learner,
  otherRowsOf,
  rowsOf,
  type Setting,
  withZeros,
} from './learners.js';

const SEEDS = [101, 102];
const ROWS = 240;
const PROBES = 30;

/** What is learned from, how it is weighed, and where it is learned. */
interface Call extends Partial<Omit<Setting, 'rows'>> {
  readonly session?: Session;
}

/** Every number in the columns that a model adds to rows that it has not seen. */
async function answers(
  { make, zeros }: Learner,
  table: Table,
  seed: number,
  { weightCol = null, scale = 1, dim = 4, session }: Call = {},
): Promise<Float64Array> {
  const rows = rowsOf(PROBES, seed + 1000);
  const probes = dim === 4 ? rows : withZeros(rows);
  const estimator = make({ weightCol, scale, dim, rows: table.numRows });
  const model = await estimator.fit(table, { session });
  const output = (await model.transform(probes, { session })) as Table;
  const added = output.columnNames.filter((name) => !probes.columnNames.includes(name));
  assert.ok(added.length > 0, 'the model adds columns');
  const drop = zeros === 'entry' && dim > 4 ? 1 : 0;
  const numbers = Float64Array.from(
    added.flatMap((name) =>
      output
        .column(name)
        .toArray()
        .flatMap((cell) => {
          if (typeof cell === 'number' || typeof cell === 'bigint') return Number(cell);
          const { values } = (cell as Vector).toDense();
          return [...values.subarray(0, values.length - drop)];
        }),
    ),
  );
  assert.ok(numbers.every(Number.isFinite), `seed ${seed}: answers are finite`);
  return numbers;
}

function assertSame(
  got: Float64Array,
  wanted: Float64Array,
  { tolerance }: Learner,
  seed: number,
): void {
  assert.is(got.length, wanted.length, `seed ${seed}: numbers`);
  wanted.forEach((value, i) => {
    const bound = tolerance * Math.max(1, Math.abs(value));
    const close = Object.is(got[i], value) || Math.abs(got[i]! - value) <= bound;
    assert.ok(close, `seed ${seed}, number ${i}: got ${got[i]}, expected ${value} +- ${bound}`);
  });
}

/** All rows in another order. */
function shuffled(table: Table, seed: number): Table {
  const { below } = seeded(seed);
  const order = Int32Array.from({ length: table.numRows }, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return table.take(order);
}

/** Every row as many times as it weighs. */
function repeated(table: Table): Table {
  const { values } = table.column('weight', 'float64');
  return table.take(Int32Array.from([...values].flatMap((w, i) => new Array<number>(w).fill(i))));
}

function reweighed(table: Table, by: number): Table {
  const { values } = table.column('weight', 'float64');
  return table.withColumn('weight', Column.numeric(values.map((weight) => weight * by)));
}

/** Registers a test of a property with each seed. */
function holds(
  learner: Learner,
  sentence: string,
  body: (table: Table, seed: number) => Promise<void>,
): void {
  const run = async () => {
    for (const seed of SEEDS) await body(rowsOf(ROWS, seed), seed);
  };
  test(`${learner.name}: ${sentence}`, readable(run));
}

const weightCol = 'weight';

for (const learner of LEARNERS) {
  const check = async (
    seed: number,
    got: Promise<Float64Array>,
    wanted: Promise<Float64Array>,
  ): Promise<void> => assertSame(await got, await wanted, learner, seed);

  holds(learner, 'rows in another order change nothing but rounding', (table, seed) => {
    const other = shuffled(table, seed);
    return check(seed, answers(learner, other, seed), answers(learner, table, seed));
  });

  holds(learner, 'another table gives something else', async (table, seed) => {
    const other = await answers(learner, otherRowsOf(ROWS - 40, seed + 500), seed);
    const own = await answers(learner, table, seed);
    const moved = other.length !== own.length || own.some((value, i) => value !== other[i]);
    assert.ok(moved, `seed ${seed}: the answers are those of what was learned`);
  });

  if (learner.weighs) {
    holds(learner, 'a row that weighs 2 is two rows', (table, seed) =>
      check(
        seed,
        answers(learner, table, seed, { weightCol }),
        answers(learner, repeated(table), seed),
      ),
    );

    holds(learner, 'weights, all multiplied by 3.7, change nothing', (table, seed) =>
      check(
        seed,
        answers(learner, reweighed(table, 3.7), seed, { weightCol, scale: 3.7 }),
        answers(learner, table, seed, { weightCol }),
      ),
    );

    holds(learner, 'rows that weigh 0 change nothing', (table, seed) => {
      const nothing = reweighed(rowsOf(50, seed + 300), 0);
      const both = shuffled(Table.concat([table, nothing]), seed);
      return check(
        seed,
        answers(learner, both, seed, { weightCol }),
        answers(learner, table, seed, { weightCol }),
      );
    });
  }

  if (learner.zeros === 'nothing' || learner.zeros === 'entry') {
    holds(learner, 'a feature that is always 0 changes nothing', (table, seed) =>
      check(
        seed,
        answers(learner, withZeros(table), seed, { dim: 5 }),
        answers(learner, table, seed),
      ),
    );
  }
}

const sessions = [0, 1, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
});

/** More than a shard. */
const MANY_ROWS = 9_000;
const many = rowsOf(MANY_ROWS, SEEDS[0]!);

for (const learner of LEARNERS) {
  test(
    `${learner.name}: ${MANY_ROWS} rows give the same bits on 0, 1 and 2 threads`,
    readable(async () => {
      const all: Float64Array[] = [];
      for (const session of sessions) all.push(await answers(learner, many, 7, { session }));
      for (const [threads, got] of all.entries()) {
        const other = got.findIndex((value, i) => !Object.is(value, all[0]![i]));
        assert.is(got.length, all[0]!.length);
        assert.is(other, -1, `${threads} threads: number ${other} is another`);
      }
    }),
  );
}

test.run();
