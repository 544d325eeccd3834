/**
 * Ways of the library against plainer ones, on the calling thread: on workers the figures would
 * depend on who else wants the other cores.
 */
import { AggregateShards } from '../../src/algorithm/aggregate.js';
import { train } from '../../src/algorithm/train.js';
import type { RoundMethod } from '../../src/clustering/kmeans-rounds.js';
import { initialState, type KMeansTrainingParams } from '../../src/clustering/kmeans-training.js';
import {
  Column,
  ElementwiseProduct,
  LogisticRegression,
  MaxAbsScalerModel,
  MinMaxScalerModel,
  PipelineModel,
  RobustScaler,
  Session,
  StandardScalerModel,
  StringIndexer,
  Table,
  Vectors,
} from '../../src/index.js';
import { float64, int32 } from '../../src/table/buffers.js';
import type { NumericColumn } from '../../src/table/numeric-column.js';
import { seeded } from '../../test/reference/random.js';
import type { Rivals } from '../harness/cpu-ratio.js';
import { check } from '../harness/measure.js';

const random = seeded(11);
/** Nothing is too small for the way that large tables take. */
const session = new Session({ threads: 0, inlineWork: 0, kernels: 'simd' });
const module = (path: string): string => new URL(`../../src/${path}`, import.meta.url).href;

function randomTable(rows: number, dim: number): Table {
  const values = float64(rows * dim);
  for (let i = 0; i < values.length; i++) values[i] = random.unit();
  return Table.fromColumns({ input: Column.dense(values, dim) });
}

/** Row-wise stages in one job, shard by shard, against one job a stage. */
async function fusedPipeline(): Promise<Rivals> {
  // Few values: with many, most of the time goes into the pages of what comes out of either way.
  const [rows, dim] = [8192, 4];
  const table = randomTable(rows, dim);
  const inPlace = { inputCol: 'input', outputCol: 'input' };
  const vector = (value: number) => Vectors.dense(new Float64Array(dim).fill(value));
  const four = [
    new StandardScalerModel(inPlace).setModelData({ mean: vector(0.5), std: vector(0.3) }),
    new MinMaxScalerModel(inPlace).setModelData({ minVector: vector(-2), maxVector: vector(2) }),
    new ElementwiseProduct({ ...inPlace, scalingVec: vector(3) }),
    new MaxAbsScalerModel(inPlace).setModelData({ maxVector: vector(4) }),
  ] as const;
  const stages = [...four, ...four];
  const pipeline = new PipelineModel(stages);
  const fused = () => pipeline.transform(table, { session });
  const stepwise = async () => {
    let running = table;
    for (const stage of stages) running = await stage.transform(running, { session });
    return running;
  };
  const [got, want] = [await fused(), await stepwise()].map(
    (output) => output.column('input', 'vector').values,
  );
  checkEqual(got!, want!, 'the fused pipeline');
  return { name: `fused pipeline of ${stages.length} stages`, guarded: fused, plain: stepwise };
}

/** Shards that pass through one slot against shards that are all kept. */
async function passingSlot(): Promise<Rivals> {
  const table = randomTable(400_000, 16);
  const ref = {
    module: module('feature/standard-scaler-aggregation.js'),
    name: 'standardScalerAggregation',
    params: { inputCol: 'input' },
  };
  const pass = (passing: boolean) => () => {
    const shards = session.job('guard').table(table, { passing });
    return shards.process(AggregateShards, ref).gather().output().toArray();
  };
  return { name: 'shards that pass against kept ones', guarded: pass(true), plain: pass(false) };
}

/** A dictionary of strings against a Map, twice; indices go by first appearance. */
async function stringDictionary(): Promise<Rivals> {
  const [rows, distinct] = [200_000, 1000];
  const labels = Array.from({ length: distinct }, (_, i) => `key ${(i * 7919) % distinct}`);
  const strings = Array.from({ length: rows }, () => labels[random.below(distinct)]!);
  const params = { inputCols: ['c'], outputCols: ['i'] };
  const byStage = async (): Promise<ArrayLike<number>> => {
    const table = Table.fromColumns({ c: strings });
    const model = await new StringIndexer(params).fit(table, { session });
    const output = await model.transform(table, { session });
    return (output.column('i') as NumericColumn<Float64Array>).values;
  };
  const byMap = (): ArrayLike<number> => {
    const counts = new Map<string, number>();
    for (const text of strings) counts.set(text, (counts.get(text) ?? 0) + 1);
    const index = new Map<string, number>();
    for (const label of counts.keys()) index.set(label, index.size);
    return Float64Array.from(strings, (text) => index.get(text)!);
  };
  checkEqual(await byStage(), byMap(), 'StringIndexer');
  return { name: 'StringIndexer of string[] against a Map', guarded: byStage, plain: byMap };
}

