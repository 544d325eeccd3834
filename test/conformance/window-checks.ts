/** Checks of vectors whose stage learns from a stream by windows. */
import * as assert from 'uvu/assert';
import {
  type Session,
  type Table,
  TableStream,
  type Vector as TableVector,
} from '../../src/index.js';
import type { Check, RunContext } from './batch-checks.js';
import type { AnyModel } from './stages.js';
import { assertClose, tableOf } from './tables.js';
import type { TableSpec, Vector } from './vector.js';

/** Rows of a stream, each with its event time where it has one. */
export type TimedSpec = TableSpec & { readonly timestamp?: number };

/** A stream to learn from, and one to transform. */
export interface WindowStreams {
  readonly fit: readonly TimedSpec[];
  readonly transform: 'same' | readonly TimedSpec[];
}

interface ScalerVersion {
  readonly mean: TableVector;
  readonly std: TableVector;
  readonly version: number;
}

interface LiveModel extends AnyModel {
  updates(): AsyncIterable<ScalerVersion>;
}

const TIME = 'rowtime';

/** Upstream event times stand beside rows; here they are a column. */
function streamOf(rows: readonly TimedSpec[]): TableStream {
  const isTimed = rows.every(({ timestamp }) => timestamp !== undefined);
  const tables = rows.map((row): Table => {
    const table = tableOf(row);
    return isTimed ? table.withColumn(TIME, Float64Array.of(row.timestamp!)) : table;
  });
  return TableStream.from(tables, isTimed ? { timestampCol: TIME } : {});
}

/** The checks of windows, on every session. */
export function windowChecks(vector: Vector, context: RunContext): Check[] {
  const { fit, transform } = vector.stream as unknown as WindowStreams;
  const { params, expectStream, expectModelDataStream, modelDataTolerance = 0 } = vector;
  const fitted = async (session: Session) =>
    (await new context.Class(params).fit(streamOf(fit), { session })) as LiveModel;
  const forEachModel = (look: (model: LiveModel) => Promise<void>) => async () => {
    for (const session of context.sessions) await look(await fitted(session));
  };
  const versions = forEachModel(async (model) => {
    const seen: ScalerVersion[] = [];
    for await (const version of model.updates()) seen.push(version);
    assert.is(seen.length, expectModelDataStream!.length);
    expectModelDataStream!.forEach(({ mean, std, version }, i) => {
      assert.is(seen[i]!.version, version);
      assertClose(seen[i]!.mean.toDense().values, mean, modelDataTolerance, 'mean');
      assertClose(seen[i]!.std.toDense().values, std, modelDataTolerance, 'std');
    });
  });
  const rows = forEachModel(async (model) => {
    const input = streamOf(transform === 'same' ? fit : transform);
    const stage = model as unknown as { transform(stream: TableStream): TableStream };
    const output = await stage.transform(input).collect();
    const { rowCount = fit.length, perRowAllowedVersions, versionCol = '' } = expectStream!;
    assert.is(output.numRows, rowCount);
    for (const { id, versions: allowed } of perRowAllowedVersions ?? []) {
      const row = output.toRows().find((found) => found.id === id)!;
      assert.ok(allowed.includes(row[versionCol] as number), `row ${id}: ${row[versionCol]}`);
    }
  });
  return [
    ...(expectModelDataStream === undefined ? [] : [['expectModelDataStream', versions] as const]),
    ...(expectStream === undefined ? [] : [['expectStream', rows] as const]),
  ];
}

/** Windows as Flink ML saves them, against ours: kind, and size or gap. */
export function assertWindows(got: unknown, expected: object, what: string): void {
  const { class: name, size, gap } = expected as { class: string; size?: number; gap?: number };
  const windows = got as Readonly<Record<string, unknown>>;
  assert.is(windows.kind, name.split('.').at(-1), what);
  assert.is(windows.size ?? windows.sizeMs, size, what);
  assert.is(windows.gapMs, gap, what);
}
