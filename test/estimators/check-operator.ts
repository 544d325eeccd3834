/**
 * The battery for stages that make tables of a whole table: tests, evaluators, splitters. A test file
 * describes its stage as an {@link OperatorCase} and calls {@link checkOperator}, which registers the
 * tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Session, type StageOptions, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { rejectsError } from '../table/expect-error.js';
import { checkParams, checkScripts } from './check.js';
import { digestOfTable } from './digest.js';
import { threadsOfJobs } from './job-threads.js';

/** What an operator gives: a table, or several. */
type Output = Table | readonly Table[];

interface AnyOperator {
  readonly params: Readonly<Record<string, unknown>>;
  transform(table: Table, options?: StageOptions): Promise<Output>;
}

/** What the battery has to know of a stage. */
export interface OperatorCase {
  /** Tells cases of one class apart. */
  readonly name: string;
  readonly Class: AnyStageClass;
  /** The source file of the class, for its examples. */
  readonly source: string;
  readonly params: object;
  /** A table that the stage takes: from a seed, the same every time. */
  readonly table: (rows: number, seed: number) => Table;
  /** Enough rows to leave the calling thread; 0: it never does. */
  readonly manyRows: number;
  /** Columns that are read, each with a column of a wrong type. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
  /** Tables with null in what is read, by column; empty where null means something. */
  readonly withNull: Readonly<Record<string, Table>>;
  /** A table with NaN, and whether it is refused. */
  readonly nan?: { readonly table: Table; readonly refused: boolean };
  /** The fewest rows that it takes; 0: a table without rows too. */
  readonly fewestRows: number;
  /** A script that transforms many rows on the default session, and prints `done`. */
  readonly script?: string;
}

const FEW_ROWS = 200;
const SEED = 20;
const THREADS = [0, 1, 2, 3];

interface Context {
  readonly stage: OperatorCase;
  /** Of 0, 1, 2 and 3 threads. */
  readonly sessions: readonly Session[];
  readonly newPath: () => string;
  readonly it: (sentence: string, body: () => void | Promise<void>) => void;
}

/** Registers the tests of a stage. */
export function checkOperator(stage: OperatorCase): void {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-operators-'));
  const sessions = THREADS.map((threads) => new Session({ threads, inlineWork: 0 }));
  test.after(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    rmSync(folder, { recursive: true });
  });
  let paths = 0;
  const context: Context = {
    stage,
    sessions,
    newPath: () => join(folder, String(paths++)),
    it: (sentence, body) => test(`${stage.name}: ${sentence}`, readable(body)),
  };
  checkParams(context);
  checkResults(context);
  checkSaved(context);
  checkInputs(context);
  checkAbort(context);
  checkScripts(context);
}

function make({ Class, params }: OperatorCase): AnyOperator {
  return new Class(params) as unknown as AnyOperator;
}

const tablesOf = (output: Output): readonly Table[] =>
  output instanceof Table ? [output] : output;

async function run(
  stage: OperatorCase,
  table: Table,
  options: StageOptions = {},
): Promise<readonly Table[]> {
  return tablesOf(await make(stage).transform(table, options));
}

async function digestOfRun(
  stage: OperatorCase,
  table: Table,
  options: StageOptions = {},
): Promise<string> {
  return (await run(stage, table, options)).map(digestOfTable).join();
}

function checkResults({ stage, sessions, it }: Context): void {
  const few = stage.table(FEW_ROWS, SEED);
  const sizes = stage.manyRows > 0 ? [FEW_ROWS, stage.manyRows] : [FEW_ROWS];

  it('inputs are left as they were, to the byte', async () => {
    for (const rows of sizes) {
      const table = stage.table(rows, SEED);
      const before = digestOfTable(table);
      await digestOfRun(stage, table, { session: sessions[2] });
      assert.is(digestOfTable(table), before, `${rows} rows`);
    }
  });

  it('two runs give the same bits, of one stage and of two', async () => {
    const operator = make(stage);
    const digests = [await digestOfRun(stage, few)];
    for (let run = 0; run < 2; run++) {
      digests.push(
        tablesOf(await operator.transform(few))
          .map(digestOfTable)
          .join(),
      );
    }
    assert.is(new Set(digests).size, 1);
  });

  it('another table gives another result', async () => {
    const other = stage.table(FEW_ROWS, SEED + 1);
    assert.is.not(await digestOfRun(stage, few), await digestOfRun(stage, other));
  });

  for (const rows of sizes) {
    it(`${rows} rows give the same bits on ${THREADS.join(', ')} threads`, async () => {
      const table = stage.table(rows, SEED);
      const digests: string[] = [];
      for (const session of sessions) digests.push(await digestOfRun(stage, table, { session }));
      assert.is(new Set(digests).size, 1);
    });
  }

  if (stage.manyRows > 0) {
    it('many rows run on the workers, so that the test above means something', async () => {
      const table = stage.table(stage.manyRows, SEED);
      const threads = await threadsOfJobs((session) => digestOfRun(stage, table, { session }));
      assert.ok(threads.length > 0);
      assert.not(threads.includes(0));
    });
  }

  it('a slice gives what a copy of it gives', async () => {
    const slice = few.slice(7, 150);
    const copy = Table.concat([slice.slice(0, 60), slice.slice(60)]);
    assert.is(await digestOfRun(stage, slice), await digestOfRun(stage, copy));
  });

  it('calls at the same time do not disturb each other', async () => {
    const session = sessions[2];
    const tables = [1, 2, 3].map((seed) => stage.table(FEW_ROWS, seed));
    const alone: string[] = [];
    for (const table of tables) alone.push(await digestOfRun(stage, table, { session }));
    const together = tables.map((table) => digestOfRun(stage, table, { session }));
    assert.equal(await Promise.all(together), alone);
  });
}

