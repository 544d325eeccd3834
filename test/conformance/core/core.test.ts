/** Facts of Flink ML about pipelines, graphs, servables, params and vectors; see ../vectors/README.md. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as params from '../../../src/core/params.js';
import { resolveParams } from '../../../src/core/params.js';
import {
  arrayToVector,
  BLAS,
  Column,
  type DenseVector,
  DistanceMeasure,
  type DistanceMeasureName,
  type Graph,
  GraphBuilder,
  type GraphModel,
  loadServable,
  loadStage,
  OnlineLogisticRegressionModel,
  OnlineStandardScaler,
  Pipeline,
  PipelineModel,
  type SparseVector,
  Table,
  type Vector,
  VectorSlicer,
  Vectors,
  vectorToArray,
} from '../../../src/index.js';
import { numbers, SumEstimator, SumModel, Union, valuesOf } from '../../pipeline/toy-stages.js';
import { rejectsError, throwsError } from '../../table/expect-error.js';
import { readable } from '../readable.js';
import { AllParams } from './all-params.js';

interface CoreVector {
  readonly id: string;
  readonly input: Readonly<Record<string, never>>;
  readonly expect: Readonly<Record<string, never>>;
}

const SOURCE = new URL('../../../../test/conformance/core/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, SOURCE), 'utf8'));
const vectors: readonly CoreVector[] = read('vectors.json');
const exceptions: Readonly<Record<string, string>> = read('exceptions.json');

const folder = mkdtempSync(join(tmpdir(), 'gyre-core-'));
test.after(() => rmSync(folder, { recursive: true }));
let paths = 0;
const newPath = () => join(folder, String(paths++));
const classes = [SumModel, SumEstimator, Union] as never[];

type Check = (input: never, expect: never, vector: CoreVector) => void | Promise<void>;

/** A stage of Flink ML's tests by its text: `SumModel(10)`. */
function stageOf(text: string): SumModel | SumEstimator | Union {
  const [, name, delta] = text.match(/^(\w+)(?:\((\d+)\))?$/)!;
  if (name === 'SumModel') return SumModel.of(Number(delta ?? 0));
  return name === 'Union' ? new Union() : new SumEstimator();
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

type SparseJson = { size: number; indices: number[]; values: number[] };
function vectorOf(json: number[] | SparseJson): Vector {
  if (Array.isArray(json)) return Vectors.dense(Float64Array.from(json));
  return Vectors.sparse(json.size, json.indices, json.values);
}

const near = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance, `${got}, expected ${want}`);

/** What a model gives before and after it was saved and loaded. */
async function twice<M extends { save(path: string): Promise<void> }>(
  model: M,
  give: (model: M) => Promise<readonly number[]>,
  expected: readonly number[],
): Promise<void> {
  assert.equal(sorted(await give(model)), sorted(expected));
  const path = newPath();
  await model.save(path);
  const loaded = (await loadStage(path, { classes })) as M;
  assert.instance(loaded, model.constructor);
  assert.equal(sorted(await give(loaded)), sorted(expected), 'saved and loaded');
}

/** in1 and in2 go through a stage each, and what they give is put together. */
function unionGraph(first: SumModel | SumEstimator, second: SumModel | SumEstimator) {
  const builder = new GraphBuilder();
  const inputs = [builder.createTableId(), builder.createTableId()] as const;
  const outputs = [first, second].map((stage, i) =>
    stage instanceof SumEstimator
      ? builder.addEstimator(stage, inputs[i]!)[0]
      : builder.addAlgoOperator(stage, inputs[i]!)[0],
  );
  const [union] = builder.addAlgoOperator(new Union(), ...outputs);
  return { builder, inputs, outputs: [union] };
}

