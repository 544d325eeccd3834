/**
 * The battery: what users may rely on for every stage. A test file describes its stage as a
 * {@link StageCase} and calls {@link checkStage}, which registers the tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadServable, Session, type StageOptions, Table, TableStream } from '../../src/index.js';
import { OnlineModel } from '../../src/online/online-model.js';
import type { Transformer } from '../../src/stage/stage.js';
import { readable } from '../conformance/readable.js';
import type { AnyModel, AnyStage, AnyStageClass } from '../conformance/stages.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { digestOfCell, digestOfData, digestOfTable } from './digest.js';
import { examplesOf, promised, runScript, withoutSpace } from './examples.js';
import { threadsOfJobs } from './job-threads.js';

/** A param as a stage's table has it. */
interface AnyParam {
  readonly default: unknown;
  readonly invalid: readonly unknown[];
}

/** What the battery has to know of a stage. */
export interface StageCase {
  /** Tells cases of one class apart. */
  readonly name: string;
  readonly Class: AnyStageClass;
  /** The class that `fit` gives; absent for stages that learn nothing. */
  readonly ModelClass?: AnyStageClass;
  /** The source file of the class, for its examples. */
  readonly source: string;
  readonly params: object;
  /** A table that the stage can learn from and transform: from a seed, the same every time. */
  readonly table: (rows: number, seed: number) => Table;
  /** Enough rows for fit and transform to leave the calling thread; 0: they never do. */
  readonly manyRows: number;
  /** Learns to the end; by default `fit`. */
  readonly fit?: (estimator: AnyStage, table: Table, options: StageOptions) => Promise<AnyModel>;
  /** Columns that are read, each with a column of a wrong type. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
  /** Those of them that only `fit` reads. */
  readonly onlyFit?: readonly string[];
  /** A table with null in what is read, or none where null means something. */
  readonly withNull?: Table;
  /** A table whose vectors have another size, for `transform`. */
  readonly otherSize?: Table;
  /** A table with NaN, and whether it is refused. */
  readonly nan?: { readonly table: Table; readonly refused: boolean };
  /** The fewest rows that `fit` takes. */
  readonly fewestRows: number;
  /** A script that learns from many rows on the default session, and prints `done`. */
  readonly script?: string;
}

const FEW_ROWS = 200;
const SEED = 20;
const THREADS = [0, 1, 2, 3];

/** Registers the tests of a stage. */
export function checkStage(stage: StageCase): void {
  const { name } = stage;
  const folder = mkdtempSync(join(tmpdir(), 'gyre-estimators-'));
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
    it: (sentence, body) => test(`${name}: ${sentence}`, readable(body)),
  };
  checkParams(context);
  checkResults(context);
  checkSaved(context);
  checkServable(context);
  checkInputs(context);
  checkAbort(context);
  checkScripts(context);
}

interface Context {
  readonly stage: StageCase;
  /** Of 0, 1, 2 and 3 threads. */
  readonly sessions: readonly Session[];
  readonly newPath: () => string;
  readonly it: (sentence: string, body: () => void | Promise<void>) => void;
}

interface ParamsContext extends Pick<Context, 'it'> {
  readonly stage: Pick<StageCase, 'Class' | 'ModelClass' | 'params'>;
}

interface ScriptsContext extends Pick<Context, 'it'> {
  readonly stage: Pick<StageCase, 'Class' | 'source' | 'script'>;
}

/** The stage that transforms: the model that was fitted, or the stage itself. */
async function fitted(
  { Class, ModelClass, params, fit }: StageCase,
  table: Table,
  options: StageOptions = {},
): Promise<AnyStage> {
  const made = new Class(params);
  if (ModelClass === undefined) return made;
  return fit === undefined ? made.fit(table, options) : fit(made, table, options);
}

/** What a stage does with a table, as a digest of model and output. */
async function digestOfRun(
  stage: StageCase,
  table: Table,
  options: StageOptions = {},
): Promise<string> {
  const model = await fitted(stage, table, options);
  const output = digestOfTable(await model.transform(table, options));
  return stage.ModelClass === undefined
    ? output
    : digestOfData((model as AnyModel).modelData) + output;
}

