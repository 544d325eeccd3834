/** Windows by the event time of rows, which comes with them. */
import type { OperatorContext } from '../engine/operator.js';
import type { SessionWindows, TumblingWindows } from '../engine/operators/windows.js';
import { type MomentWindow, MomentWindows, type WindowState } from './moment-windows.js';
import { runningMomentsOf } from './running-moments.js';
import type { VectorColumn } from './scaling.js';
import type { Fire, WindowCutter } from './window-cutter.js';

/** Cuts by a watermark, which stays behind the latest event time. */
export class EventTimeCutter implements WindowCutter {
  readonly #delayMs: number;
  readonly #windows: MomentWindows;
  readonly #fire: Fire;
  /** Everything that ends by then has fired. */
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(
    delayMs: number,
    windows: TumblingWindows | SessionWindows,
    context: OperatorContext,
    fire: Fire,
  ) {
    this.#delayMs = delayMs;
    this.#windows = new MomentWindows(windows, runningMomentsOf(context));
    this.#fire = fire;
  }

  get state(): { readonly watermark: number; readonly windows: readonly WindowState[] } {
    return { watermark: this.#watermark, windows: this.#windows.state };
  }

  restore(state: unknown): void {
    const { watermark, windows } = state as EventTimeCutter['state'];
    this.#watermark = watermark;
    this.#windows.restore(windows);
  }

  /** Runs of rows of one window are added at once. */
  add(column: VectorColumn, times: Float64Array | null): void {
    let current: MomentWindow | null = null;
    let start = 0;
    const addRun = (end: number): void => {
      current?.moments.add(column.slice(start, end));
      start = end;
    };
    for (let row = 0; row < column.length; row++) {
      const time = times![row]!;
      if (current === null || !this.#windows.holds(current, time)) {
        addRun(row);
        current = this.#windows.at(time, this.#watermark);
      }
      this.#watermark = Math.max(this.#watermark, time - this.#delayMs);
      if (this.#windows.firstEnd > this.#watermark) continue;
      addRun(row + 1);
      current = null;
      this.#fireUntil(this.#watermark);
    }
    addRun(column.length);
  }

  onInputEnd(): void {
    this.#fireUntil(Number.POSITIVE_INFINITY);
  }

  #fireUntil(time: number): void {
    for (const { moments: window, end } of this.#windows.takeUntil(time))
      this.#fire(window, end - 1);
  }
}
