/** Checks of vectors that hold tables: what a stage is made of, learns and gives. */
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { reservoirSample } from '../../src/core/random.js';
import {
  DenseVector,
  GyreError,
  type KMeansModelData,
  type Session,
  SparseVector,
  type Table,
  type Vector as TableVector,
} from '../../src/index.js';
import { assertPredictions, assertWeights, type DerivedWeights } from './linear-checks.js';
import {
  type AnyModel,
  type AnyStage,
  type AnyStageClass,
  CALLS,
  ERRORS,
  SAME_CALLS,
} from './stages.js';
import { assertClose, assertTable, type Part, partOf, tableOf, uniformParts } from './tables.js';
import { readVectors, type TableSpec, type Vector } from './vector.js';
import { assertWindows } from './window-checks.js';

/** A named part of a vector. */
export type Check = readonly [name: string, run: () => void | Promise<void>];

/** Where and on what a vector runs. */
export interface RunContext {
  readonly Class: AnyStageClass;
  readonly sessions: readonly Session[];
  /** A new path in a folder that is removed. */
  readonly newPath: () => string;
}

/** Params as they are read: lists are frozen copies; vectors stand as in JSON. */
function assertParams(stage: AnyStage, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    const read = stage.params[name];
    if (value !== null && typeof value === 'object' && 'class' in value) {
      assertWindows(read, value, `param ${name}`);
      continue;
    }
    const isVector = read instanceof DenseVector || read instanceof SparseVector;
    assert.equal(isVector ? read.toJSON() : read, value, `param ${name}`);
  }
}

/** Upstream a stage is made without its required params, which are checked when they are read. */
function requiredOf(Class: AnyStageClass, { setGet, expectParams }: Vector): object {
  const required = Object.entries(Class.params as Record<string, { readonly default: unknown }>)
    .filter(([, param]) => param.default === undefined)
    .map(([name]) => name);
  const values = Object.entries({ ...setGet, ...expectParams });
  return Object.fromEntries(values.filter(([name]) => required.includes(name)));
}

/** The checks of params. */
export function paramChecks(vector: Vector, { Class }: RunContext): Check[] {
  const { params, expectDefaults, setGet, expectParams } = vector;
  const names = Object.keys(expectDefaults ?? {});
  // Some vectors give other values to params whose defaults they name.
  const others = Object.entries(params).filter(([name]) => !names.includes(name));
  const defaults = () => new Class({ ...requiredOf(Class, vector), ...Object.fromEntries(others) });
  return [
    ...(expectDefaults === undefined
      ? []
      : [['expectDefaults', () => assertParams(defaults(), expectDefaults)] as Check]),
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
      if (vector.modelData !== undefined) {
        stage = (stage as AnyModel).setModelData(modelDataOf(vector.modelData));
      }
      call = 'fit';
      const options = { session: sessions[0] };
      if (fit !== undefined) stage = await stage.fit(tableOf(fit), options);
      call = 'transform';
      if (transform !== undefined) await stage.transform(inputOf(vector), options);
    } catch (error) {
      if (!(error instanceof GyreError)) throw error;
      assert.is(error.code, wanted.code);
      assert.match(error.message, wanted.message);
      const latest = CALLS.indexOf(SAME_CALLS[when] ?? when);
      assert.ok(CALLS.indexOf(call) <= latest, `${call} is not after ${when}`);
      return;
    }
    assert.unreachable(`expected an error in ${when}: ${about}`);
  };
  return [['expectError', run]];
}

function specOf({ fit, transform }: Vector): TableSpec {
  const spec = transform === 'same' ? fit : transform;
  assert.ok(spec, 'the vector has a table to transform');
  return spec!;
}

function inputOf(vector: Vector): Table {
  return tableOf(specOf(vector));
}

