/** Tells those who watch a job how far it is, while it runs: `onProgress`, and two channels. */
import {
  type BackpressureEvent,
  backpressureChannel,
  type EpochEvent,
  epochChannel,
} from '../core/diagnostics.js';
import type { JobMetrics, OperatorMetrics, SubtaskMetrics } from './job-metrics.js';

/** How far a job is. */
export interface JobProgress {
  readonly job: string;
  /** Since the job was started. */
  readonly elapsedMs: number;
  /** Rows that sources have given. After a restart they count from its checkpoint on. */
  readonly rows: number;
  /** By iteration, in order of their making: the last epoch that is over; -1 before the first. */
  readonly epochs: readonly number[];
  /** The last complete checkpoint; null before the first. */
  readonly checkpoint: number | null;
}

/** Who watches a job, and how often. */
export interface WatchOptions {
  readonly onProgress: ((progress: JobProgress) => void) | undefined;
  readonly progressMs: number;
}

export interface JobWatchSpec extends WatchOptions {
  readonly metrics: () => JobMetrics;
  /** Called with what `onProgress` throws. */
  readonly fail: (error: unknown) => void;
}

type Counted = Pick<SubtaskMetrics, 'blocked' | 'blockedMs'>;

const NOTHING: Counted = { blocked: 0, blockedMs: 0 };

/**
 * Looks at the counters of a job from time to time. Nothing is counted for its sake, and when nobody
 * watches, it does not look.
 */
export class JobWatch {
  readonly #spec: JobWatchSpec;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  /** By loop: the epoch that was told last. */
  #epochs: number[] = [];
  /** By node and subtask: what was told of it last. */
  #told = new Map<string, Counted>();

  constructor(spec: JobWatchSpec) {
    this.#spec = spec;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#spec.progressMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Tells how far the job is now. Throws what `onProgress` throws. */
  look(): void {
    const { onProgress } = this.#spec;
    const tellsEpochs = epochChannel.hasSubscribers;
    const tellsBackpressure = backpressureChannel.hasSubscribers;
    if (onProgress === undefined && !tellsEpochs && !tellsBackpressure) return;
    const metrics = this.#spec.metrics();
    if (metrics.attempt !== this.#attempt) this.#begin(metrics.attempt);
    if (tellsEpochs) this.#tellEpochs(metrics);
    if (tellsBackpressure) for (const operator of metrics.operators) this.#tell(metrics, operator);
    onProgress?.(progressOf(metrics));
  }

  #tick(): void {
    try {
      this.look();
    } catch (error) {
      this.stop();
      this.#spec.fail(error);
    }
  }

  /** The counters of an attempt begin at zero. */
  #begin(attempt: number): void {
    this.#attempt = attempt;
    this.#epochs = [];
    this.#told.clear();
  }

  #tellEpochs({ job, loops }: JobMetrics): void {
    for (const { loop, epoch } of loops) {
      if (epoch <= (this.#epochs[loop] ?? -1)) continue;
      this.#epochs[loop] = epoch;
      const event: EpochEvent = { job, loop, epoch };
      epochChannel.publish(event);
    }
  }

  #tell({ job }: JobMetrics, { node, name, subtasks }: OperatorMetrics): void {
    subtasks.forEach(({ blocked, blockedMs }, subtask) => {
      const key = `${node} ${subtask}`;
      const told = this.#told.get(key) ?? NOTHING;
      const since = { blocked: blocked - told.blocked, blockedMs: blockedMs - told.blockedMs };
      if (since.blocked === 0 && since.blockedMs <= 0) return;
      this.#told.set(key, { blocked, blockedMs });
      const event: BackpressureEvent = { job, operator: name, subtask, ...since };
      backpressureChannel.publish(event);
    });
  }
}

function progressOf({ job, elapsedMs, rows, loops, checkpoints }: JobMetrics): JobProgress {
  const epochs = loops.map(({ epoch }) => epoch);
  return { job, elapsedMs, rows, epochs, checkpoint: checkpoints.lastId };
}
