/** `mapPartition`: one call with all records that a subtask has got. */
import type { Collector } from '../operator.js';
import { Buffering, type UserCallbacks } from './wrapper.js';

/** What `mapPartition` runs. */
export interface MapPartitionOperator<In = never, Out = unknown> extends UserCallbacks<Out> {
  /** All records of the subtask, in order of arrival, when the input has ended; maybe none. */
  mapPartition(values: readonly In[], out: Collector<Out>): void;
}

export class MapPartition extends Buffering<MapPartitionOperator<unknown>, unknown> {
  constructor(_settings: null, user: MapPartitionOperator<unknown>) {
    super(user);
  }

  protected override finish(values: unknown[], out: Collector): void {
    this.user.mapPartition(values, out);
  }
}
