/** The dataflow engine, `gyre/engine`: for those who write their own iterative algorithms. */

export type { CheckpointOptions } from './checkpoint/options.js';
export {
  type BodyResult,
  type DataInput,
  forEachRound,
  type IterationSpec,
  once,
  replay,
} from './iterate.js';
export { Job, type JobOptions } from './job.js';
export type {
  CheckpointMetrics,
  JobMetrics,
  JobState,
  LoopMetrics,
  MemoryMetrics,
  OperatorMetrics,
  RingMetrics,
  SubtaskMetrics,
} from './job-metrics.js';
export type { JobSink } from './job-sink.js';
export type { JobProgress } from './job-watch.js';
export type { KeySelector } from './keys.js';
export type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  Key,
  KeyedState,
  MapOperator,
  OperatorCallbacks,
  OperatorClass,
  OperatorContext,
  ProcessOperator,
  ReduceOperator,
} from './operator.js';
export type { AggregateOperator } from './operators/aggregate.js';
export type { TimestampOperator, TimestampOptions } from './operators/assign-timestamps.js';
export type { CoGroupOperator } from './operators/co-group.js';
export { ForwardInputsOfLastRound } from './operators/forward-inputs-of-last-round.js';
export type { MapPartitionOperator } from './operators/map-partition.js';
export {
  TerminateOnMaxIter,
  TerminateOnMaxIterOrTol,
  type TerminateOnMaxIterOrTolParams,
  type TerminateOnMaxIterParams,
} from './operators/terminate.js';
export type { WindowInfo, WindowOperator } from './operators/window-all.js';
export {
  type CountWindowOptions,
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
  type Windows,
} from './operators/windows.js';
export type { Output, OutputOptions } from './output.js';
export type { Lifecycle } from './plan.js';
export {
  defaultSession,
  type MemoryOptions,
  Session,
  type SessionOptions,
} from './session.js';
export type { Shard } from './shard.js';
export type { RewindableSource, SourceInput } from './source.js';
export type { OperatorOptions } from './spec.js';
export type { ConnectedStreams, DataStream, KeyedStream } from './stream.js';
