/**
 * What the library tells those who watch, on `node:diagnostics_channel`. Nothing is published
 * without a subscriber.
 *
 * ```text
 * tracing:gyre:job:{start,end,asyncStart,asyncEnd,error}   a job: JobEvent
 * gyre:train:round                                         a round of a training: RoundEvent
 * gyre:learn:progress                                      an online learner: LearnEvent
 * gyre:checkpoint                                          a checkpoint lasts: CheckpointEvent
 * gyre:restart                                             a job begins again: RestartEvent
 * gyre:warning                                             something went wrong without harm: WarningEvent
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

/** A checkpoint of a job is durable. */
export interface CheckpointEvent {
  readonly job: string;
  readonly id: number;
  readonly bytes: number;
  /** From the request until it was durable. */
  readonly durationMs: number;
  /** The longest time that a thread stood still for it. */
  readonly pauseMs: number;
}

/** A job has failed and goes on from its last checkpoint. */
export interface RestartEvent {
  readonly job: string;
  /** Number of the attempt that begins, from 1. */
  readonly attempt: number;
  /** The checkpoint that it goes on from; null from the beginning. */
  readonly checkpoint: number | null;
  readonly error: unknown;
}

/** Something went wrong and was dealt with: a broken checkpoint was skipped. */
export interface WarningEvent {
  readonly message: string;
  readonly details: object;
}

export const jobTracing: TracingChannel<unknown, JobEvent> = tracingChannel('gyre:job');
export const roundChannel: Channel = channel('gyre:train:round');
export const learnChannel: Channel = channel('gyre:learn:progress');
export const checkpointChannel: Channel = channel('gyre:checkpoint');
export const restartChannel: Channel = channel('gyre:restart');
export const warningChannel: Channel = channel('gyre:warning');

/** Tells who watches of something that went wrong without harm. */
export function warn(message: string, details: object): void {
  if (warningChannel.hasSubscribers) warningChannel.publish({ message, details });
}
