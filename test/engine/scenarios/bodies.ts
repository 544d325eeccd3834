/** Parts of the scenarios' bodies. */
import { TerminateOnMaxIter } from '../../../src/engine/operators/terminate.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { Never } from '../operators.js';
import {
  type EpochRecord,
  Identity,
  NextEpoch,
  Paced,
  StatefulKeyed,
  ValueModulo,
} from './operators.js';

/** By value to other subtasks, on to their keys, and one epoch up. */
export function keyedTail(
  stream: DataStream<EpochRecord>,
  subtasks: number,
): DataStream<EpochRecord> {
  const options = { parallelism: subtasks };
  const dealt = stream.keyBy(ValueModulo, subtasks).map(Identity, undefined, options);
  const keyed = (dealt as DataStream<EpochRecord>).keyBy('value');
  const counted = keyed.process(StatefulKeyed, undefined, options) as DataStream<EpochRecord>;
  return counted.map(NextEpoch);
}

/** Emits what comes in an epoch in its callback, while the epoch is below `before`. */
export const paced = <T>(stream: DataStream<T>, before?: number): DataStream<T> =>
  stream.process(Paced, before) as DataStream<T>;

/** A stream without records. */
export const nothing = <T>(stream: DataStream<T>): DataStream<T> =>
  stream.filter(Never) as DataStream<T>;

/** Criteria of so many rounds. */
export const maxRounds = <T>(stream: DataStream<T>, maxIter: number): DataStream<number> =>
  stream.flatMap(TerminateOnMaxIter, { maxIter });