const CHECKS: Readonly<Record<string, Check>> = {
  'Pipeline/testPipelineModel': (
    { pipelineModel, data }: { pipelineModel: string[]; data: number[] },
    { output }: { output: number[] },
  ) => {
    const model = new PipelineModel(pipelineModel.map(stageOf) as SumModel[]);
    return twice(model, async (m) => valuesOf(await m.transform(numbers(...data))), output);
  },
  'Pipeline/testPipeline': async (
    { pipeline, fit, transform }: { pipeline: string[]; fit: number[]; transform: number[] },
    { output }: { output: number[] },
  ) => {
    const estimator = new Pipeline(pipeline.map(stageOf));
    const give = async (p: Pipeline) => {
      const model = await p.fit(numbers(...fit));
      const outputs: number[] = [];
      await twice(
        model,
        async (m) => {
          outputs.splice(0, outputs.length, ...valuesOf(await m.transform(numbers(...transform))));
          return outputs;
        },
        output,
      );
      return outputs;
    };
    await twice(estimator, give, output);
  },
  'Pipeline/testSupportServable': (
    { cases }: { cases: string[][] },
    expect: { values: boolean[] },
  ) => {
    // A list with a stage that learns makes no model here; the others say whether they serve.
    const got = cases.map((names) => {
      const stages = names.map(stageOf);
      if (stages.some((stage) => stage instanceof SumEstimator)) return false;
      return new PipelineModel(stages as SumModel[]).supportsServable;
    });
    assert.equal(got, expect.values);
  },
  'Graph/testGraphModelWithoutEstimator': (
    { in1, in2 }: { in1: number[]; in2: number[] },
    { output }: { output: number[] },
  ) => {
    const { builder, inputs, outputs } = unionGraph(SumModel.of(2), SumModel.of(1));
    const model = builder.buildModel(inputs, outputs);
    const give = async (m: GraphModel) =>
      valuesOf((await m.transform([numbers(...in1), numbers(...in2)]))[0]!);
    return twice(model, give, output);
  },
  'Graph/testGraphWithEstimator': (
    { in1, in2 }: { in1: number[]; in2: number[] },
    { output }: { output: number[] },
  ) => {
    const tables = [numbers(...in1), numbers(...in2)];
    const { builder, inputs, outputs } = unionGraph(new SumEstimator(), new SumEstimator());
    const graph = builder.buildEstimator(inputs, outputs);
    return twice(
      graph,
      async (g: Graph) => {
        const model = await g.fit(tables);
        await twice(model, async (m) => valuesOf((await m.transform(tables))[0]!), output);
        return valuesOf((await model.transform(tables))[0]!);
      },
      output,
    );
  },
  'Graph/derivedAddTwice': () => {
    const builder = new GraphBuilder();
    const model = SumModel.of(1);
    builder.addAlgoOperator(model, builder.createTableId());
    throwsError(
      () => builder.addAlgoOperator(model, builder.createTableId()),
      'ERR_GYRE_PLAN',
      /SumModel has been added already/,
    );
  },
  'Servable/testSaveModelLoadServable': async (
    { rows }: { rows: [number][] },
    expect: { rows: [number][] },
  ) => {
    const path = newPath();
    await SumModel.of(10).save(path);
    const servable = await loadServable(path, { classes });
    const got = rows.map(([value]) => [servable.transform({ value })!.value]);
    assert.equal(got, expect.rows);
  },
  'Servable/derivedPredict': (
    { coefficient, features }: { coefficient: number[]; features: number[][] },
    expect: { prediction: number[]; rawPrediction: number[][]; tolerance: number },
  ) => {
    const model = new OnlineLogisticRegressionModel().setModelData({
      coefficient: Vectors.dense(coefficient),
      modelVersion: 0,
    });
    const servable = model.toServable({ schema: { features: 'vector' } });
    features.forEach((entries, i) => {
      const row = servable.transform({ features: entries })!;
      assert.is(row.prediction, expect.prediction[i]);
      (row.rawPrediction as DenseVector).values.forEach((value, k) => {
        near(value, expect.rawPrediction[i]![k]!, expect.tolerance);
      });
    });
  },
  'Param/testParamWithNullDefault': (_: never, { afterSet3 }: { afterSet3: number }) => {
    const table = { paramWithNullDefault: params.required(params.int(0)) };
    const unset = () => resolveParams('MyStage', table, {});
    throwsError(unset, 'ERR_GYRE_INVALID_PARAM', /^MyStage\.paramWithNullDefault must be/);
    assert.is(
      resolveParams('MyStage', table, { paramWithNullDefault: 3 }).paramWithNullDefault,
      afterSet3,
    );
  },
  'Param/testSetUndefinedParam': ({ param, value }: { param: string; value: number }) => {
    throwsError(
      () => new AllParams({ ...{ [param]: value } }),
      'ERR_GYRE_INVALID_PARAM',
      /^AllParams has no param "anotherIntParam"/,
    );
  },
  'Param/testParamSetInvalidValue': ({ cases }: { cases: [string, unknown][] }) => {
    for (const [name, value] of cases) {
      const param = name.split(' ')[0]!;
      throwsError(
        () => new AllParams({ [param]: value }),
        'ERR_GYRE_INVALID_PARAM',
        new RegExp(`^AllParams\\.${param} must be .*, got ${JSON.stringify(value)}`),
      );
    }
  },
  'Param/testStageSaveLoad': async (input: Readonly<Record<string, unknown>>) => {
    const known = Object.keys(AllParams.params);
    const given = Object.entries(input).filter(([name]) => known.includes(name));
    assert.equal(
      given.map(([name]) => name).sort(),
      known.sort(),
      'all params of the stage are given',
    );
    // Of other types than stages have: vectors, lists of lists, and windows, which have a vector of
    // their own.
    const others = Object.keys(input).filter((name) => !known.includes(name));
    assert.equal(others, [
      'doubleArrayArrayParam',
      'stringArrayArrayParam',
      'vectorParam',
      'windowsParam',
    ]);
    const stage = new AllParams(Object.fromEntries(given));
    const path = newPath();
    await stage.save(path);
    const loaded = (await loadStage(path, { classes: [AllParams] })) as AllParams;
    assert.equal(loaded.params, stage.params);
    await rejectsError(stage.save(path), 'ERR_GYRE_FORMAT', /exists already/);
  },
  'Param/testStageSaveLoadWithParamOverrides': async (
    { paramWithNullDefault }: { paramWithNullDefault: [number, number] },
    { loaded }: { loaded: number },
  ) => {
    const first = new AllParams({ paramWithNullDefault: paramWithNullDefault[0] });
    const stage = new AllParams({ ...first.params, paramWithNullDefault: paramWithNullDefault[1] });
    const path = newPath();
    await stage.save(path);
    const read = (await loadStage(path, { classes: [AllParams] })) as AllParams;
    assert.is(read.params.paramWithNullDefault, loaded);
  },
  'Param/testValidators': (_: never, expect: Readonly<Record<string, [unknown, boolean][]>>) => {
    const KINDS: Readonly<Record<string, params.Param<never>>> = {
      'gt(10)': params.int(11, { above: 10 }) as never,
      'gtEq(10)': params.int(11, { min: 10 }) as never,
      'lt(10)': params.int(0, { below: 10 }) as never,
      'ltEq(10)': params.int(0, { max: 10 }) as never,
      'inRange(5,15)': params.int(5, { min: 5, max: 15 }) as never,
      'inRange(5,15,false,false)': params.int(6, { above: 5, below: 15 }) as never,
      'notNull()': params.int(0) as never,
      'nonEmptyArray()': params.strings([], { nonEmpty: true }) as never,
      'isSubSet(a,b,c)': params.someOf(['a', 'b', 'c'], []) as never,
      // Words, where Flink ML's test has integers.
      'inArray(1,2,3)': params.oneOf(['1', '2', '3'], '1') as never,
    };
    assert.equal(Object.keys(KINDS).sort(), Object.keys(expect).sort());
    for (const [name, cases] of Object.entries(expect)) {
      for (const [value, accepted] of cases) {
        const given = name.startsWith('inArray') && value !== null ? String(value) : value;
        assert.is(KINDS[name]!.accepts(given), accepted, `${name}: ${JSON.stringify(value)}`);
      }
    }
  },
  'Param/testSaveLoadWindowsParams': async ({ windows }: { windows: { type: string }[] }) => {
    const CLASSES: Readonly<Record<string, string>> = {
      global: 'GlobalWindows',
      countTumbling: 'CountTumblingWindows',
      eventTimeTumbling: 'EventTimeTumblingWindows',
      processingTimeTumbling: 'ProcessingTimeTumblingWindows',
      eventTimeSession: 'EventTimeSessionWindows',
      processingTimeSession: 'ProcessingTimeSessionWindows',
    };
    for (const { type, ...size } of windows) {
      const given = { kind: CLASSES[type], ...size } as never;
      const stage = new OnlineStandardScaler({ windows: given });
      const path = newPath();
      await stage.save(path);
      const loaded = (await loadStage(path)) as OnlineStandardScaler;
      assert.equal(loaded.params.windows, stage.params.windows);
      assert.is(loaded.params.windows.kind, CLASSES[type]);
    }
  },
  'ReadWrite/testModelSaveLoad': ({ data }: { data: number[] }, { output }: { output: number[] }) =>
    twice(SumModel.of(10), async (m) => valuesOf(await m.transform(numbers(...data))), output),
  'SparseVector/testConstructor': (
    { size, indices, values }: SparseJson,
    expect: SparseJson & { toString: string },
  ) => {
    const vector = Vectors.sparse(size, indices, values);
    assert.equal(vector.toJSON(), {
      size: expect.size,
      indices: expect.indices,
      values: expect.values,
    });
    assert.is(vector.toString(), expect.toString);
  },
  'SparseVector/testDuplicateIndex': ({ size, indices, values }: SparseJson) => {
    throwsError(() => Vectors.sparse(size, indices, values), 'ERR_GYRE_DATA', /given twice/);
  },
  'SparseVector/testUnsortedIndex': ({ size, indices, values }: SparseJson, expect: SparseJson) => {
    assert.equal(Vectors.sparse(size, indices, values).toJSON(), expect);
  },
  'BLAS/testAxpyK': (
    { a, x, y, k }: { a: number; x: number[]; y: number[]; k: number },
    expect: { y: number[]; tolerance: number },
  ) => {
    const target = Vectors.dense(y);
    BLAS.axpy(a, Vectors.dense(x), target, k);
    assert.equal([...target.values], expect.y);
  },
  'BLAS/testDot': (
    { x, y }: { x: number[] | SparseJson; y: number[] | SparseJson },
    { value, tolerance }: { value: number; tolerance: number },
  ) => near(BLAS.dot(vectorOf(x), vectorOf(y)), value, tolerance),
  'BLAS/testNorm2': (
    { x }: { x: number[] | SparseJson },
    { value, tolerance }: { value: number; tolerance: number },
  ) => near(BLAS.norm2(vectorOf(x)), value, tolerance),
  'BLAS/testNorm': (
    { x, p }: { x: number[] | SparseJson; p: number },
    { value, tolerance }: { value: number; tolerance: number },
  ) => near(BLAS.norm(vectorOf(x), p), value, tolerance),
  'BLAS/testHDot': (
    { x, y }: { x: SparseJson; y: number[] | SparseJson },
    expect: { y: number[] | SparseJson },
  ) => {
    const target = vectorOf(y);
    BLAS.hDot(vectorOf(x), target);
    assert.equal(target.toJSON(), expect.y);
  },
  'Distance/testEuclidean': checkDistance('euclidean'),
  'Distance/testManhattan': checkDistance('manhattan'),
  'VectorUtils/testSelectByIndices': async (
    { vector, indices }: { vector: SparseJson; indices: number[] },
    expect: { vector: SparseJson },
  ) => {
    const slicer = new VectorSlicer({ indices, inputCol: 'v', outputCol: 'w' });
    const output = await slicer.transform(Table.fromColumns({ v: [vectorOf(vector)] }));
    assert.equal((output.column('w').get(0) as SparseVector).toJSON(), expect.vector);
  },
  'Functions/testVectorToArray': (
    columns: Readonly<Record<string, (number[] | SparseJson)[]>>,
    { arrays }: { arrays: number[][] },
  ) => {
    assert.equal(Object.keys(columns), ['dense', 'sparse', 'mixed']);
    for (const values of Object.values(columns)) {
      const made = values.map(vectorOf);
      assert.equal(vectorToArray(Column.from(made)).toArray(), arrays);
      assert.equal(
        made.map((vector) => [...vectorToArray(vector)]),
        arrays,
      );
    }
  },
  'Functions/testArrayToVector': (
    { arrays }: { arrays: number[][] },
    { vectors: expected }: { vectors: number[][] },
  ) => {
    for (const type of ['float64[]', 'float32[]', 'int32[]', 'int64[]'] as const) {
      const column = arrayToVector(Column.from(arrays, type));
      assert.equal(
        column.toArray().map((vector) => vector!.toJSON()),
        expected,
        type,
      );
    }
    assert.equal(
      arrays.map((array) => arrayToVector(array).toJSON()),
      expected,
    );
  },
};

