/**
 * What the library tells those who watch, on `node:diagnostics_channel`. Nothing is published
 * without a subscriber.
 *
 * ```text
 * tracing:gyre:job:{start,end,asyncStart,asyncEnd,error}   a job: JobEvent
 * gyre:train:round                                         a round of a training: RoundEvent
 * gyre:learn:progress                                      an online learner: LearnEvent
 * ```
 */
import {
  type Channel,
  channel,
  type TracingChannel,
  tracingChannel,
} from 'node:diagnostics_channel';

/** A job; with `error` when it failed, also where nobody awaits it. */
export interface JobEvent {
  readonly job: string;
  /** Workers; 0 on the calling thread. */
  readonly threads: number;
  readonly error?: unknown;
}

/** A round of a training has ended. */
export interface RoundEvent {
  /** The call: `'KMeans.fit'`. */
  readonly job: string;
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** An online learner has learned more. */
export interface LearnEvent {
  readonly job: string;
  readonly modelVersion: number;
  /** All rows so far. */
  readonly rows: number;
  /** Mean loss of the rows since the last event. */
  readonly loss: number;
}

export const jobTracing: TracingChannel<unknown, JobEvent> = tracingChannel('gyre:job');
export const roundChannel: Channel = channel('gyre:train:round');
export const learnChannel: Channel = channel('gyre:learn:progress');
