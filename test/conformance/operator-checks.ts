/** Checks of vectors whose stage gives several tables, and of those that call other methods. */
import * as assert from 'uvu/assert';
import { type RandomSplitter, type Session, type Table, Vectors } from '../../src/index.js';
import type { Check, RunContext } from './batch-checks.js';
import type { AnyStage, AnyStageClass } from './stages.js';
import { assertTable, tableOf } from './tables.js';
import type { TableSpec, Vector } from './vector.js';

type Splitter = Pick<RandomSplitter, 'params'> & {
  transform(table: Table, options: object): Promise<Table[]>;
};

/** The checks of a stage that splits a table. */
export function splitChecks(vector: Vector, context: RunContext): Check[] {
  const { expectTables, javaRandomExact, params, transform } = vector;
  if (expectTables === undefined) return [];
  const input = tableOf(transform as TableSpec);
  const { sizes, schemas, repeatable, unionEqualsInput } = expectTables;
  const forEachSplit = async (look: (tables: Table[], again: Table[]) => void) => {
    for (const session of context.sessions) {
      const stage = new context.Class(params) as unknown as Splitter;
      const split = () => stage.transform(input, { session });
      look(await split(), await split());
    }
  };
  const sizesOf = (tables: readonly Table[]) => tables.map(({ numRows }) => numRows);
  const run = () =>
    forEachSplit((tables, again) => {
      assert.is(tables.length, expectTables.count);
      assert.is(
        sizesOf(tables).reduce((a, b) => a + b),
        input.numRows,
      );
      if (repeatable) assert.equal(sizesOf(again), sizesOf(tables));
      if (unionEqualsInput) {
        const rows = tables.flatMap((table) => table.toRows().map((row) => JSON.stringify(row)));
        assert.equal(
          rows.sort(),
          input
            .toRows()
            .map((row) => JSON.stringify(row))
            .sort(),
        );
      }
      schemas?.forEach((names, k) => {
        assert.equal([...tables[k]!.columnNames], [...names]);
      });
      sizes?.forEach((size, k) => {
        if (size === null) return;
        const off = Math.abs(tables[k]!.numRows - size.approx);
        assert.ok(off <= size.relTol * size.approx, `table ${k} is ${off} rows off`);
      });
    });
  const exact = () =>
    forEachSplit((tables) => {
      assert.equal(sizesOf(tables), [...javaRandomExact!.sizes!]);
      javaRandomExact!.firstRows?.forEach((values, k) => {
        const [column] = tables[k]!.columnNames;
        assert.equal(tables[k]!.slice(0, values.length).column(column!).toArray(), [...values]);
      });
    });
  return [
    ['expectTables', run],
    ...(javaRandomExact === undefined ? [] : [['javaRandomExact', exact] as const]),
  ];
}

interface Searcher extends AnyStage {
  approxNearestNeighbors(dataset: Table, key: object, k: number): Promise<Table>;
  approxSimilarityJoin(a: Table, b: Table, threshold: number, idCol: string): Promise<Table>;
}

/** The check of what another method of the fitted model gives; its rows may be in any order. */
export function callChecks(vector: Vector, context: RunContext): Check[] {
  const { call, expect, fit, params } = vector;
  if (call === undefined) return [];
  const tableNamed = (given: unknown) => tableOf(given === 'fit' ? fit! : (given as TableSpec));
  const output = async (session: Session): Promise<Table> => {
    const model = await new context.Class(params).fit(tableOf(fit!), { session });
    const path = context.newPath();
    await model.save(path);
    const loaded = await (model.constructor as unknown as AnyStageClass).load(path);
    const searcher = loaded as Searcher;
    const { args } = call;
    if (call.method === 'approxSimilarityJoin') {
      const [a, b] = [tableNamed(args.datasetA), tableNamed(args.datasetB)];
      return searcher.approxSimilarityJoin(a, b, args.threshold as number, args.idCol as string);
    }
    assert.is(call.method, 'approxNearestNeighbors', 'the runner knows the method');
    const key = args.key as number[] & { size: number; indices: number[]; values: number[] };
    const vectorOfKey = Array.isArray(key)
      ? Vectors.dense(key)
      : Vectors.sparse(
          (key as { size: number }).size,
          (key as { indices: number[] }).indices,
          (key as { values: number[] }).values,
        );
    return searcher.approxNearestNeighbors(tableNamed(args.dataset), vectorOfKey, args.k as number);
  };
  const run = async () => {
    for (const session of context.sessions) {
      const table = await output(session);
      const { columns, ...shape } = expect!;
      assertTable(table, shape);
      const names = columns!.map(({ name }) => name);
      const wanted = columns![0]!.values.map((_, row) => columns!.map(({ values }) => values[row]));
      const got = Array.from({ length: table.numRows }, (_, row) =>
        names.map((name) => table.column(name).get(row)),
      );
      const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
      assert.equal(sorted(got), sorted(wanted));
      if (vector.expectSchema !== undefined) {
        assert.equal([...table.columnNames], [...vector.expectSchema]);
      }
    }
  };
  return [['expect', run]];
}
