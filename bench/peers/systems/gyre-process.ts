/** Gyre in a process that stays: see System.process for what is asked of it. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { benchmarkStage } from '../../../src/benchmark/benchmark-stage.js';
import { type BenchmarkEntry, readConfig, readEntry } from '../../../src/benchmark/config.js';
import { GeneratedRows } from '../../../src/benchmark/generated-rows.js';
import { inputGenerator } from '../../../src/benchmark/generators.js';
import { isMeasured, runBenchmark } from '../../../src/benchmark/run-benchmarks.js';
import {
  type DenseVector,
  type Estimator,
  KMeans,
  type KMeansModel,
  type MinMaxScalerModel,
  type Model,
  type OneHotEncoderModel,
  Session,
  type StringIndexerModel,
  type Table,
  Vectors,
} from '../../../src/index.js';
import type { Work } from '../work.js';
import type { ModelFacts } from './model-facts.js';
import { type KMeansStart, THREADS } from './system.js';

interface Request {
  readonly do: 'run' | 'model';
  readonly work: Work;
  readonly start?: KMeansStart;
}

const session = new Session({ threads: THREADS });
const { signal } = new AbortController();

/** What Gyre's framework tells: the time of the work, rows being made included. */
async function run(entry: BenchmarkEntry): Promise<number> {
  const { results } = await runBenchmark(entry, { session, signal });
  if (!isMeasured(results)) throw new Error(results.exception);
  return results.totalTimeMs / 1000;
}

async function model(entry: BenchmarkEntry, start: KMeansStart): Promise<ModelFacts> {
  const { stage, inputData } = readEntry(entry);
  const table = new GeneratedRows(inputGenerator(inputData)).table();
  const estimator = (await benchmarkStage(stage)) as Estimator<object, Model<object, unknown>>;
  if (estimator instanceof KMeans && start === 'firstRows') startWithFirstRows(estimator, table);
  return factsOf(await estimator.fit(table, { session }));
}

function startWithFirstRows(estimator: KMeans, table: Table): void {
  const { k, featuresCol } = estimator.params;
  const first = table.slice(0, k).column(featuresCol, 'vector');
  const centroids = first.toArray() as DenseVector[];
  const weights = Vectors.dense(new Array<number>(k).fill(1));
  estimator.setInitialModelData({ centroids, weights });
}

function factsOf(fitted: Model<object, unknown>): ModelFacts {
  const { className } = fitted.stageClass;
  const facts = FACTS[className];
  if (facts === undefined) throw new Error(`there are no facts of ${className}`);
  return facts(fitted);
}

const numbers = ({ values }: DenseVector): number[] => [...values];

const FACTS: Readonly<Record<string, (model: Model<object, unknown>) => ModelFacts>> = {
  KMeansModel: (model) => {
    const { centroids, weights } = (model as KMeansModel).modelData;
    return { centroids: centroids.flatMap(numbers), weights: numbers(weights) };
  },
  MinMaxScalerModel: (model) => {
    const { minVector, maxVector } = (model as MinMaxScalerModel).modelData;
    return { min: numbers(minVector), max: numbers(maxVector) };
  },
  OneHotEncoderModel: (model) => ({
    maxIndices: (model as OneHotEncoderModel).modelData.maxIndices,
  }),
  // In any order, as stringOrderType says.
  StringIndexerModel: (model) => ({
    strings: [...(model as StringIndexerModel).modelData.stringArrays[0]!].sort(),
  }),
};

async function answer({ do: what, work, start = 'sample' }: Request): Promise<object> {
  const entry = readConfig(readFileSync(work.configFile, 'utf8'), work.configFile)[0]!;
  return what === 'run' ? { seconds: await run(entry) } : { model: await model(entry, start) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as Request).catch((error: Error) => ({
    error: error.stack,
  }));
  console.log(JSON.stringify(reply));
}
await session.close();
