/** The windows by time that are open: disjoint intervals, in order. */
import type { SessionWindows, TumblingWindows } from './windows.js';

/** A window that has not fired: plain data, for it is part of snapshots. */
export interface OpenWindow {
  start: number;
  /** The first instant after it. */
  end: number;
  /** Records and their times, in order of arrival; after a merge, in any order. */
  readonly values: unknown[];
  readonly times: number[];
}

export class OpenWindows {
  readonly #lengthMs: number;
  readonly #sessions: boolean;
  /** Disjoint and by start, so by end too. */
  #windows: OpenWindow[] = [];

  constructor(windows: TumblingWindows | SessionWindows) {
    this.#sessions = 'gapMs' in windows;
    this.#lengthMs = 'gapMs' in windows ? windows.gapMs : windows.sizeMs;
  }

  /** When the first window ends; infinity without any. */
  get firstEnd(): number {
    return this.#windows[0]?.end ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Puts a record into its window.
   *
   * @param time When the record was, in milliseconds; finite.
   * @param over What ends by then has fired and is not opened again.
   * @returns False, and nothing is done, when the record's window would be one of those.
   */
  add(value: unknown, time: number, over: number): boolean {
    const start = this.#startOf(time);
    const window = this.#openAt(start, start + this.#lengthMs, over);
    if (window === null) return false;
    window.values.push(value);
    window.times.push(time);
    return true;
  }

  /** Takes the windows out that end by `time`, in order; their values are in order of time. */
  takeUntil(time: number): OpenWindow[] {
    const first = this.#windows.findIndex(({ end }) => end > time);
    const due = this.#windows.splice(0, first < 0 ? this.#windows.length : first);
    return due.map(inOrderOfTime);
  }

  state(): readonly OpenWindow[] {
    return this.#windows;
  }

  restore(windows: readonly OpenWindow[]): void {
    this.#windows = [...windows];
  }

  #startOf(time: number): number {
    if (this.#sessions) return time;
    // Exact, where time / length may round to the next integer.
    const rest = time % this.#lengthMs;
    return time - (rest < 0 ? rest + this.#lengthMs : rest);
  }

  /** The window that [start, end) belongs to, made where there is none and not all of it is over. */
  #openAt(start: number, end: number, over: number): OpenWindow | null {
    const at = this.#lastFrom(start);
    const before = this.#windows[at];
    if (before !== undefined && this.#holds(before, start)) {
      before.end = Math.max(before.end, end);
      return this.#closeGap(at);
    }
    const after = this.#windows[at + 1];
    if (after !== undefined && this.#sessions && after.start <= end) {
      after.start = start;
      return after;
    }
    if (end <= over) return null;
    const window: OpenWindow = { start, end, values: [], times: [] };
    this.#windows.splice(at + 1, 0, window);
    return window;
  }

  /** Index of the last window that starts by `start`; -1 when there is none. */
  #lastFrom(start: number): number {
    let [low, high] = [0, this.#windows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#windows[middle]!.start <= start) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Sessions that touch are one: records that are exactly the gap apart belong together. */
  #holds(window: OpenWindow, start: number): boolean {
    return this.#sessions ? window.end >= start : window.start === start;
  }

  /** A session that has grown may have reached the next one. */
  #closeGap(at: number): OpenWindow {
    const window = this.#windows[at]!;
    const next = this.#windows[at + 1];
    if (!this.#sessions || next === undefined || next.start > window.end) return window;
    // Into the larger one, so that many merges cost no more than a sort.
    const larger = window.values.length >= next.values.length ? window : next;
    const smaller = larger === window ? next : window;
    for (let i = 0; i < smaller.values.length; i++) {
      larger.values.push(smaller.values[i]);
      larger.times.push(smaller.times[i]!);
    }
    [larger.start, larger.end] = [window.start, next.end];
    this.#windows.splice(at, 2, larger);
    return larger;
  }
}

/** Values by time; equal times as they came, since windows that merge have none in common. */
function inOrderOfTime(window: OpenWindow): OpenWindow {
  const { start, end, values, times } = window;
  if (times.every((time, i) => i === 0 || times[i - 1]! <= time)) return window;
  const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]!);
  return {
    start,
    end,
    values: order.map((i) => values[i]),
    times: order.map((i) => times[i]!),
  };
}