/** The tests of params, of stages of every kind. */
export function checkParams({ stage, it }: ParamsContext): void {
  const { Class, ModelClass, params } = stage;
  const classes: readonly (readonly [AnyStageClass, object])[] = [
    [Class, params],
    ...(ModelClass === undefined ? [] : [[ModelClass, {}] as const]),
  ];
  for (const [Owner, others] of classes) {
    const table = Owner.params as Readonly<Record<string, AnyParam>>;

    it(`each invalid value of a param of ${Owner.className} names it and its owner`, () => {
      for (const [param, { invalid }] of Object.entries(table)) {
        assert.ok(invalid.length > 0, `${param} has invalid values`);
        for (const value of invalid) {
          const construct = () => new Owner({ ...others, [param]: value });
          const message = new RegExp(`^${Owner.className}\\.${param} must be .*, got `);
          throwsError(construct, 'ERR_GYRE_INVALID_PARAM', message);
        }
      }
    });

    it(`params of ${Owner.className} that are not given have their defaults, frozen`, () => {
      const made = new Owner(others);
      assert.ok(Object.isFrozen(made.params));
      assert.equal(Object.keys(made.params), Object.keys(table));
      for (const [param, { default: fallback }] of Object.entries(table)) {
        if (!(param in others)) assert.equal(made.params[param], fallback, param);
      }
    });

    it(`a param that ${Owner.className} does not have is refused, whatever its name`, () => {
      for (const name of ['nope', 'toString', 'constructor', '__proto__']) {
        const options = JSON.parse(`{ ${JSON.stringify(name)}: 1 }`) as object;
        const message = new RegExp(`^${Owner.className} has no param "${name}"; it has `);
        throwsError(
          () => new Owner({ ...others, ...options, [name]: 1 }),
          'ERR_GYRE_INVALID_PARAM',
          message,
        );
      }
    });
  }
}

function checkResults({ stage, sessions, it }: Context): void {
  const few = stage.table(FEW_ROWS, SEED);
  const sizes = stage.manyRows > 0 ? [FEW_ROWS, stage.manyRows] : [FEW_ROWS];

  it('input columns are kept in order and in place, and new ones follow', async () => {
    const output = await (await fitted(stage, few)).transform(few);
    assert.equal(output.columnNames.slice(0, few.columnNames.length), [...few.columnNames]);
    assert.ok(output.columnNames.length > few.columnNames.length);
    for (const name of few.columnNames) assert.is(output.column(name), few.column(name), name);
  });

  it('inputs are left as they were, to the byte', async () => {
    for (const rows of sizes) {
      const table = stage.table(rows, SEED);
      const before = digestOfTable(table);
      await digestOfRun(stage, table, { session: sessions[2] });
      assert.is(digestOfTable(table), before, `${rows} rows`);
    }
  });

  it('two runs give the same bits', async () => {
    assert.is(await digestOfRun(stage, few), await digestOfRun(stage, few));
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
    // The columns of the input may differ in what lies behind nulls.
    const added = async (table: Table) => {
      const output = await (await fitted(stage, table)).transform(table);
      return digestOfTable(output.select(output.columnNames.slice(few.columnNames.length)));
    };
    assert.is(await added(slice), await added(copy));
  });

  it('a stream of batches gives what the table gives', async () => {
    const model = await fitted(stage, few);
    const whole = await model.transform(few);
    const batches = [few.slice(0, 1), few.slice(1, 64), few.slice(64, 64), few.slice(64)];
    const streamed = transformStream(model, TableStream.from(batches));
    assert.instance(streamed, TableStream);
    const outputs: Table[] = [];
    for await (const output of streamed) outputs.push(output);
    assert.equal(
      outputs.map(({ numRows }) => numRows),
      batches.map(({ numRows }) => numRows),
    );
    assert.is(digestOfTable(Table.concat(outputs)), digestOfTable(Table.concat([whole])));
  });

  if (stage.ModelClass !== undefined && stage.fit === undefined) {
    it('what is learned from a stream of batches is what is learned from the table', async () => {
      const learn = async (input: Table | TableStream, session?: Session) => {
        const model = await new stage.Class(stage.params).fit(input, { session });
        if (model instanceof OnlineModel) await model.completed();
        return digestOfData(model.modelData);
      };
      const whole = await learn(few);
      for (const cuts of [[0], [1, 64, 64], [199]]) {
        const ends = [...cuts, FEW_ROWS];
        const batches = ends.map((end, i) => few.slice(ends[i - 1] ?? 0, end));
        assert.is(await learn(TableStream.from(batches), sessions[2]), whole, `cut at ${cuts}`);
      }
    });
  }

  it('calls at the same time do not disturb each other', async () => {
    const session = sessions[2];
    const tables = [1, 2, 3].map((seed) => stage.table(FEW_ROWS, seed));
    const alone: string[] = [];
    for (const table of tables) alone.push(await digestOfRun(stage, table, { session }));
    const together = tables.map((table) => digestOfRun(stage, table, { session }));
    assert.equal(await Promise.all(together), alone);
  });
}

function transformStream(stage: AnyStage, stream: TableStream): TableStream {
  return (stage as unknown as { transform(stream: TableStream): TableStream }).transform(stream);
}

