import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../src/benchmark/config.js';
import {
  type BenchmarkFailure,
  type BenchmarkFigures,
  isMeasured,
  resultsJson,
  runBenchmark,
} from '../../src/benchmark/run-benchmarks.js';
import { AbortError, FormatError, Session } from '../../src/index.js';

const session = new Session({ threads: 0 });
const { signal } = new AbortController();

const GENERATORS = 'org.apache.flink.ml.benchmark.datagenerator';
const doubles = {
  className: `${GENERATORS}.common.DoubleGenerator`,
  paramMap: { colNames: [['x']], numValues: 200 },
};
const vectors = {
  className: 'DenseVectorGenerator',
  paramMap: { colNames: [['input']], numValues: 200, vectorDim: 3 },
};

const results = async (json: unknown): Promise<BenchmarkFigures | BenchmarkFailure> =>
  (await runBenchmark({ name: 'entry', json }, { session, signal })).results;

async function figures(json: unknown): Promise<BenchmarkFigures> {
  const measured = await results(json);
  assert.ok(isMeasured(measured), JSON.stringify(measured));
  return measured;
}

async function exception(json: unknown): Promise<string> {
  const failed = await results(json);
  return isMeasured(failed) ? 'none' : failed.exception;
}

test('comments of both kinds are left out, but not what is in strings', () => {
  const text = `// A license. "quoted"
    { /* the
    version */ "version": 1, // to here
      "a//b": { "c": "/* \\" // */" } }`;
  assert.equal(readConfig(text, 'file'), [{ name: 'a//b', json: { c: '/* " // */' } }]);
});

test('entries are in the order of the file', () => {
  const text = '{"z": 1, "version": 1, "b": 2, "a": 3}';
  assert.equal(
    readConfig(text, 'file').map(({ name }) => name),
    ['z', 'b', 'a'],
  );
});

test('other versions, and what is no such file, are errors with the name of the file', () => {
  for (const [text, message] of [
    ['{"version": 2}', 'c.json: version must be 1, got 2.'],
    ['{"version": "1"}', 'c.json: version must be 1, got "1".'],
    ['{}', 'c.json: version must be 1, got undefined.'],
    ['[]', 'c.json: it must be a JSON object, got [].'],
    ['{"version": 1', 'c.json: it must be JSON, with comments or without: '],
    ['{"version": 1} /* open', 'c.json: it must be JSON, with comments or without: '],
  ] as const) {
    assert.throws(
      () => readConfig(text, 'c.json'),
      (error: unknown) =>
        error instanceof FormatError &&
        error.code === 'ERR_GYRE_FORMAT' &&
        error.message.startsWith(message),
      text,
    );
  }
});

test('stages and generators go by the names of Flink ML and of Gyre', async () => {
  const className = 'org.apache.flink.ml.feature.binarizer.Binarizer';
  const paramMap = { inputCols: ['x'], outputCols: ['y'], thresholds: [0.5] };
  for (const name of [className, 'Binarizer']) {
    const { inputRecordNum, outputRecordNum } = await figures({
      stage: { className: name, paramMap },
      inputData: doubles,
    });
    assert.equal([inputRecordNum, outputRecordNum], [200, 200]);
  }
});

test('figures go together', async () => {
  const stage = { className: 'StandardScaler' };
  const measured = await figures({ stage, inputData: vectors });
  const { totalTimeMs, inputRecordNum, outputRecordNum, generateTimeMs } = measured;
  assert.ok(totalTimeMs > 0 && generateTimeMs > 0 && generateTimeMs <= totalTimeMs);
  assert.equal([inputRecordNum, outputRecordNum], [200, 1]);
  assert.is(measured.inputThroughput, (200 * 1000) / totalTimeMs);
  assert.is(measured.outputThroughput, 1000 / totalTimeMs);
  assert.ok(measured.peakMemoryBytes > 2 ** 20);
  assert.equal([measured.threads, measured.kernels], [0, session.kernelBuild]);
});

test('params are read as Flink ML writes them', async () => {
  const product = (scalingVec: unknown) => ({
    stage: { className: 'ElementwiseProduct', paramMap: { scalingVec } },
    inputData: vectors,
  });
  await figures(product({ values: [1, 2, 3] }));
  await figures(product({ n: 3, indices: [0, 2], values: [1, 2] }));
  assert.match(await exception(product({ n: 2, indices: [0], values: [1] })), /ERR_GYRE_DIMENSION/);
  assert.match(
    await exception(product('NaN')),
    /^InvalidParamError \(ERR_GYRE_INVALID_PARAM\): ElementwiseProduct\.scalingVec must be a vector/,
  );
  const bucketize = (edge: unknown) => ({
    stage: {
      className: 'Bucketizer',
      paramMap: { inputCols: ['x'], outputCols: ['y'], splitsArray: [['-Infinity', 0.5, edge]] },
    },
    inputData: doubles,
  });
  await figures(bucketize('Infinity'));
  assert.match(await exception(bucketize('infinite')), /Bucketizer\.splitsArray must be/);
  const inputCols = ['x'];
  await figures({
    stage: {
      className: 'Imputer',
      paramMap: { inputCols, outputCols: ['y'], missingValue: 'NaN' },
    },
    inputData: doubles,
  });
});

