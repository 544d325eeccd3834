/** Checks of vectors that hold tables: what a stage is made of, learns and gives. */
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { reservoirSample } from '../../src/core/random.js';
import {
  GyreError,
  type KMeansModelData,
  type Session,
  type Table,
  type Vector as TableVector,
} from '../../src/index.js';
import { type AnyModel, type AnyStage, type AnyStageClass, CALLS, ERRORS } from './stages.js';
import { assertClose, assertTable, tableOf } from './tables.js';
import type { Vector } from './vector.js';

/** A named part of a vector. */
export type Check = readonly [name: string, run: () => void | Promise<void>];

/** Where and on what a vector runs. */
export interface RunContext {
  readonly Class: AnyStageClass;
  readonly sessions: readonly Session[];
  /** A new path in a folder that is removed. */
  readonly newPath: () => string;
}

/** Params as they are read: lists are frozen copies. */
function assertParams(stage: AnyStage, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(stage.params[name], value, `param ${name}`);
  }
}

/** The checks of params. */
export function paramChecks(vector: Vector, { Class }: RunContext): Check[] {
  const { params, expectDefaults, setGet, expectParams } = vector;
  return [
    ...(expectDefaults === undefined
      ? []
      : [['expectDefaults', () => assertParams(new Class(params), expectDefaults)] as Check]),
    ...(setGet === undefined
      ? []
      : [['setGet', () => assertParams(new Class(setGet), setGet)] as Check]),
    ...(expectParams === undefined
      ? []
      : [['expectParams', () => assertParams(new Class(params), expectParams)] as Check]),
  ];
}

/** The check that a call fails as it must: in the call that the vector names, or before. */
export function errorCheck(vector: Vector, { Class, sessions }: RunContext): Check[] {
  const { expectError, params, fit, transform } = vector;
  if (expectError === undefined) return [];
  const { when, about } = expectError;
  const run = async () => {
    const wanted = ERRORS[about];
    assert.ok(wanted, `the runner knows the error "${about}"`);
    let call = 'construct';
    try {
      let stage: AnyStage = new Class(params);
      call = 'fit';
      const options = { session: sessions[0] };
      if (fit !== undefined) stage = await stage.fit(tableOf(fit), options);
      call = 'transform';
      if (transform !== undefined) await stage.transform(inputOf(vector), options);
    } catch (error) {
      if (!(error instanceof GyreError)) throw error;
      assert.is(error.code, wanted.code);
      assert.match(error.message, wanted.message);
      assert.ok(CALLS.indexOf(call) <= CALLS.indexOf(when), `${call} is not after ${when}`);
      return;
    }
    assert.unreachable(`expected an error in ${when}: ${about}`);
  };
  return [['expectError', run]];
}

function inputOf({ fit, transform }: Vector): Table {
  const spec = transform === 'same' ? fit : transform;
  assert.ok(spec, 'the vector has a table to transform');
  return tableOf(spec!);
}

/** The stage, made anew, and made from what it saved. */
async function restored(stage: AnyStage, { newPath }: RunContext): Promise<AnyStage> {
  const path = newPath();
  await stage.save(path);
  const Class = stage.constructor as unknown as AnyStageClass;
  const loaded = await Class.load(path);
  assert.equal(loaded.params, stage.params, 'params survive save and load');
  return loaded;
}

/** The forms of a model that must do the same: as fitted, as loaded, and given its data anew. */
async function formsOf(model: AnyModel, context: RunContext): Promise<AnyModel[]> {
  const Class = model.constructor as unknown as AnyStageClass;
  const fresh = (new Class(model.params) as AnyModel).setModelData(model.modelData);
  return [model, (await restored(model, context)) as AnyModel, fresh];
}

/** The checks of `fit` and `transform`, on every session. */
export function tableChecks(vector: Vector, context: RunContext): Check[] {
  const { params, fit, transform, expect, expectGroups } = vector;
  if (vector.expectError !== undefined || (fit === undefined && transform === undefined)) return [];
  const { Class, sessions } = context;

  const fitted = async (session: Session): Promise<AnyModel> => {
    assert.ok(fit, 'the vector has a table to fit');
    const estimator = await restored(new Class(params), context);
    return estimator.fit(tableOf(fit!), { session });
  };
  const forEachModel = (look: (model: AnyModel) => void) => async () => {
    for (const session of sessions) {
      for (const form of await formsOf(await fitted(session), context)) look(form);
    }
  };
  const forEachOutput = (look: (output: Table) => void) => async () => {
    for (const session of sessions) {
      const stages =
        fit === undefined
          ? [new Class(params), await restored(new Class(params), context)]
          : await formsOf(await fitted(session), context);
      for (const stage of stages) look(await stage.transform(inputOf(vector), { session }));
    }
  };

  const checks: Check[] = [];
  if (expect !== undefined) {
    checks.push(['expect', forEachOutput((output) => assertTable(output, expect))]);
    if (expect.centroids !== undefined) {
      checks.push([
        'expect.centroids',
        forEachModel(({ modelData }) => {
          const { centroids, weights } = kmeansOf(modelData);
          const { tolerance = 0 } = expect;
          assertClose(centroids.flat(), expect.centroids!.flat(), tolerance, 'centroids');
          assertClose(weights, expect.weights!, 0, 'weights');
        }),
      ]);
      checks.push(['expect.initialCentroidRows', () => assertSample(vector)]);
    }
  }
  if (expectGroups !== undefined) {
    checks.push(['expectGroups', forEachOutput((output) => assertGroups(output, expectGroups))]);
  }
  checks.push(...modelDataChecks(vector, forEachModel));
  return checks;
}