function checkSaved({ stage, newPath, it }: Context): void {
  const few = stage.table(FEW_ROWS, SEED);

  it('a saved and loaded stage has the same params', async () => {
    const path = newPath();
    const made = new stage.Class(stage.params);
    await made.save(path);
    const loaded = await stage.Class.load(path);
    assert.instance(loaded, stage.Class);
    assert.equal(loaded.params, made.params);
  });

  it('what was loaded transforms to the same bits as what was saved', async () => {
    const path = newPath();
    const model = await fitted(stage, few);
    await model.save(path);
    const loaded = await (model.constructor as unknown as AnyStageClass).load(path);
    assert.equal(loaded.params, model.params);
    const [before, after] = [await model.transform(few), await loaded.transform(few)];
    assert.is(digestOfTable(after), digestOfTable(before));
    if (stage.ModelClass === undefined) return;
    const [learned, read] = [(model as AnyModel).modelData, (loaded as AnyModel).modelData];
    assert.is(digestOfData(read), digestOfData(learned));
  });

  const { ModelClass } = stage;
  if (ModelClass === undefined) return;

  it('a model without data says so', async () => {
    const empty = new ModelClass() as AnyModel;
    throwsError(() => empty.modelData, 'ERR_GYRE_MODEL', /it has no data/);
    await rejectsError(empty.transform(few), 'ERR_GYRE_MODEL', /it has no data/);
  });

  it('a model that was given the data does the same', async () => {
    const model = (await fitted(stage, few)) as AnyModel;
    const fresh = (new ModelClass(model.params) as AnyModel).setModelData(model.modelData);
    const [before, after] = [await model.transform(few), await fresh.transform(few)];
    assert.is(digestOfTable(after), digestOfTable(before));
  });
}

/** Rows that are served one by one. */
const SERVED_ROWS = 12;

function checkServable({ stage, sessions, newPath, it }: Context): void {
  const few = stage.table(FEW_ROWS, SEED);

  it('a servable does to a row and to a table what transform does', async () => {
    const model = await fitted(stage, few);
    const path = newPath();
    await model.save(path);
    const options = { schema: few.schema };
    const whole = await model.transform(few);
    const session = sessions[2]!;
    const classes = [model.constructor as never];
    for (const servable of [
      (model as unknown as Transformer<unknown>).toServable(options),
      await loadServable(path, { ...options, session, classes }),
    ]) {
      assert.is(digestOfTable(servable.transform(few)), digestOfTable(whole));
      for (let i = 0; i < SERVED_ROWS; i++) {
        const expected = await model.transform(few.slice(i, i + 1));
        const served = servable.transform(few.row(i));
        if (expected.numRows === 0) {
          assert.is(served, null, `row ${i} is dropped`);
          continue;
        }
        assert.equal(Object.keys(served!), [...expected.columnNames], `row ${i}`);
        for (const name of expected.columnNames) {
          assert.is(digestOfCell(served![name]), digestOfCell(expected.row(0)[name]), name);
        }
      }
    }
  });
}

function checkInputs({ stage, it }: Context): void {
  const { wrong, onlyFit = [], withNull, otherSize, nan, fewestRows, ModelClass } = stage;
  const few = stage.table(FEW_ROWS, SEED);
  /** Both calls must refuse a table: `fit`, and `transform` after a good `fit`. */
  const refuses = async (table: Table, code: string, message: RegExp, column = '') => {
    if (ModelClass !== undefined) await rejectsError(fitted(stage, table), code, message);
    if (onlyFit.includes(column)) return;
    const model = await fitted(stage, few);
    await rejectsError(model.transform(table), code, message);
  };

  for (const [column, values] of Object.entries(wrong)) {
    it(`a table without "${column}" is refused, naming it`, async () => {
      const without = few.select(few.columnNames.filter((name) => name !== column));
      await refuses(without, 'ERR_GYRE_SCHEMA', new RegExp(`"${column}"`), column);
    });

    it(`"${column}" of another type is refused, naming both types`, async () => {
      const cells = Array.from({ length: FEW_ROWS }, (_, i) => values[i % values.length]);
      const table = few.withColumn(column, cells);
      const got = table.schema[column]!.replace('[]', '\\[\\]');
      const message = new RegExp(`"${column}" must be .*, got ${got}`);
      await refuses(table, 'ERR_GYRE_SCHEMA', message, column);
    });
  }

  if (withNull !== undefined) {
    it('null is refused, naming its row', async () => {
      await refuses(withNull, 'ERR_GYRE_DATA', /must not have null, got null in row \d+/);
    });
  }

  if (otherSize !== undefined) {
    it('vectors of another size are refused, naming both sizes', async () => {
      const model = await fitted(stage, few);
      const message = /must have vectors of size \d+, got \d+/;
      await rejectsError(model.transform(otherSize), 'ERR_GYRE_DIMENSION', message);
    });
  }

  if (nan?.refused) {
    it('NaN is refused, naming where it is', async () => {
      await refuses(nan.table, 'ERR_GYRE_DATA', /must be finite, got NaN in row \d+/);
    });
  } else if (nan !== undefined) {
    it('NaN is taken, and every output row is there', async () => {
      const output = await (await fitted(stage, nan.table)).transform(nan.table);
      assert.is(output.numRows, nan.table.numRows);
    });
  }

  it('an empty table transforms to an empty table of the same schema', async () => {
    const model = await fitted(stage, few);
    const empty = await model.transform(few.slice(0, 0));
    assert.is(empty.numRows, 0);
    assert.equal(empty.schema, (await model.transform(few)).schema);
  });

  it('one row transforms to what it does among others', async () => {
    const model = await fitted(stage, few);
    const whole = await model.transform(few);
    const one = await model.transform(few.slice(5, 6));
    assert.is(digestOfTable(one), digestOfTable(whole.slice(5, 6)));
  });

  if (ModelClass === undefined) return;

  it(`fit takes ${fewestRows} rows and no fewer, and says so`, async () => {
    const model = await fitted(stage, few.slice(0, fewestRows));
    assert.is((await model.transform(few)).numRows, FEW_ROWS);
    await rejectsError(fitted(stage, few.slice(0, 0)), 'ERR_GYRE_DATA', /row/);
    if (fewestRows === 1) return;
    await rejectsError(fitted(stage, few.slice(0, fewestRows - 1)), 'ERR_GYRE_DATA', /rows/);
  });
}

