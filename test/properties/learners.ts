/** The estimators whose properties are tested, and what they learn from. */
import {
  Column,
  CountVectorizer,
  DenseVector,
  IDF,
  Imputer,
  KBinsDiscretizer,
  KMeans,
  Knn,
  KnnRegression,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  MaxAbsScaler,
  MinMaxScaler,
  NaiveBayes,
  OneHotEncoder,
  OnlineKMeans,
  OnlineLogisticRegression,
  OnlineStandardScaler,
  RobustScaler,
  StandardScaler,
  StringIndexer,
  Table,
  UnivariateFeatureSelector,
  VarianceThresholdSelector,
  VectorIndexer,
} from '../../src/index.js';
import { seeded } from '../reference/random.js';

/** An estimator, whatever it learns. */
export interface AnyEstimator {
  fit(
    table: Table,
    options?: object,
  ): Promise<{ transform(table: Table, options?: object): unknown }>;
}

/** How an estimator is made for a property. */
export interface Setting {
  /** The column of weights, or null. */
  readonly weightCol: string | null;
  /** What the weights were multiplied by: as much goes to what is added to them. */
  readonly scale: number;
  /** The size of the vectors. */
  readonly dim: number;
  /** Rows of the table that is learned from. */
  readonly rows: number;
}

/** What the properties have to know of an estimator. */
export interface Learner {
  readonly name: string;
  readonly make: (setting: Setting) => AnyEstimator;
  /** Whether it has a `weightCol`. */
  readonly weighs: boolean;
  /**
   * What a feature that is always 0 does: nothing; or it has an entry of its own, the last, in the
   * vectors that the model makes; or its presence says something, which `why` tells; or there are
   * no vectors.
   */
  readonly zeros: 'nothing' | 'entry' | 'matters' | 'no vectors';
  readonly why?: string;
  /** How far numbers may be apart, relative to what they are, or to 1 where they are less. */
  readonly tolerance: number;
}

const DIM = 4;
/** A feature that varies less than the others. */
const FAINT = 3;
const CLASSES = 3;

/** Rows of every kind of column that a learner reads. */
export function rowsOf(rows: number, seed: number): Table {
  const random = seeded(seed);
  const values = random.f64(rows * DIM).map((value, i) => (i % DIM === FAINT ? value / 20 : value));
  const counts = Float64Array.from(values, () => 1 + random.below(4));
  const score = (i: number) => values[i * DIM]! - values[i * DIM + 1]! + random.unit() - 0.5;
  const scores = Float64Array.from({ length: rows }, (_, i) => score(i));
  // Each class and each category comes up, however few rows there are.
  const code = Int32Array.from({ length: rows }, (_, i) => (i < 5 ? i : random.below(5)));
  const words = Array.from(code, (c) => `w${c}`);
  const kinds = Float64Array.from(scores, (s, i) =>
    i < CLASSES ? i : 1 + Math.sign(Math.trunc(1.5 * s)),
  );
  return Table.fromColumns({
    features: Column.dense(values, DIM),
    counts: Column.dense(counts, DIM),
    number: scores,
    binary: scores.map((s, i) => (i < 2 ? i : Number(s > 0))),
    kind: kinds,
    gap: scores.map((s, i) => (i % 7 === 3 ? Number.NaN : s)),
    code,
    word: words,
    words: Array.from(words, (word, i) => [word, words[(i * 3) % rows]!, 'common']),
    weight: Float64Array.from({ length: rows }, () => 1 + random.below(3)),
  });
}

/** Rows of which everything else is to be learned: features change places, and there is one more of each kind. */
export function otherRowsOf(rows: number, seed: number): Table {
  const table = rowsOf(rows, seed);
  const reversed = (name: string, last: number) => {
    const vectors = table.column(name, 'vector').toArray() as DenseVector[];
    const values = vectors.flatMap(({ values }) => [...values].reverse());
    return Column.dense(Float64Array.from(values).fill(last, values.length - DIM), DIM);
  };
  const code = table.column('code', 'int32').values.map((c, i) => (i === rows - 1 ? 9 : c));
  return table
    .withColumn('features', reversed('features', 0.5))
    .withColumn('counts', reversed('counts', 0))
    .withColumn('code', Column.numeric(code));
}

