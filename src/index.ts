/** The public API of gyre. */

export type { ClassWeight } from './classification/class-weight.js';
export type { PrequentialBatch } from './classification/ftrl-messages.js';
export { Knn, type KnnParams } from './classification/knn.js';
export { KnnModel, type KnnModelParams } from './classification/knn-model.js';
export type { KnnModelData, PackedFeatures } from './classification/knn-model-data.js';
export type { NeighbourModelParams } from './classification/knn-neighbour-model.js';
export type { NeighbourWeighting } from './classification/knn-vote.js';
export { LinearSVC, type LinearSVCParams } from './classification/linear-svc.js';
export {
  LinearSVCModel,
  type LinearSVCModelData,
  type LinearSVCModelParams,
} from './classification/linear-svc-model.js';
export {
  LogisticRegression,
  type LogisticRegressionParams,
} from './classification/logistic-regression.js';
export {
  LogisticRegressionModel,
  type LogisticRegressionModelData,
  type LogisticRegressionModelParams,
} from './classification/logistic-regression-model.js';
export { NaiveBayes, type NaiveBayesParams } from './classification/naive-bayes.js';
export type {
  NaiveBayesModelData,
  NaiveBayesModelType,
} from './classification/naive-bayes-data.js';
export { NaiveBayesModel, type NaiveBayesModelParams } from './classification/naive-bayes-model.js';
export type { NeighbourDistance } from './classification/neighbours.js';
export {
  type OnlineFitOptions,
  OnlineLogisticRegression,
  type OnlineLogisticRegressionParams,
} from './classification/online-logistic-regression.js';
export {
  OnlineLogisticRegressionModel,
  type OnlineLogisticRegressionModelData,
  type OnlineLogisticRegressionModelParams,
} from './classification/online-logistic-regression-model.js';
export {
  AgglomerativeClustering,
  type AgglomerativeClusteringParams,
} from './clustering/agglomerative-clustering.js';
export { KMeans, type KMeansParams } from './clustering/kmeans.js';
export {
  KMeansModel,
  type KMeansModelData,
  type KMeansModelParams,
} from './clustering/kmeans-model.js';
export type { InitMode as KMeansInitMode } from './clustering/kmeans-seeding.js';
export type { KMeansSummary } from './clustering/kmeans-summary.js';
export { OnlineKMeans, type OnlineKMeansParams } from './clustering/online-kmeans.js';
export type {
  OnlineKMeansModelData,
  OnlineKMeansVersion,
} from './clustering/online-kmeans-data.js';
export {
  OnlineKMeansModel,
  type OnlineKMeansModelParams,
} from './clustering/online-kmeans-model.js';
export type { JobEvent, LearnEvent, RoundEvent } from './core/diagnostics.js';
export {
  AbortError,
  CheckpointError,
  ClosedError,
  DataError,
  DimensionMismatchError,
  type ErrorCode,
  type ErrorDetails,
  FormatError,
  GyreError,
  InternalError,
  InvalidParamError,
  IterationError,
  KernelError,
  MemoryLimitError,
  MissingPackageError,
  ModelDataError,
  OperatorError,
  PlanError,
  PoolError,
  SchemaError,
  WorkerFailedError,
} from './core/errors.js';
export * as Params from './core/params.js';
export { VERSION } from './core/version.js';
export type { CheckpointOptions } from './engine/checkpoint/options.js';
export {
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
  type Windows,
} from './engine/operators/windows.js';
export {
  defaultSession,
  type MemoryOptions,
  Session,
  type SessionOptions,
} from './engine/session.js';
export {
  BinaryClassificationEvaluator,
  type BinaryClassificationEvaluatorParams,
} from './evaluation/binary-classification-evaluator.js';
export type { BinaryClassificationMetric } from './evaluation/binary-classification-metrics.js';
export {
  ClusteringEvaluator,
  type ClusteringEvaluatorParams,
  type ClusteringMetric,
} from './evaluation/clustering-evaluator.js';
export {
  MulticlassClassificationEvaluator,
  type MulticlassClassificationEvaluatorParams,
} from './evaluation/multiclass-classification-evaluator.js';
export type { MulticlassClassificationMetric } from './evaluation/multiclass-classification-metrics.js';
export { RankingEvaluator, type RankingEvaluatorParams } from './evaluation/ranking-evaluator.js';
export type { RankingMetric } from './evaluation/ranking-sums.js';
export {
  RegressionEvaluator,
  type RegressionEvaluatorParams,
  type RegressionMetric,
} from './evaluation/regression-evaluator.js';
export { Binarizer, type BinarizerParams } from './feature/binarizer.js';
export { Bucketizer, type BucketizerParams } from './feature/bucketizer.js';
export { CountVectorizer, type CountVectorizerParams } from './feature/count-vectorizer.js';
export {
  CountVectorizerModel,
  type CountVectorizerModelData,
  type CountVectorizerModelParams,
} from './feature/count-vectorizer-model.js';
export { DCT, type DCTParams } from './feature/dct.js';
export {
  ElementwiseProduct,
  type ElementwiseProductParams,
} from './feature/elementwise-product.js';
export { FeatureHasher, type FeatureHasherParams } from './feature/feature-hasher.js';
export { HashingTF, type HashingTFParams } from './feature/hashing-tf.js';
export { IDF, type IDFParams } from './feature/idf.js';
export { IDFModel, type IDFModelData, type IDFModelParams } from './feature/idf-model.js';
export { Imputer, type ImputerParams } from './feature/imputer.js';
export {
  ImputerModel,
  type ImputerModelData,
  type ImputerModelParams,
} from './feature/imputer-model.js';
export { IndexToStringModel, type IndexToStringModelParams } from './feature/index-to-string.js';
export { Interaction, type InteractionParams } from './feature/interaction.js';
export { KBinsDiscretizer, type KBinsDiscretizerParams } from './feature/k-bins-discretizer.js';
export {
  KBinsDiscretizerModel,
  type KBinsDiscretizerModelData,
  type KBinsDiscretizerModelParams,
} from './feature/k-bins-discretizer-model.js';
export { MaxAbsScaler } from './feature/max-abs-scaler.js';
export {
  MaxAbsScalerModel,
  type MaxAbsScalerModelData,
  type MaxAbsScalerParams,
} from './feature/max-abs-scaler-model.js';
export { MinHashLSH, type MinHashLSHParams } from './feature/min-hash-lsh.js';
export {
  MinHashLSHModel,
  type MinHashLSHModelData,
  type MinHashLSHModelParams,
} from './feature/min-hash-lsh-model.js';
export { MinMaxScaler } from './feature/min-max-scaler.js';
export {
  MinMaxScalerModel,
  type MinMaxScalerModelData,
  type MinMaxScalerParams,
} from './feature/min-max-scaler-model.js';
export { NGram, type NGramParams } from './feature/n-gram.js';
export { Normalizer, type NormalizerParams } from './feature/normalizer.js';
export { OneHotEncoder, type OneHotEncoderParams } from './feature/one-hot-encoder.js';
export {
  OneHotEncoderModel,
  type OneHotEncoderModelData,
  type OneHotEncoderModelParams,
} from './feature/one-hot-encoder-model.js';
export {
  OnlineStandardScaler,
  type OnlineStandardScalerParams,
} from './feature/online-standard-scaler.js';
export type {
  OnlineStandardScalerModelData,
  OnlineStandardScalerVersion,
} from './feature/online-standard-scaler-data.js';
export {
  OnlineStandardScalerModel,
  type OnlineStandardScalerModelParams,
} from './feature/online-standard-scaler-model.js';
export {
  PolynomialExpansion,
  type PolynomialExpansionParams,
} from './feature/polynomial-expansion.js';
export { RandomSplitter, type RandomSplitterParams } from './feature/random-splitter.js';
export { RegexTokenizer, type RegexTokenizerParams } from './feature/regex-tokenizer.js';
export { RobustScaler, type RobustScalerParams } from './feature/robust-scaler.js';
export {
  RobustScalerModel,
  type RobustScalerModelData,
  type RobustScalerModelParams,
} from './feature/robust-scaler-model.js';
export { SQLTransformer, type SQLTransformerParams } from './feature/sql-transformer.js';
export { StandardScaler } from './feature/standard-scaler.js';
export {
  StandardScalerModel,
  type StandardScalerModelData,
} from './feature/standard-scaler-model.js';
export { StopWordsRemover, type StopWordsRemoverParams } from './feature/stop-words-remover.js';
export type { StringIndexerModelData } from './feature/string-arrays.js';
export { StringIndexer, type StringIndexerParams } from './feature/string-indexer.js';
export {
  StringIndexerModel,
  type StringIndexerModelParams,
} from './feature/string-indexer-model.js';
export type { StopWordsLanguage } from './feature/text/stop-words.js';
export { Tokenizer, type TokenizerParams } from './feature/tokenizer.js';
export {
  UnivariateFeatureSelector,
  type UnivariateFeatureSelectorParams,
} from './feature/univariate-feature-selector.js';
export {
  UnivariateFeatureSelectorModel,
  type UnivariateFeatureSelectorModelData,
  type UnivariateFeatureSelectorModelParams,
} from './feature/univariate-feature-selector-model.js';
export {
  VarianceThresholdSelector,
  type VarianceThresholdSelectorParams,
} from './feature/variance-threshold-selector.js';
export {
  VarianceThresholdSelectorModel,
  type VarianceThresholdSelectorModelData,
  type VarianceThresholdSelectorModelParams,
} from './feature/variance-threshold-selector-model.js';
export { VectorAssembler, type VectorAssemblerParams } from './feature/vector-assembler.js';
export { VectorIndexer, type VectorIndexerParams } from './feature/vector-indexer.js';
export {
  VectorIndexerModel,
  type VectorIndexerModelData,
  type VectorIndexerModelParams,
} from './feature/vector-indexer-model.js';
export { VectorSlicer, type VectorSlicerParams } from './feature/vector-slicer.js';
export { type ArrowReadOptions, readArrow } from './io/arrow.js';
export type { BadRecord, BadRecords, OnBadRecord } from './io/bad-records.js';
export type { FileLike } from './io/byte-source.js';
export type { Compression } from './io/compression.js';
export { type CsvReadOptions, readCsv } from './io/csv.js';
export { type DuckDBReadOptions, readDuckDB } from './io/duckdb.js';
export type { FilesLike } from './io/file-list.js';
export { type FileFormat, FileSink, type FileSinkOptions } from './io/file-sink.js';
export { type JsonLinesReadOptions, readJsonLines } from './io/json-lines.js';
export { type LibsvmReadOptions, readLibsvm } from './io/libsvm.js';
export { type ParquetReadOptions, readParquet } from './io/parquet.js';
export type { RecordReadOptions, RecordStream } from './io/record-stream.js';
export { type ArrowWriteOptions, writeArrow } from './io/write-arrow.js';
export { type CsvWriteOptions, writeCsv } from './io/write-csv.js';
export { type JsonLinesWriteOptions, writeJsonLines } from './io/write-json-lines.js';
export { type LibsvmWriteOptions, writeLibsvm } from './io/write-libsvm.js';
export { type ParquetWriteOptions, writeParquet } from './io/write-parquet.js';
export { OnlineModel } from './online/online-model.js';
export type { Publication, PublishOptions } from './online/publication.js';
export type { SharedModelHandle } from './online/shared-model.js';
export type { LinearModelData } from './optimization/linear-data.js';
export type { LinearTrainingParams } from './optimization/linear-params.js';
export type { TrainingEnd, TrainingSummary } from './optimization/summary.js';
export type { FitStagesOptions, StageProgress } from './pipeline/composite.js';
export { Graph } from './pipeline/graph.js';
export { type EstimatorEnds, GraphBuilder, type GraphEnds } from './pipeline/graph-builder.js';
export { GraphModel } from './pipeline/graph-model.js';
export { TableId } from './pipeline/graph-node.js';
export { type LoadOptions, loadServable, loadStage } from './pipeline/load-stage.js';
export { Pipeline } from './pipeline/pipeline.js';
export { PipelineModel } from './pipeline/pipeline-model.js';
export {
  type AnyOnlineModel,
  attachModel,
  type WatchModelOptions,
  watchModel,
  watchModelData,
  watchVersions,
} from './pipeline/watch-model.js';
export { Swing, type SwingParams } from './recommendation/swing.js';
export { KnnRegression, type KnnRegressionParams } from './regression/knn-regression.js';
export {
  KnnRegressionModel,
  type KnnRegressionModelParams,
} from './regression/knn-regression-model.js';
export { LinearRegression, type LinearRegressionParams } from './regression/linear-regression.js';
export {
  LinearRegressionModel,
  type LinearRegressionModelData,
  type LinearRegressionModelParams,
} from './regression/linear-regression-model.js';
export type { NewColumns, RowScope } from './stage/new-columns.js';
export { Servable, type ServableOptions } from './stage/servable.js';
export {
  AlgoOperator,
  Estimator,
  type FitOptions,
  Model,
  type Progress,
  type StageOptions,
  Transformer,
} from './stage/stage.js';
export { ANOVATest } from './stats/anova-test.js';
export { ChiSqTest } from './stats/chi-sq-test.js';
export { FValueTest } from './stats/f-value-test.js';
export type { FeatureTestParams } from './stats/feature-test.js';
export { BLAS } from './table/blas.js';
export { Column } from './table/column.js';
export { DistanceMeasure, type DistanceMeasureName } from './table/distance-measure.js';
export type { TableTextOptions } from './table/print-table.js';
export type { ColumnType, Schema } from './table/schema.js';
export { type Row, Table } from './table/table.js';
export { TableStream, type TableStreamOptions } from './table/table-stream.js';
export { DenseVector, SparseVector, type Vector, Vectors } from './table/vector.js';
export { arrayToVector, vectorToArray } from './table/vector-arrays.js';