/** The parts of the table to transform; one where a model was fitted to it as a whole. */
function partsOf(vector: Vector): Part[] {
  const spec = specOf(vector);
  const parts = uniformParts(spec);
  return vector.fit === undefined && parts.length > 1
    ? parts
    : [{ start: 0, end: spec.columns[0]!.values.length }];
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
  const { params, fit, transform, expect, expectSchema, expectGroups } = vector;
  if (vector.expectError !== undefined || (fit === undefined && transform === undefined)) return [];
  const { Class, sessions } = context;

  const fitted = async (session: Session): Promise<AnyModel> => {
    if (vector.modelData !== undefined) {
      return (new Class(params) as AnyModel).setModelData(modelDataOf(vector.modelData));
    }
    assert.ok(fit, 'the vector has a table to fit');
    const estimator = await restored(new Class(params), context);
    return estimator.fit(tableOf(fit!), { session });
  };
  const forEachModel = (look: (model: AnyModel) => void) => async () => {
    for (const session of sessions) {
      for (const form of await formsOf(await fitted(session), context)) look(form);
    }
  };
  const forEachOutput = (look: (output: Table, part: Part | null) => void) => async () => {
    for (const session of sessions) {
      const stages =
        fit === undefined && vector.modelData === undefined
          ? [new Class(params), await restored(new Class(params), context)]
          : await formsOf(await fitted(session), context);
      const parts = partsOf(vector);
      for (const stage of stages) {
        for (const part of parts) {
          const input = tableOf(partOf(specOf(vector), part));
          look(await stage.transform(input, { session }), parts.length > 1 ? part : null);
        }
      }
    }
  };

  const checks: Check[] = [];
  if (expect !== undefined) {
    const look = (output: Table, part: Part | null) => {
      if (part === null) {
        assertTable(output, expect);
        return assertPredictions(output, expect);
      }
      assert.ok(expect.rowAligned ?? expect.columns === undefined, 'row i is that of input row i');
      assertTable(output, { ...partOf(expect, part), rowCount: part.end - part.start });
    };
    checks.push(['expect', forEachOutput(look)]);
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
  if (expectSchema !== undefined) {
    const look = ({ columnNames }: Table) => assert.equal([...columnNames], [...expectSchema]);
    checks.push(['expectSchema', forEachOutput(look)]);
  }
  if (expect?.selectedIndices !== undefined) {
    const look = ({ modelData }: AnyModel) =>
      assert.equal(
        [...Int32Array.from(modelData.indices as Int32Array).sort()],
        [...expect.selectedIndices!],
      );
    checks.push(['expect.selectedIndices', forEachModel(look)]);
  }
  const { expectProperties } = vector;
  if (expectProperties !== undefined) {
    const look = (output: Table) => assertProperties(output, expectProperties);
    checks.push(['expectProperties', forEachOutput(look)]);
    const { rowCountDiffersFrom: id } = expectProperties;
    if (id !== undefined) {
      const run = async () => {
        const other = readVectors().find((vector) => vector.id === id);
        assert.ok(other, `${id} is a vector`);
        const output = await new Class(other!.params).transform(inputOf(other!));
        const look = ({ numRows }: Table) => assert.is.not(numRows, output.numRows);
        await forEachOutput(look)();
      };
      checks.push(['expectProperties.rowCountDiffersFrom', run]);
    }
  }
  if (vector.javaRandomExact?.expect !== undefined) {
    const exact = vector.javaRandomExact.expect;
    checks.push(['javaRandomExact', forEachOutput((output) => assertTable(output, exact))]);
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

export function assertGroups(output: Table, groups: readonly (readonly number[])[]): void {
  const labels = output.column(output.columnNames.at(-1)!).toArray();
  const ids = groups.map((rows) => {
    const [id, ...others] = new Set(rows.map((row) => labels[row]));
    assert.equal(others, [], `rows ${rows.join(', ')} share a cluster`);
    return id;
  });
  assert.is(new Set(ids).size, groups.length, 'groups have clusters of their own');
}

function assertProperties(
  output: Table,
  { rowCount, valuesInRange = {}, distinctCount = {} }: NonNullable<Vector['expectProperties']>,
): void {
  if (rowCount !== undefined) assert.is(output.numRows, rowCount);
  for (const [name, [least, most]] of Object.entries(valuesInRange)) {
    for (const value of output.column(name)) {
      assert.ok(Number(value) >= least && Number(value) <= most, `${name}: ${value} is in range`);
    }
  }
  for (const [name, count] of Object.entries(distinctCount)) {
    assert.is(new Set<unknown>(output.column(name)).size, count, `${name}: distinct values`);
  }
}

/** Flink ML's table of model data, of one row, as fields. */
function modelDataOf({ columns }: TableSpec): object {
  return Object.fromEntries(columns.map(({ name, values }) => [name, values[0]]));
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
  const { expectModelDataFields } = vector;
  if (expectModelDataFields !== undefined) {
    const look = ({ modelData }: AnyModel) =>
      assert.equal(Object.keys(modelData), [...expectModelDataFields]);
    checks.push(['expectModelDataFields', forEachModel(look)]);
  }
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
    const look = (model: AnyModel) => assertModelData(model, vector);
    checks.push(['expectModelData', forEachModel(look)]);
  }
  return checks;
}

/** The rows that a model of neighbours keeps. */
interface DerivedRows {
  readonly packedFeaturesColumnMajor: readonly number[];
  readonly featureNormSquares: readonly number[];
  readonly labels: readonly number[];
}

/** What stands in `expectModelData` beside fields of the model's data. */
interface ModelDataShape {
  readonly notes?: string;
  readonly columnNames?: readonly string[];
  readonly rowCount?: number;
  readonly tolerance?: number;
  readonly centroidsSortedByFirstCoordinate?: readonly (readonly number[])[];
  readonly derived?:
    | { readonly weightsInSameOrder: readonly number[] }
    | DerivedWeights
    | { readonly theta: unknown; readonly tolerance: number }
    | DerivedRows;
  readonly derivedTolerance?: number;
}

function assertModelData(model: AnyModel, vector: Vector): void {
  const { modelData } = model;
  if (Array.isArray(vector.expectModelData)) {
    // A row for each input column: f0 is its position, f1 what is learned of it.
    const rows = vector.expectModelData as readonly { readonly f0: number; readonly f1: number }[];
    const [name, values] = Object.entries(modelData)[0]!;
    const expected = rows.toSorted((a, b) => a.f0 - b.f0).map(({ f1 }) => f1);
    assertField(values, expected, 0, name);
    return;
  }
  const {
    columnNames,
    rowCount: _,
    notes: _notes,
    tolerance = vector.modelDataTolerance ?? vector.expectModelDataTolerance ?? 0,
    centroidsSortedByFirstCoordinate: sorted,
    derived,
    derivedTolerance = 0,
    ...fields
  } = vector.expectModelData as ModelDataShape;
  if (columnNames !== undefined) assert.equal(Object.keys(modelData), [...columnNames]);
  for (const [name, expected] of Object.entries(fields)) {
    assertField(modelData[name], expected, tolerance, name);
  }
  if (derived !== undefined && 'coefficient' in derived) assertWeights(model, derived);
  if (derived !== undefined && 'theta' in derived) {
    const { tolerance: within, ...derivedFields } = derived;
    for (const [name, expected] of Object.entries(derivedFields)) {
      assertField(modelData[name], expected, within, name);
    }
  }
  if (derived !== undefined && 'packedFeaturesColumnMajor' in derived) {
    const { packedFeaturesColumnMajor: values, ...vectors } = derived;
    const expected = { packedFeatures: { values }, ...vectors };
    for (const [name, field] of Object.entries(expected)) {
      assertField(modelData[name], field, derivedTolerance, name);
    }
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
  if (derived === undefined || !('weightsInSameOrder' in derived)) return;
  const inOrder = order.map((j) => weights[j]!);
  assertClose(inOrder, derived.weightsInSameOrder, 0, 'weights');
}

/** Parts of matrices and vectors, which have others that an expectation may leave out. */
const PARTS: readonly string[] = ['numRows', 'numCols', 'size', 'values'];

/** A field of model data: numbers and strings, lists and vectors of them in any depth, by name. */
function assertField(got: unknown, expected: unknown, tolerance: number, name: string): void {
  if (Array.isArray(expected)) {
    const isVector = 'toDense' in (got as object);
    const items = isVector ? (got as TableVector).toDense().values : (got as ArrayLike<unknown>);
    assert.is(items.length, expected.length, `${name}: length`);
    expected.forEach((item, i) => {
      assertField(items[i], item, tolerance, `${name}[${i}]`);
    });
  } else if (got instanceof Map) {
    const items = Object.entries(expected as object);
    assert.is(got.size, items.length, `${name}: size`);
    for (const [key, value] of items) {
      assertField(got.get(Number(key)), value, tolerance, `${name}[${key}]`);
    }
  } else if (expected !== null && typeof expected === 'object') {
    const isPart = Object.keys(expected).every((part) => PARTS.includes(part));
    if (!isPart) assert.equal(Object.keys(got as object), Object.keys(expected), name);
    for (const [part, value] of Object.entries(expected)) {
      assertField((got as Record<string, unknown>)[part], value, tolerance, `${name}.${part}`);
    }
  } else if (typeof got === 'number') {
    assertClose([got], [expected], tolerance, name);
  } else {
    assert.equal(got, expected, name);
  }
}

/** New paths under a folder. */
export function pathsIn(folder: string): () => string {
  let next = 0;
  return () => join(folder, String(next++));
}