/** The table with a last feature that is always 0. */
export function withZeros(table: Table): Table {
  return ['features', 'counts'].reduce((widened, name) => {
    const { values } = table.column(name, 'vector') as unknown as { values: Float64Array };
    const wide = new Float64Array(table.numRows * (DIM + 1));
    for (let i = 0; i < table.numRows; i++) {
      wide.set(values.subarray(i * DIM, (i + 1) * DIM), i * (DIM + 1));
    }
    return widened.withColumn(name, Column.dense(wide, DIM + 1));
  }, table);
}

const ROUNDING = 1e-10;
/** Of what is minimised, until it falls no more. */
const MINIMUM = 1e-5;

/** A batch of all rows, so that none comes before another. */
const FULL_BATCH = { solver: 'sgd', maxIter: 7, globalBatchSize: 1 << 20 } as const;
const EXACT = { solver: 'lbfgs', maxIter: 500, tol: 1e-14, fitIntercept: true } as const;

type Linear = new (params: object) => AnyEstimator;

function linear(Class: Linear, labelCol: string, params: object): Learner {
  const { name } = Class;
  const details = Object.entries(params).map(([key, value]) => `${key} ${value}`);
  const isExact = !('globalBatchSize' in params);
  return {
    name: [name, labelCol, ...details.filter((text) => !/^(tol|maxIter|globalB)/.test(text))].join(
      ' ',
    ),
    make: ({ weightCol }) => new Class({ labelCol, weightCol, ...params }),
    weighs: true,
    zeros: 'nothing',
    tolerance: isExact ? MINIMUM : ROUNDING,
  };
}

const MODEL_TYPES = {
  multinomial: 'counts',
  categorical: 'counts',
  multinomialCounts: 'counts',
  complement: 'counts',
  bernoulli: 'features',
  gaussian: 'features',
} as const;

/** Smoothed, where a feature of zeros counts as one more that could have been; or not. */
function bayes(modelType: keyof typeof MODEL_TYPES, smoothing: number): Learner {
  const isPriorOfSize = modelType === 'multinomial' && smoothing > 0;
  const counts = ['multinomialCounts', 'complement', 'bernoulli'].includes(modelType);
  const matters = isPriorOfSize || (counts && smoothing > 0);
  return {
    name: `NaiveBayes ${modelType}, smoothing ${smoothing}`,
    make: ({ weightCol, scale }) =>
      new NaiveBayes({
        ...{ modelType, weightCol, labelCol: 'kind', featuresCol: MODEL_TYPES[modelType] },
        ...{ smoothing: smoothing * scale, probabilityCol: 'probability' },
      }),
    weighs: true,
    zeros: matters ? 'matters' : 'nothing',
    ...(matters && { why: 'smoothing adds to every feature' }),
    tolerance: ROUNDING,
  };
}

/** Centroids that no rows choose. */
function start(k: number, dim: number) {
  const centroids = Array.from(
    { length: k },
    (_, j) =>
      new DenseVector(
        Float64Array.from({ length: dim }, (_, t) => (t < DIM ? Math.sin(1 + j * DIM + t) : 0)),
      ),
  );
  return { centroids, weights: new DenseVector(new Float64Array(k)) };
}

function kmeans(distanceMeasure: 'euclidean' | 'manhattan' | 'cosine'): Learner {
  return {
    name: `KMeans ${distanceMeasure}, from a given start`,
    make: ({ weightCol, dim }) =>
      new KMeans({ k: 5, maxIter: 8, distanceMeasure, weightCol }).setInitialModelData(
        start(5, dim),
      ),
    weighs: true,
    zeros: 'nothing',
    tolerance: ROUNDING,
  };
}

/** One without weights. */
function unweighed(
  name: string,
  zeros: Learner['zeros'],
  make: (setting: Setting) => AnyEstimator,
): Learner {
  return { name, make, weighs: false, zeros, tolerance: ROUNDING };
}

const input = { inputCol: 'features' } as const;

