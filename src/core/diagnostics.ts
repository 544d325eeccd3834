/**
 * What the library tells those who watch, on `node:diagnostics_channel`. Nothing is published
 * without a subscriber.
 *
 * | channel | when | message |
 * | --- | --- | --- |
 * | `tracing:gyre:job:start`, `:end`, `:asyncStart`, `:asyncEnd`, `:error` | a job begins, ends | {@link JobEvent} |
 * | `gyre:train:round` | a round of a training has ended | {@link RoundEvent} |
 * | `gyre:learn:progress` | an online learner has learned more | {@link LearnEvent} |
 * | `gyre:epoch` | epochs of an iteration are over, *polled* | {@link EpochEvent} |
 * | `gyre:backpressure` | a subtask had to wait, *polled* | {@link BackpressureEvent} |
 * | `gyre:checkpoint` | a checkpoint lasts | {@link CheckpointEvent} |
 * | `gyre:restart` | a job begins again | {@link RestartEvent} |
 * | `gyre:warning` | something went wrong without harm | {@link WarningEvent} |
 *
 * *Polled*: what threads count is looked at every `progressMs` of the job, 100 where not given, and
 * once at the end of a job that did not fail. At most one message of a loop or subtask comes of
 * each look, with what is true then: of several epochs in between, the last.
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

/** Epochs of an iteration are over everywhere; polled, so that some are left out. */
export interface EpochEvent {
  readonly job: string;
  /** Iterations of a job are numbered in order of their making. */
  readonly loop: number;
  /** The last one that is over, from 0. */
  readonly epoch: number;
}

/** A subtask had to wait for room in one of its outputs, or does now; polled. */
export interface BackpressureEvent {
  readonly job: string;
  /** Its name, as in the job's metrics. */
  readonly operator: string;
  readonly subtask: number;
  /** How often it began to wait since the last event of this subtask. */
  readonly blocked: number;
  /** How long it waited since then, in milliseconds. */
  readonly blockedMs: number;
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
export const epochChannel: Channel = channel('gyre:epoch');
export const backpressureChannel: Channel = channel('gyre:backpressure');
export const checkpointChannel: Channel = channel('gyre:checkpoint');
export const restartChannel: Channel = channel('gyre:restart');
export const warningChannel: Channel = channel('gyre:warning');

/** Tells who watches of something that went wrong without harm. */
export function warn(message: string, details: object): void {
  if (warningChannel.hasSubscribers) warningChannel.publish({ message, details });
}