function checkSaved({ stage, newPath, it }: Context): void {
  it('a saved and loaded stage has the same params and gives the same bits', async () => {
    const few = stage.table(FEW_ROWS, SEED);
    const path = newPath();
    const made = new stage.Class(stage.params);
    await made.save(path);
    const loaded = await stage.Class.load(path);
    assert.instance(loaded, stage.Class);
    assert.equal(loaded.params, made.params);
    const again = tablesOf(await (loaded as unknown as AnyOperator).transform(few));
    assert.is(again.map(digestOfTable).join(), await digestOfRun(stage, few));
  });
}

function checkInputs({ stage, it }: Context): void {
  const { wrong, withNull, nan, fewestRows } = stage;
  const few = stage.table(FEW_ROWS, SEED);

  for (const [column, values] of Object.entries(wrong)) {
    it(`a table without "${column}" is refused, naming it`, async () => {
      const without = few.select(few.columnNames.filter((name) => name !== column));
      await rejectsError(run(stage, without), 'ERR_GYRE_SCHEMA', new RegExp(`"${column}"`));
    });

    it(`"${column}" of another type is refused, naming both types`, async () => {
      const cells = Array.from({ length: FEW_ROWS }, (_, i) => values[i % values.length]);
      const table = few.withColumn(column, cells);
      const got = table.schema[column]!.replace('[]', '\\[\\]');
      const message = new RegExp(`"${column}" must be .*, got ${got}`);
      await rejectsError(run(stage, table), 'ERR_GYRE_SCHEMA', message);
    });
  }

  for (const [column, table] of Object.entries(withNull)) {
    it(`null in "${column}" is refused, naming column and row`, async () => {
      const message = new RegExp(`"${column}" must not have null, got null in row \\d+`);
      await rejectsError(run(stage, table), 'ERR_GYRE_DATA', message);
    });
  }

  if (nan?.refused) {
    it('NaN is refused, naming where it is', async () => {
      await rejectsError(run(stage, nan.table), 'ERR_GYRE_DATA', /got NaN in row \d+/);
    });
  } else if (nan !== undefined) {
    it('NaN is taken, and gives tables of the same schema', async () => {
      const schemas = (tables: readonly Table[]) => tables.map(({ schema }) => schema);
      assert.equal(schemas(await run(stage, nan.table)), schemas(await run(stage, few)));
    });
  }

  it(`${fewestRows} rows are taken and no fewer, and it says so`, async () => {
    const schemas = (tables: readonly Table[]) => tables.map(({ schema }) => schema);
    const outputs = await run(stage, few.slice(0, fewestRows));
    assert.equal(schemas(outputs), schemas(await run(stage, few)));
    for (let rows = 0; rows < fewestRows; rows++) {
      const table = few.slice(0, rows);
      await rejectsError(run(stage, table), 'ERR_GYRE_DATA', /must (have|be) (at least|more)/);
    }
  });

  it('what is no table is refused', async () => {
    const message = /\.transform takes a Table, got /;
    for (const input of [null, [], {}]) {
      await rejectsError(run(stage, input as never), 'ERR_GYRE_INVALID_PARAM', message);
    }
  });
}

function checkAbort({ stage, sessions, it }: Context): void {
  const few = stage.table(FEW_ROWS, SEED);

  /** The session must do afterwards what it did before. */
  const usable = async (session: Session | undefined, expected: string) => {
    assert.is(await digestOfRun(stage, few, { session }), expected, 'the session is usable');
  };

  it('a signal that is aborted already stops the call, with its reason as cause', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    for (const session of [sessions[0], sessions[2]]) {
      const expected = await digestOfRun(stage, few, { session });
      const call = run(stage, few, { session, signal });
      const error = await rejectsError(call, 'ERR_GYRE_ABORTED', / was aborted\.$/);
      assert.is(error.cause, reason);
      await usable(session, expected);
    }
  });

  if (stage.manyRows === 0) return;
  const many = stage.table(stage.manyRows, SEED);

  it('a signal aborted while the job is on its way stops it, and the session goes on', async () => {
    const session = sessions[2];
    const expected = await digestOfRun(stage, few, { session });
    const controller = new AbortController();
    const running = run(stage, many, { session, signal: controller.signal });
    controller.abort();
    await rejectsError(running, 'ERR_GYRE_ABORTED', / was aborted\.$/);
    await usable(session, expected);
  });

  it('a signal aborted at any time gives the result or the error, and nothing else', async () => {
    const session = sessions[2];
    const [expected, whole] = [
      await digestOfRun(stage, few, { session }),
      await digestOfRun(stage, many, { session }),
    ];
    for (const delayMs of [0, 1, 2, 5, 10, 20]) {
      const signal = AbortSignal.timeout(delayMs);
      const [outcome] = await Promise.allSettled([digestOfRun(stage, many, { session, signal })]);
      if (outcome.status === 'fulfilled') assert.is(outcome.value, whole);
      else assert.is((outcome.reason as { code?: string }).code, 'ERR_GYRE_ABORTED');
      await usable(session, expected);
    }
  });
}
