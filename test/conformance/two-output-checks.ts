/** Checks of vectors whose stage gives two tables: clusters, and how they were merged. */
import * as assert from 'uvu/assert';
import { countWindow, type Session, type Table } from '../../src/index.js';
import { assertGroups, type Check, type RunContext } from './batch-checks.js';
import { assertTable, tableOf } from './tables.js';
import type { Expectation, TableSpec, Vector } from './vector.js';

/** What is expected of one of the tables; `derived` columns are not asserted upstream. */
type OutputSpec = Expectation & {
  readonly distinctPredictions?: number;
  readonly derived?: {
    readonly pred?: readonly number[];
    readonly prediction?: readonly number[];
    readonly clusterId1?: readonly number[];
    readonly clusterId2?: readonly number[];
    readonly sizeTrue?: readonly number[];
    /** Why ids may differ. */
    readonly caution?: string;
  };
};

interface Clustering {
  transform(table: Table, options: object): Promise<[Table, Table]>;
}

export function hasTwoOutputs({ stage, expectError }: Vector): boolean {
  return stage === 'AgglomerativeClustering' && expectError === undefined;
}

/** Windows as the vectors write them. */
function paramsOf({ params }: Vector): object {
  const { windows, ...rest } = params as { windows?: { type: string; size: number } };
  if (windows === undefined) return rest;
  assert.is(windows.type, 'countTumbling');
  return { ...rest, windows: countWindow(windows.size) };
}

const assertColumn = (table: Table, name: string, values: readonly number[] | undefined): void => {
  if (values !== undefined) assert.equal(table.column(name).toArray(), [...values], name);
};

function assertClusters(table: Table, expect: OutputSpec): void {
  assertTable(table, expect);
  const [name] = table.columnNames.slice(-1);
  const { distinctPredictions, derived = {} } = expect;
  if (distinctPredictions !== undefined) {
    assert.is(new Set<unknown>(table.column(name!).toArray()).size, distinctPredictions);
  }
  assertColumn(table, name!, derived.pred ?? derived.prediction);
}

function assertMerges(table: Table, expect: OutputSpec): void {
  assertTable(table, expect);
  const { caution, clusterId1, clusterId2, sizeTrue } = expect.derived ?? {};
  if (caution !== undefined) return;
  assertColumn(table, 'clusterId1', clusterId1);
  assertColumn(table, 'clusterId2', clusterId2);
  assertColumn(table, 'sizeOfMergedCluster', sizeTrue);
}

/** The checks of both tables, of the stage as made and as loaded, on every session. */
export function twoOutputChecks(vector: Vector, context: RunContext): Check[] {
  const { expect, expectOutput2, expectGroups } = vector;
  const forEachOutput = (look: (outputs: [Table, Table]) => void) => async () => {
    const made = new context.Class(paramsOf(vector));
    const path = context.newPath();
    await made.save(path);
    for (const stage of [made, await context.Class.load(path)]) {
      assert.equal(stage.params, made.params, 'params survive save and load');
      const run = (session: Session) =>
        (stage as unknown as Clustering).transform(tableOf(vector.transform as TableSpec), {
          session,
        });
      for (const session of context.sessions) look(await run(session));
    }
  };
  const checks: Check[] = [];
  if (expect !== undefined) {
    checks.push(['expect', forEachOutput(([table]) => assertClusters(table, expect))]);
  }
  if (expectGroups !== undefined) {
    checks.push(['expectGroups', forEachOutput(([table]) => assertGroups(table, expectGroups))]);
  }
  if (expectOutput2 !== undefined) {
    checks.push([
      'expectOutput2',
      forEachOutput(([, table]) => assertMerges(table, expectOutput2)),
    ]);
  }
  return checks;
}