function assertSample({ params, fit, expect }: Vector): void {
  const { k, seed } = params as { readonly k: number; readonly seed: number };
  const rows = fit!.columns[0]!.values.length;
  assert.equal([...reservoirSample(rows, k, seed)], [...expect!.initialCentroidRows!]);
}

function assertGroups(output: Table, groups: readonly (readonly number[])[]): void {
  const labels = output.column(output.columnNames.at(-1)!).toArray();
  const ids = groups.map((rows) => {
    const [id, ...others] = new Set(rows.map((row) => labels[row]));
    assert.equal(others, [], `rows ${rows.join(', ')} share a cluster`);
    return id;
  });
  assert.is(new Set(ids).size, groups.length, 'groups have clusters of their own');
}

interface KMeansData {
  readonly centroids: readonly number[][];
  readonly weights: readonly number[];
}

function kmeansOf(modelData: AnyModel['modelData']): KMeansData {
  const { centroids, weights } = modelData as unknown as KMeansModelData;
  return { centroids: centroids.map(({ values }) => [...values]), weights: [...weights.values] };
}

type ForEachModel = (look: (model: AnyModel) => void) => () => Promise<void>;

function modelDataChecks(vector: Vector, forEachModel: ForEachModel): Check[] {
  const { expectModelData, expectModelDataSchema, expectModelDataSchemaPrefix } = vector;
  const checks: Check[] = [];
  if (expectModelDataSchema !== undefined) {
    const look = ({ modelData }: AnyModel) =>
      assert.equal(Object.keys(modelData), [...expectModelDataSchema]);
    checks.push(['expectModelDataSchema', forEachModel(look)]);
  }
  if (expectModelDataSchemaPrefix !== undefined) {
    const { length } = expectModelDataSchemaPrefix;
    const look = ({ modelData }: AnyModel) =>
      assert.equal(Object.keys(modelData).slice(0, length), [...expectModelDataSchemaPrefix]);
    checks.push(['expectModelDataSchemaPrefix', forEachModel(look)]);
  }
  if (expectModelData !== undefined) {
    const look = ({ modelData }: AnyModel) => assertModelData(modelData, vector);
    checks.push(['expectModelData', forEachModel(look)]);
  }
  return checks;
}

/** What stands in `expectModelData` beside fields of the model's data. */
interface ModelDataShape {
  readonly columnNames?: readonly string[];
  readonly rowCount?: number;
  readonly tolerance?: number;
  readonly centroidsSortedByFirstCoordinate?: readonly (readonly number[])[];
  readonly derived?: { readonly weightsInSameOrder: readonly number[] };
}

function assertModelData(modelData: AnyModel['modelData'], vector: Vector): void {
  const {
    columnNames,
    rowCount: _,
    tolerance = vector.modelDataTolerance ?? 0,
    centroidsSortedByFirstCoordinate: sorted,
    derived,
    ...fields
  } = vector.expectModelData as ModelDataShape;
  if (columnNames !== undefined) assert.equal(Object.keys(modelData), [...columnNames]);
  for (const [name, expected] of Object.entries(fields)) {
    const got = (modelData[name] as TableVector).toDense().values;
    assertClose(got, expected as number[], tolerance, name);
  }
  if (sorted === undefined) return;
  const { centroids, weights } = kmeansOf(modelData);
  const order = [...centroids.keys()].sort((a, b) => centroids[a]![0]! - centroids[b]![0]!);
  assertClose(
    order.flatMap((j) => centroids[j]!),
    sorted.flat(),
    tolerance,
    'centroids',
  );
  if (derived === undefined) return;
  const inOrder = order.map((j) => weights[j]!);
  assertClose(inOrder, derived.weightsInSameOrder, 0, 'weights');
}

/** New paths under a folder. */
export function pathsIn(folder: string): () => string {
  let next = 0;
  return () => join(folder, String(next++));
}