function checkAbort({ stage, sessions, it }: Context): void {
  const few = stage.table(FEW_ROWS, SEED);
  const many = stage.manyRows > 0 ? stage.table(stage.manyRows, SEED) : few;

  /** The session must do afterwards what it did before. */
  const usable = async (session: Session | undefined, expected: string) => {
    assert.is(await digestOfRun(stage, few, { session }), expected, 'the session is usable');
  };

  it('a signal that is aborted already stops every call, with its reason as cause', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    for (const session of [sessions[0], sessions[2]]) {
      const expected = await digestOfRun(stage, few, { session });
      const model = await fitted(stage, few, { session });
      const calls = [
        () => model.transform(few, { session, signal }),
        ...(stage.ModelClass === undefined ? [] : [() => fitted(stage, few, { session, signal })]),
      ];
      for (const call of calls) {
        const error = await rejectsError(call(), 'ERR_GYRE_ABORTED', / was aborted\.$/);
        assert.is(error.cause, reason);
      }
      await usable(session, expected);
    }
  });

  if (stage.manyRows === 0) return;

  it('a signal aborted while the job is on its way stops it, and the session goes on', async () => {
    const session = sessions[2];
    const expected = await digestOfRun(stage, few, { session });
    const model = await fitted(stage, many, { session });
    const fit = (signal: AbortSignal) => fitted(stage, many, { session, signal });
    const transform = (signal: AbortSignal) => model.transform(many, { session, signal });
    for (const call of stage.ModelClass === undefined ? [transform] : [fit, transform]) {
      const controller = new AbortController();
      const running = call(controller.signal);
      controller.abort();
      await rejectsError(running, 'ERR_GYRE_ABORTED', / was aborted\.$/);
      await usable(session, expected);
    }
  });

  it('a signal aborted at any time gives the result or the error, and nothing else', async () => {
    const session = sessions[2];
    const expected = await digestOfRun(stage, few, { session });
    for (const delayMs of [0, 1, 2, 5, 10, 20]) {
      const signal = AbortSignal.timeout(delayMs);
      const [outcome] = await Promise.allSettled([digestOfRun(stage, many, { session, signal })]);
      if (outcome.status === 'rejected') {
        assert.is((outcome.reason as { code?: string }).code, 'ERR_GYRE_ABORTED');
      }
      await usable(session, expected);
    }
  });
}

/** The tests of examples and scripts, of stages of every kind. */
export function checkScripts({ stage, it }: ScriptsContext): void {
  const { Class, source, script } = stage;

  it('its examples run and print what they say', () => {
    const examples = examplesOf(source, Class.className);
    assert.ok(examples.length > 0, 'the docstring has an example');
    examples.forEach((example, i) => {
      const { code, output, errors } = runScript(`${Class.className}-${i}`, example);
      assert.is(code, 0, errors);
      assert.match(withoutSpace(output), promised(example));
    });
  });

  if (script === undefined) return;

  it('a script that awaits a fit on the default session exits by itself', () => {
    const { code, output, errors } = runScript(`${Class.className}-exits`, script);
    assert.is(code, 0, errors);
    assert.is(output.trim(), 'done');
  });
}
