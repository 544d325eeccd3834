/** The dataflow engine, `gyre/engine`: for those who write their own iterative algorithms. */

export { type BodyResult, type DataInput, type IterationSpec, once, replay } from './iterate.js';
export { Job, type JobOptions } from './job.js';
export type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  MapOperator,
  OperatorCallbacks,
  OperatorClass,
  OperatorContext,
  ProcessOperator,
  ReduceOperator,
} from './operator.js';
export type { Output } from './output.js';
export { defaultSession, Session, type SessionOptions } from './session.js';
export type { Shard } from './shard.js';
export type { ConnectedStreams, DataStream } from './stream.js';