export const LEARNERS: readonly Learner[] = [
  linear(LinearRegression, 'number', EXACT),
  linear(LinearRegression, 'number', { ...EXACT, reg: 0.1, standardization: true }),
  linear(LinearRegression, 'number', { ...EXACT, reg: 0.05, elasticNet: 0.5 }),
  linear(LinearRegression, 'number', FULL_BATCH),
  linear(LogisticRegression, 'binary', { ...EXACT, reg: 0.01, standardization: true }),
  linear(LogisticRegression, 'binary', { ...EXACT, reg: 0.01, classWeight: 'balanced' }),
  linear(LogisticRegression, 'binary', { ...FULL_BATCH, reg: 0.01, elasticNet: 0.3 }),
  linear(LogisticRegression, 'kind', { ...EXACT, reg: 0.01 }),
  linear(LogisticRegression, 'kind', { ...FULL_BATCH, multiClass: 'multinomial' }),
  linear(LinearSVC, 'binary', { ...EXACT, reg: 0.01, loss: 'squaredHinge' }),
  linear(LinearSVC, 'binary', FULL_BATCH),
  ...(Object.keys(MODEL_TYPES) as (keyof typeof MODEL_TYPES)[]).map((type) => bayes(type, 1)),
  ...(['multinomial', 'multinomialCounts', 'complement', 'bernoulli'] as const).map((type) =>
    bayes(type, 0),
  ),
  kmeans('euclidean'),
  kmeans('manhattan'),
  kmeans('cosine'),
  unweighed('Knn', 'nothing', () => new Knn({ labelCol: 'kind', rawPredictionCol: 'shares' })),
  unweighed(
    'Knn by distance',
    'nothing',
    () => new Knn({ labelCol: 'kind', rawPredictionCol: 'shares', weighting: 'distance' }),
  ),
  unweighed('KnnRegression', 'nothing', () => new KnnRegression({ labelCol: 'number' })),
  unweighed(
    'OnlineLogisticRegression, one batch',
    'nothing',
    ({ rows }) => new OnlineLogisticRegression({ labelCol: 'binary', globalBatchSize: rows }),
  ),
  unweighed('OnlineKMeans, one batch, from a given start', 'nothing', ({ rows, dim }) =>
    new OnlineKMeans({ k: 5, globalBatchSize: rows }).setInitialModelData(start(5, dim)),
  ),
  unweighed('StandardScaler', 'entry', () => new StandardScaler({ ...input, withMean: true })),
  unweighed(
    'OnlineStandardScaler, one window',
    'entry',
    () => new OnlineStandardScaler({ ...input, withMean: true }),
  ),
  unweighed('MinMaxScaler', 'entry', () => new MinMaxScaler(input)),
  unweighed('MaxAbsScaler', 'entry', () => new MaxAbsScaler(input)),
  unweighed('RobustScaler', 'entry', () => new RobustScaler({ ...input, withCentering: true })),
  unweighed('IDF', 'entry', () => new IDF(input)),
  ...(['uniform', 'quantile', 'kmeans'] as const).map((strategy) =>
    unweighed(
      `KBinsDiscretizer ${strategy}`,
      'entry',
      () => new KBinsDiscretizer({ ...input, strategy }),
    ),
  ),
  unweighed(
    'VectorIndexer',
    'entry',
    () => new VectorIndexer({ inputCol: 'counts', maxCategories: 10 }),
  ),
  unweighed(
    'VarianceThresholdSelector',
    'nothing',
    () => new VarianceThresholdSelector({ ...input, varianceThreshold: 0.01 }),
  ),
  unweighed(
    'UnivariateFeatureSelector',
    'nothing',
    () =>
      new UnivariateFeatureSelector({
        ...{ labelCol: 'kind', featureType: 'continuous', labelType: 'categorical' },
        selectionThreshold: 2,
      }),
  ),
  ...(['mean', 'median', 'most_frequent'] as const).map((strategy) =>
    unweighed(
      `Imputer ${strategy}`,
      'no vectors',
      () => new Imputer({ inputCols: ['gap', 'code'], outputCols: ['a', 'b'], strategy }),
    ),
  ),
  unweighed(
    'StringIndexer',
    'no vectors',
    () =>
      new StringIndexer({
        ...{ inputCols: ['word'], outputCols: ['a'], stringOrderType: 'frequencyDesc' },
      }),
  ),
  unweighed(
    'OneHotEncoder',
    'no vectors',
    () => new OneHotEncoder({ inputCols: ['code'], outputCols: ['a'] }),
  ),
  unweighed('CountVectorizer', 'no vectors', () => new CountVectorizer({ inputCol: 'words' })),
];