/** One-hot vectors as sparse ones against the same as dense ones. */
async function sparseOneHot(): Promise<Rivals> {
  const [rows, size] = [10_000, 1000];
  const offsets = int32(rows + 1).map((_, row) => row);
  const indices = int32(rows).map(() => random.below(size));
  const dense = float64(rows * size);
  indices.forEach((index, row) => {
    dense[row * size + index] = 1;
  });
  const label = Float64Array.from(indices, (index) => (random.below(size) < index ? 1 : 0));
  const forms = {
    sparse: Column.sparse(size, offsets, indices, float64(rows).fill(1)),
    dense: Column.dense(dense, size),
  };
  const fit = (features: Column) => {
    const table = Table.fromColumns({ features, label });
    return async () => {
      const regression = new LogisticRegression({ solver: 'lbfgs', maxIter: 5, reg: 0.01 });
      return (await regression.fit(table, { session })).modelData.coefficient.values;
    };
  };
  const [guarded, plain] = [fit(forms.sparse), fit(forms.dense)];
  checkEqual(await guarded(), await plain(), 'LogisticRegression of sparse vectors', 1e-9);
  return { name: 'one-hot vectors, sparse against dense', guarded, plain };
}

/** A served row against `transform` of a table of one row. */
async function servedRow(): Promise<Rivals> {
  const dim = 20;
  const [mean, std] = [Vectors.dense(random.f64(dim)), Vectors.dense(random.f64(dim).fill(2))];
  const model = new StandardScalerModel({ withMean: true }).setModelData({ mean, std });
  const row = { input: random.f64(dim) };
  const table = Table.fromColumns({ input: Column.dense(row.input, dim) });
  const servable = model.toServable({ schema: { input: 'vector' } });
  return {
    name: 'a served row against transform',
    guarded: () => servable.transform(row),
    plain: () => model.transform(table, { session }),
  };
}

/**
 * Points near a plane of few dimensions, evenly spread: centroids creep for many rounds, and bounds
 * have something to tell.
 */
function planeTable(rows: number, dim: number): Table {
  const axes = 4;
  const directions = random.f64(axes * dim);
  const values = float64(rows * dim);
  for (let row = 0; row < rows; row++) {
    const place = random.f64(axes);
    for (let t = 0; t < dim; t++) {
      let value = 0.1 * random.unit();
      for (let a = 0; a < axes; a++) value += place[a]! * directions[a * dim + t]!;
      values[row * dim + t] = value;
    }
  }
  return Table.fromColumns({ features: Column.dense(values, dim) });
}

/** Rounds of KMeans that leave out distances against rounds that measure all of them. */
async function boundedRounds(method: RoundMethod, dim: number, k: number): Promise<Rivals> {
  const table = planeTable(20_000, dim);
  const { values } = table.column('features', 'vector');
  const initial = initialState(Float64Array.from(values.subarray(0, k * dim)), k);
  const fit = (by: RoundMethod) => async () => {
    const params: KMeansTrainingParams = {
      ...{ featuresCol: 'features', weightCol: null, distanceMeasure: 'euclidean' },
      ...{ k, dim, maxIter: 20, tol: 0, method: by },
    };
    const ref = { module: module('clustering/kmeans-training.js'), name: 'kmeansTraining', params };
    const work = Number.POSITIVE_INFINITY;
    return (await train('guard', ref, table, initial, work, { session })).centroids;
  };
  const [guarded, plain] = [fit(method), fit('plain')];
  checkEqual(await guarded(), await plain(), `KMeans by ${method}`);
  return { name: `KMeans by ${method} against all distances`, guarded, plain };
}

/** Quantiles by selection against a sorted copy of every column. */
async function quantiles(): Promise<Rivals> {
  const [rows, dim] = [100_000, 4];
  const table = randomTable(rows, dim);
  const { values } = table.column('input', 'vector');
  const select = async () => {
    const model = await new RobustScaler().fit(table, { session });
    return model.modelData.medians.values;
  };
  const sort = () => {
    const medians = new Float64Array(dim);
    const column = new Float64Array(rows);
    for (let t = 0; t < dim; t++) {
      for (let row = 0; row < rows; row++) column[row] = values[row * dim + t]!;
      medians[t] = column.sort()[Math.ceil(0.5 * rows) - 1]!;
    }
    return medians;
  };
  checkEqual(await select(), sort(), 'medians');
  return { name: 'quantiles by selection against sorting', guarded: select, plain: sort };
}

function checkEqual(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  what: string,
  tolerance = 0,
): void {
  const isEqual = (value: number, i: number) => Math.abs(value - want[i]!) <= tolerance;
  check(got.length === want.length && Array.from(got).every(isEqual), what);
}

/** The cases, one made after the other; the results of the two ways have been compared. */
export async function pathRivals(): Promise<Rivals[]> {
  return [
    await fusedPipeline(),
    await passingSlot(),
    await stringDictionary(),
    await sparseOneHot(),
    await servedRow(),
    await boundedRounds('elkan', 64, 64),
    await boundedRounds('boxes', 3, 64),
    await quantiles(),
  ];
}
