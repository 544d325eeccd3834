/** Windows by time that are open, each with the moments of its rows: disjoint, in order. */
import type { SessionWindows, TumblingWindows } from '../engine/operators/windows.js';
import type { MomentsState, RunningMoments } from './running-moments.js';

/** A window that has not fired. */
export interface MomentWindow {
  start: number;
  /** The first instant after it. */
  end: number;
  readonly moments: RunningMoments;
}

/** An open window as plain data. */
export interface WindowState {
  readonly start: number;
  readonly end: number;
  readonly moments: MomentsState;
}

/**
 * Tumbling windows begin at multiples of their size; a session ends `gapMs` after its last row, and
 * sessions that touch are one.
 */
export class MomentWindows {
  readonly #sessions: boolean;
  readonly #lengthMs: number;
  readonly #newMoments: (state?: MomentsState) => RunningMoments;
  #open: MomentWindow[] = [];

  constructor(
    windows: TumblingWindows | SessionWindows,
    newMoments: (state?: MomentsState) => RunningMoments,
  ) {
    this.#sessions = 'gapMs' in windows;
    this.#lengthMs = 'gapMs' in windows ? windows.gapMs : windows.sizeMs;
    this.#newMoments = newMoments;
  }

  get state(): WindowState[] {
    return this.#open.map(({ start, end, moments }) => ({ start, end, moments: moments.state }));
  }

  restore(windows: readonly WindowState[]): void {
    this.#open = windows.map(({ start, end, moments }) => {
      return { start, end, moments: this.#newMoments(moments) };
    });
  }

  /** When the first window ends; infinity without any. */
  get firstEnd(): number {
    return this.#open[0]?.end ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a row of that time belongs to an open window and changes nothing but its end. */
  holds(window: MomentWindow, time: number): boolean {
    if (!this.#sessions) return time >= window.start && time < window.end;
    if (time < window.start || time > window.end) return false;
    const end = time + this.#lengthMs;
    if (end <= window.end) return true;
    const after = this.#open[this.#open.indexOf(window) + 1];
    if (after !== undefined && after.start <= end) return false;
    window.end = end;
    return true;
  }

  /**
   * The window of a row, opened where there is none.
   *
   * @param over What ends by then has fired and is not opened again: null for a row of such a one.
   */
  at(time: number, over: number): MomentWindow | null {
    const start = this.#startOf(time);
    let end = start + this.#lengthMs;
    const touches = (window: MomentWindow) =>
      this.#sessions ? window.start <= end && window.end >= start : window.start === start;
    const first = this.#open.findIndex(touches);
    if (first < 0 && end <= over) return null;
    const last = this.#open.findLastIndex(touches);
    const met = first < 0 ? [] : this.#open.slice(first, last + 1);
    const window: MomentWindow = {
      start: Math.min(start, met[0]?.start ?? start),
      end: Math.max(end, met.at(-1)?.end ?? end),
      moments: met[0]?.moments ?? this.#newMoments(),
    };
    for (const { moments } of met.slice(1)) window.moments.append(moments);
    end = window.end;
    const after = this.#open.findIndex((other) => other.start >= end);
    const place = first >= 0 ? first : after < 0 ? this.#open.length : after;
    this.#open.splice(place, met.length, window);
    return window;
  }

  /** Takes the windows out that end by `time`, in order. */
  takeUntil(time: number): MomentWindow[] {
    const first = this.#open.findIndex(({ end }) => end > time);
    return this.#open.splice(0, first < 0 ? this.#open.length : first);
  }

  #startOf(time: number): number {
    if (this.#sessions) return time;
    // Exact, where time / length may round to the next integer.
    const rest = time % this.#lengthMs;
    return time - (rest < 0 ? rest + this.#lengthMs : rest);
  }
}
