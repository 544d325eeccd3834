/** Windows by the time at which rows arrive. */
import type { OperatorContext } from '../engine/operator.js';
import type { SessionWindows, TumblingWindows } from '../engine/operators/windows.js';
import { MomentWindows, type WindowState } from './moment-windows.js';
import { runningMomentsOf } from './running-moments.js';
import type { VectorColumn } from './scaling.js';
import type { Fire, WindowCutter } from './window-cutter.js';

/** Cuts by the clock, with a timer for the window that ends first. */
export class ProcessingTimeCutter implements WindowCutter {
  readonly #windows: MomentWindows;
  readonly #context: OperatorContext;
  readonly #fire: Fire;
  /** Everything that ends by then has fired. */
  #over = Number.NEGATIVE_INFINITY;
  /** When the timer that was asked for is due. */
  #timer = Number.POSITIVE_INFINITY;

  constructor(windows: TumblingWindows | SessionWindows, context: OperatorContext, fire: Fire) {
    this.#windows = new MomentWindows(windows, runningMomentsOf(context));
    this.#context = context;
    this.#fire = fire;
  }

  /** The timer is the engine's to restore. */
  get state(): {
    readonly over: number;
    readonly timer: number;
    readonly windows: readonly WindowState[];
  } {
    return { over: this.#over, timer: this.#timer, windows: this.#windows.state };
  }

  restore(state: unknown): void {
    const { over, timer, windows } = state as ProcessingTimeCutter['state'];
    this.#over = over;
    this.#timer = timer;
    this.#windows.restore(windows);
  }

  add(column: VectorColumn): void {
    if (column.length === 0) return;
    // A clock that is set back must not open a window again that has fired.
    this.#fireUntil(this.#context.now());
    this.#windows.at(this.#over, this.#over)!.moments.add(column);
    this.#setTimer();
  }

  onTimer(): void {
    this.#timer = Number.POSITIVE_INFINITY;
    this.#fireUntil(this.#context.now());
    this.#setTimer();
  }

  /** Nothing may be lost: what is open when the stream ends is complete. */
  onInputEnd(): void {
    this.#fireUntil(Number.POSITIVE_INFINITY);
  }

  #fireUntil(time: number): void {
    this.#over = Math.max(this.#over, time);
    for (const { moments: window } of this.#windows.takeUntil(time)) {
      this.#fire(window, Number.POSITIVE_INFINITY);
    }
  }

  /** A session's end moves on while a timer waits: it then finds nothing due and sets the next. */
  #setTimer(): void {
    const { firstEnd } = this.#windows;
    if (this.#timer <= firstEnd) return;
    this.#timer = firstEnd;
    this.#context.setTimer(firstEnd);
  }
}
