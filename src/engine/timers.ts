/** Processing time: subtasks that want to be called at some moment, on one thread. */
import type { Subtask } from './subtask.js';

interface Timer {
  readonly subtask: Subtask;
  readonly time: number;
}

export class Timers {
  /** In order of time. */
  #timers: Timer[] = [];

  add(subtask: Subtask, time: number): void {
    const later = this.#timers.findIndex((other) => other.time > time);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, { subtask, time });
  }

  /** Milliseconds until the first is due; Infinity when there is none. */
  get untilNext(): number {
    const first = this.#timers[0];
    return first === undefined ? Number.POSITIVE_INFINITY : Math.max(0, first.time - Date.now());
  }

  /** Calls the subtasks that are due. Returns whether there were any. */
  run(): boolean {
    if (this.#timers.length === 0) return false;
    const now = Date.now();
    const due = this.#timers.findIndex(({ time }) => time > now);
    const called = this.#timers.splice(0, due < 0 ? this.#timers.length : due);
    for (const subtask of new Set(called.map((timer) => timer.subtask))) {
      if (!subtask.finished) subtask.onTime(now);
    }
    return called.length > 0;
  }
}