function checkDistance(name: DistanceMeasureName): Check {
  return (
    { a, b, centroids }: { a: SparseJson; b: number[]; centroids: number[][] },
    expect: { distance: number; closestToA: number; closestToB: number; tolerance: number },
  ) => {
    const measure = DistanceMeasure.of(name);
    const [x, y] = [vectorOf(a), vectorOf(b)];
    const among = centroids.map(vectorOf);
    near(measure.distance(x, y), expect.distance, expect.tolerance);
    assert.is(measure.findClosest(among, x), expect.closestToA);
    assert.is(measure.findClosest(among, y), expect.closestToB);
  };
}

for (const vector of vectors) {
  if (vector.id in exceptions) continue;
  test(
    vector.id,
    readable(async () => {
      const check = CHECKS[vector.id.split('#')[0]!];
      assert.type(check, 'function', 'there is a check of it');
      await check!(vector.input as never, vector.expect as never, vector);
    }),
  );
}

test('every exception names a vector, has a reason, and has no check', () => {
  for (const [id, reason] of Object.entries(exceptions)) {
    assert.ok(
      vectors.some((vector) => vector.id === id),
      id,
    );
    assert.ok(reason.length > 40, id);
    assert.not(id.split('#')[0]! in CHECKS, id);
  }
  assert.ok(Object.keys(exceptions).length < vectors.length / 3);
});

test.run();
