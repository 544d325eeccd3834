/** The checkpoints of a job in numbers, for its metrics: stands beside those who take part in them. */
import type { CheckpointListener } from './checkpoint/coordinator.js';
import type { SnapshotCollector, SnapshotPart } from './checkpoint/cut.js';
import { type CheckpointMetrics, NO_CHECKPOINTS } from './job-metrics.js';

export class CheckpointTally implements CheckpointListener {
  #metrics: CheckpointMetrics = NO_CHECKPOINTS;
  /** The one that is being taken. */
  #current = { id: 0, startMs: 0, bytes: 0, pauseMs: 0 };
  #ended = false;

  get metrics(): CheckpointMetrics {
    return this.#metrics;
  }

  /** The endpoints are asked for their parts. */
  request(id: number): void {
    this.#current = { id, startMs: performance.now(), bytes: 0, pauseMs: 0 };
  }

  /** A collector that counts what goes through it. */
  counting(collector: SnapshotCollector): SnapshotCollector {
    return {
      ...collector,
      part: (id, part) => {
        if (part instanceof Promise) part.then((late) => this.#addPart(id, late), noop);
        else this.#addPart(id, part);
        collector.part(id, part);
      },
      done: (id, pauseMs) => {
        const current = this.#current;
        if (current.id === id) current.pauseMs = Math.max(current.pauseMs, pauseMs);
        collector.done(id, pauseMs);
      },
    };
  }

  /** The checkpoint is durable. */
  commit(id: number): void {
    const { bytes, startMs, pauseMs } = this.#current;
    this.#metrics = {
      completed: this.#metrics.completed + 1,
      failed: this.#metrics.failed,
      lastId: id,
      lastBytes: bytes,
      lastDurationMs: performance.now() - startMs,
      lastPauseMs: pauseMs,
    };
  }

  fail(): void {
    if (!this.#ended) this.#metrics = { ...this.#metrics, failed: this.#metrics.failed + 1 };
  }

  /** No checkpoint is taken any more. */
  end(): void {
    this.#ended = true;
  }

  #addPart(id: number, { bytes }: SnapshotPart): void {
    if (this.#current.id === id) this.#current.bytes += bytes.length;
  }
}

/** Why a part failed is learned with its checkpoint. */
const noop = (): void => {};
