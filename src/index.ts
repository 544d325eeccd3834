/** The public API of gyre. */

export type { PrequentialBatch } from './classification/ftrl-learner.js';
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
export { KMeans, type KMeansParams } from './clustering/kmeans.js';
export {
  KMeansModel,
  type KMeansModelData,
  type KMeansModelParams,
} from './clustering/kmeans-model.js';
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
  ModelDataError,
  OperatorError,
  PlanError,
  PoolError,
  SchemaError,
  WorkerFailedError,
} from './core/errors.js';
export { VERSION } from './core/version.js';
export type { CheckpointOptions } from './engine/checkpoint/options.js';
export {
  defaultSession,
  type MemoryOptions,
  Session,
  type SessionOptions,
} from './engine/session.js';
export { FeatureHasher, type FeatureHasherParams } from './feature/feature-hasher.js';
export { StandardScaler } from './feature/standard-scaler.js';
export {
  StandardScalerModel,
  type StandardScalerModelData,
} from './feature/standard-scaler-model.js';
export { type CsvReadOptions, readCsv } from './io/csv.js';
export { type FileFormat, FileSink, type FileSinkOptions } from './io/file-sink.js';
export { type JsonLinesReadOptions, readJsonLines } from './io/json-lines.js';
export { type ParquetReadOptions, readParquet } from './io/parquet.js';
export { type CsvWriteOptions, writeCsv } from './io/write-csv.js';
export { writeJsonLines } from './io/write-json-lines.js';
export { type ParquetWriteOptions, writeParquet } from './io/write-parquet.js';
export type { FitOptions, Progress, StageOptions } from './stage/stage.js';
export { Column } from './table/column.js';
export type { ColumnType, Schema } from './table/schema.js';
export { type Row, Table } from './table/table.js';
export { TableStream, type TableStreamOptions } from './table/table-stream.js';
export { DenseVector, SparseVector, type Vector, Vectors } from './table/vector.js';
