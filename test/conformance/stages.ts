/** Stages by name, as seen by a test that runs any of them. */

import type { Table, TableStream } from '../../src/index.js';
import * as gyre from '../../src/index.js';

/** What every stage object has; those of its kind have more. */
export interface AnyStage {
  readonly params: Readonly<Record<string, unknown>>;
  save(path: string): Promise<void>;
  transform(table: Table, options?: object): Promise<Table>;
  fit(table: Table | TableStream, options?: object): Promise<AnyModel>;
}

export interface AnyModel extends AnyStage {
  readonly modelData: Readonly<Record<string, unknown>>;
  setModelData(data: object): AnyModel;
}

export interface AnyStageClass {
  new (params?: object): AnyStage;
  load(path: string): Promise<AnyStage>;
  readonly className: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The class of a stage, or undefined when the package does not have it. */
export function classOf(name: string): AnyStageClass | undefined {
  return (gyre as unknown as Record<string, AnyStageClass>)[name];
}

/** What an error of a vector is here. Errors that Flink ML throws lazily may come earlier. */
export const ERRORS: Readonly<Record<string, { readonly code: string; readonly message: RegExp }>> =
  {
    'null user or item': {
      code: 'ERR_GYRE_DATA',
      message: /^Swing\.transform: column "user" must not have null, got null in row 1\.$/,
    },
    'user and item columns must be Long (int is rejected)': {
      code: 'ERR_GYRE_SCHEMA',
      message: /^Swing\.transform: column "user" must be int64, got int32\.$/,
    },
    'maxUserBehavior < minUserBehavior': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^Swing\.maxUserBehavior must not be below minUserBehavior, got 3 and 5\.$/,
    },
    'label 2.0 is neither 0 nor 1; multinomial classification unsupported, options auto/binomial (RuntimeException)':
      {
        code: 'ERR_GYRE_DATA',
        message: /^LogisticRegression\.fit: column "label" must be 0 or 1, got 2 in row \d+; mul/,
      },
    'feature value 2.0 was never seen in feature 0 (NullPointerException in calculateProb)': {
      code: 'ERR_GYRE_DATA',
      message: /^NaiveBayesModel\.transform: .* got 2 in row 0, entry 0; see handleInvalid\.$/,
    },
    'feature vectors of unequal length between labels (same message)': {
      code: 'ERR_GYRE_DIMENSION',
      message: /^column "features": row 1 has a vector of 1 entries, expected 2/,
    },
    'threshold must be in [0,1] for fpr, got 1.1': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /selectionThreshold must be in \[0, 1\] for 'fpr', got 1\.1\.$/,
    },
    'unsupported combination categorical/continuous': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /there must be a test of categorical features against a continuous label, got none/,
    },
    'vector without non-zero entries': {
      code: 'ERR_GYRE_DATA',
      message: /^MinHashLSHModel\.transform: column "input" must have .*, got none in row 0\.$/,
    },
    'needs at least two weights': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^RandomSplitter\.weights must be a list of at least two numbers > 0/,
    },
    'weights must be > 0': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^RandomSplitter\.weights must be a list of at least two numbers > 0/,
    },
    '2 features given, at least 3 expected': {
      code: 'ERR_GYRE_DIMENSION',
      message: /"features" must have vectors of size 3 or more, got 2\.$/,
    },
    'needs at least two classes': {
      code: 'ERR_GYRE_DATA',
      message: /^ANOVATest\.transform: column "label" must have at least two classes, got 1\.$/,
    },
    'metric name not supported': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message:
        /^BinaryClassificationEvaluator\.metricsNames must be a list of distinct words out of/,
    },
    'empty training set (Java: NoSuchElementException when the job runs)': {
      code: 'ERR_GYRE_DATA',
      message: /^MinMaxScaler\.fit: the table must have at least one row/,
    },
    'training set empty or without valid data': {
      code: 'ERR_GYRE_DATA',
      message: /^Imputer\.fit: the table must have at least one row/,
    },
    'null vector in training data': {
      code: 'ERR_GYRE_DATA',
      message: /^MaxAbsScaler\.fit: column "input" must not have null, got null in row 2/,
    },
    'training vectors differ in size': {
      code: 'ERR_GYRE_DIMENSION',
      message:
        /^column "input": row 1 has a vector of \d entries, expected \d as in the rows before/,
    },
    'number of features differs from the model (2 expected, 3 given)': {
      code: 'ERR_GYRE_DIMENSION',
      message: /must have vectors of size 2, got 3/,
    },
    '5 features given, 6 expected': {
      code: 'ERR_GYRE_DIMENSION',
      message: /must have vectors of size 6, got 5/,
    },
    'inputCols and outputCols lengths differ': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^\w+\.outputCols must have one entry for each of inputCols, got 3 for 4/,
    },
    'relativeError outside [0,1]': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^\w+\.relativeError must be a number >= 0 and <= 1, got 1\.5/,
    },
    'strategy not one of uniform, quantile, kmeans': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /\.strategy must be one of 'uniform', 'quantile', 'kmeans', got "other"/,
    },
    'maxIndexNum < INT_MAX only works with stringOrderType frequencyDesc': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^StringIndexer\.maxIndexNum needs stringOrderType 'frequencyDesc'/,
    },
    'only string and numeric columns': {
      code: 'ERR_GYRE_SCHEMA',
      message: /^StringIndexer\.fit: column "c" must be string, float64, .*, got boolean\.$/,
    },
    'inputCols/outputCols length mismatch': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message:
        /^StringIndexer\.outputCols must have one entry for each of inputCols, got 1 for 2\.$/,
    },
    'index out of bound for vector size 2': {
      code: 'ERR_GYRE_DATA',
      message:
        /^OneHotEncoderModel\.transform: column "input" must have integers in \[0, 2\], got 3/,
    },
    'index out of bound for vector size 3': {
      code: 'ERR_GYRE_DATA',
      message:
        /^OneHotEncoderModel\.transform: column "input" must have integers in \[0, 2\], got 4/,
    },
    'negative index': {
      code: 'ERR_GYRE_DATA',
      message:
        /^OneHotEncoder\.fit: column "input" must have integers in \[0, \d+\], got -1 in row 1/,
    },
    'negative index (vector index out of bound)': {
      code: 'ERR_GYRE_DATA',
      message:
        /^OneHotEncoderModel\.transform: column "input" must have integers in \[0, 2\], got -1/,
    },
    'training set is empty': {
      code: 'ERR_GYRE_DATA',
      message: /^\w+\.fit: the table must have at least one row/,
    },
    'maxDF below minDF (both fractions)': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.maxDF must not be below minDF, got 0\.1 and 0\.2\.$/,
    },
    'maxDF below minDF (both counts)': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.maxDF must not be below minDF, got 1 and 2\.$/,
    },
    'maxDF below minDF after converting the fraction (0.9*5=4.5 > 1)': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.maxDF must not be below minDF, .* of 5 documents are 1 and 4\.5/,
    },
    'maxDF below minDF after converting the fraction (0.1*5=0.5 < 10)': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.maxDF must not be below minDF, .* are 0\.5 and 10/,
    },
    'vocabularySize must be > 0': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.vocabularySize must be an integer >= 1 .*, got 0/,
    },
    'maxDF must be >= 0': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.maxDF must be a number >= 0, got -0\.1/,
    },
    'minTF must be >= 0': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^CountVectorizer\.minTF must be a number >= 0, got -1/,
    },
    'minDocFreq must be >= 0': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^IDF\.minDocFreq must be an integer >= 0 .*, got -1/,
    },
    'vector size mismatch': {
      code: 'ERR_GYRE_DIMENSION',
      message: /must have vectors of size \d+, got \d+\.$/,
    },
    'ambiguous column name: expected': {
      code: 'ERR_GYRE_SCHEMA',
      message: /"expected"/,
    },
    'exactly one of numClusters and distanceThreshold must be null (IllegalArgumentException)': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /exactly one of numClusters and distanceThreshold must be null, got 2 and 1\.$/,
    },
    'n must be >= 1': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^NGram\.n must be an integer >= 1 .*, got 0/,
    },
    'categoricalCols not contained in inputCols': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^FeatureHasher\.categoricalCols must be among inputCols/,
    },
    'number of thresholds differs from number of inputCols': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^Binarizer\.thresholds must have one entry for each of inputCols, got 2 for 3/,
    },
    'input contains invalid value, see handleInvalid': {
      code: 'ERR_GYRE_DATA',
      message:
        /^Bucketizer\.transform: column "f1" must be in \[-0\.5, 0\.5\], got -Infinity in row 1/,
    },
    'split points not strictly increasing': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^Bucketizer\.splitsArray must be .* ascending numbers/,
    },
    'required param scalingVec not set': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^ElementwiseProduct\.scalingVec must be a vector, got undefined/,
    },
    'degree invalid value -1': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^PolynomialExpansion\.degree must be an integer >= 1/,
    },
    'input column value is null': {
      code: 'ERR_GYRE_DATA',
      message: /^VectorAssembler\.transform: column "vec" must not have null, got null in row 1/,
    },
    'NaN in a numeric column': {
      code: 'ERR_GYRE_DATA',
      message: /^VectorAssembler\.transform: column "num" must not have NaN, got NaN in row 2/,
    },
    'inputSizes and inputCols differ in length': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message:
        /^VectorAssembler\.inputSizes must have one entry for each of inputCols, got 2 for 1/,
    },
    'indices empty': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^VectorSlicer\.indices must be a list of one or more different integers/,
    },
    'duplicate indices': {
      code: 'ERR_GYRE_INVALID_PARAM',
      message: /^VectorSlicer\.indices must be a list of one or more different integers/,
    },
  };

/** Calls that may fail, in order. */
export const CALLS: readonly string[] = ['construct', 'setParam', 'fit', 'transform'];

/** Calls that vectors name otherwise: what Flink ML does when a result is consumed. */
export const SAME_CALLS: Readonly<Record<string, string>> = {
  'executing fit': 'fit',
  predicting: 'transform',
  'calling transform (eager)': 'transform',
};