test('a model has the data of a generator, or of an estimator that learns from the same rows', async () => {
  const features = { ...vectors, paramMap: { ...vectors.paramMap, colNames: [['features']] } };
  const centroids = { vectorDim: 3, arraySize: 2, seed: 1 };
  await figures({
    stage: { className: 'org.apache.flink.ml.clustering.kmeans.KMeansModel' },
    inputData: features,
    modelData: {
      className: `${GENERATORS}.clustering.KMeansModelDataGenerator`,
      paramMap: centroids,
    },
  });
  await figures({
    stage: { className: 'KMeansModel' },
    inputData: features,
    modelData: { className: 'KMeans' },
  });
  const encode = { inputCols: ['x'], outputCols: ['y'] };
  const strings = {
    className: 'RandomStringGenerator',
    paramMap: { colNames: [['x']], numDistinctValues: 3, numValues: 100 },
  };
  await figures({
    stage: { className: 'IndexToStringModel', paramMap: encode },
    inputData: { ...doubles, paramMap: { ...doubles.paramMap, arity: 3 } },
    modelData: { className: 'StringIndexer', paramMap: encode, inputData: strings },
  });
});

test('what is wrong with an entry is its result', async () => {
  const stage = { className: 'StandardScaler' };
  const cases: [json: unknown, message: RegExp][] = [
    [null, /entry must be an object, got null/],
    [{ stage }, /entry\.inputData must be an object, got undefined/],
    [{ stage, inputs: vectors }, /entry has no key "inputs"; it has stage, inputData, modelData/],
    [{ stage: {}, inputData: vectors }, /entry\.stage: className must be the name of a class/],
    [{ stage: { ...stage, paramMap: [] }, inputData: vectors }, /paramMap must be an object/],
    [{ stage: { className: 'Nope' }, inputData: vectors }, /There is no stage "Nope"; there are /],
    [{ stage: { className: 'toString' }, inputData: vectors }, /There is no stage "toString"/],
    [
      { stage: { className: 'com.example.StandardScaler' }, inputData: vectors },
      /There is no stage "com\.example\.StandardScaler"/,
    ],
    [{ stage, inputData: { className: 'Nope' } }, /There is no input generator "Nope"/],
    [{ stage: { className: 'Pipeline' }, inputData: vectors }, /Pipeline is made of other stages/],
    [
      { stage: { ...stage, paramMap: { withMeans: true } }, inputData: vectors },
      /StandardScaler has no param "withMeans"/,
    ],
    [{ stage, inputData: doubles }, /ERR_GYRE_SCHEMA/],
    [{ stage, inputData: vectors, modelData: stage }, /StandardScaler: only models take modelData/],
    [
      {
        stage: { className: 'StandardScalerModel' },
        inputData: vectors,
        modelData: { className: 'DCT' },
      },
      /modelData must be an Estimator or KMeansModelDataGenerator, got DCT/,
    ],
    [
      { stage: { className: 'StandardScalerModel' }, inputData: vectors },
      /ModelDataError \(ERR_GYRE_MODEL\)/,
    ],
    [
      {
        stage: { className: 'KMeans' },
        inputData: { ...vectors, paramMap: { ...vectors.paramMap, numValues: 1e13 } },
      },
      /MemoryLimitError \(ERR_GYRE_MEMORY\): DenseVectorGenerator: 10000000000000 rows/,
    ],
  ];
  for (const [json, message] of cases) assert.match(await exception(json), message);
});

test('a transformer and an estimator of one pass take more rows than one batch', async () => {
  const paramMap = { ...doubles.paramMap, numValues: 20_000_001 };
  const { outputRecordNum } = await figures({
    stage: { className: 'Binarizer', paramMap: BINARIZE },
    inputData: { ...doubles, paramMap },
  });
  assert.is(outputRecordNum, 20_000_001);
  const encoder = await figures({
    stage: { className: 'OneHotEncoder', paramMap: { inputCols: ['x'], outputCols: ['y'] } },
    inputData: { ...doubles, paramMap: { ...paramMap, arity: 5 } },
  });
  assert.is(encoder.inputRecordNum, 20_000_001);
});

const BINARIZE = { inputCols: ['x'], outputCols: ['y'], thresholds: [0.5] };

test('an online estimator counts its versions, a splitter the rows of all parts', async () => {
  const online = {
    stage: { className: 'OnlineStandardScaler', paramMap: { windows: WINDOWS } },
    inputData: vectors,
  };
  assert.is((await figures(online)).outputRecordNum, 4);
  const split = { stage: { className: 'RandomSplitter' }, inputData: vectors };
  assert.is((await figures(split)).outputRecordNum, 200);
});

const WINDOWS = { class: 'org.apache.flink.ml.common.window.CountTumblingWindows', size: 50 };

test('an aborted run rejects', async () => {
  const entry = { name: 'a', json: { stage: { className: 'DCT' }, inputData: vectors } };
  try {
    await runBenchmark(entry, { session, signal: AbortSignal.abort() });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, AbortError);
  }
});

test('results are a file that can be run again', async () => {
  const text = JSON.stringify({
    version: 1,
    good: { stage: { className: 'DCT' }, inputData: vectors },
    bad: { stage: { className: 'Nope' }, inputData: vectors },
    worse: 7,
  });
  const run = async (config: string) => {
    const all = [];
    for (const entry of readConfig(config, 'file')) {
      all.push(await runBenchmark(entry, { session, signal }));
    }
    return resultsJson(all);
  };
  const once = await run(text);
  const { version, good, bad, worse } = JSON.parse(once);
  assert.is(version, 1);
  assert.equal(good.inputData, vectors);
  assert.is(good.results.outputRecordNum, 200);
  assert.match(bad.results.exception, /There is no stage/);
  assert.match(worse.results.exception, /must be an object/);
  const twice = JSON.parse(await run(once));
  assert.is(twice.good.results.outputRecordNum, 200);
  assert.equal(twice.bad, bad);
});

test.after(() => session.destroy());

test.run();
