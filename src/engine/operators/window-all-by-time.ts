/** `windowAll` for windows by event time and by processing time. */
import { DataError } from '../../core/errors.js';
import type { Collector, Key } from '../operator.js';
import { type OpenWindow, OpenWindows } from './open-windows.js';
import type { WindowOperator } from './window-all.js';
import type { SessionWindows, TumblingWindows } from './windows.js';
import { EmittingWrapper } from './wrapper.js';

/** The side output for records whose window by event time has fired. */
export const LATE = 'late';

interface TimeState {
  readonly open: readonly OpenWindow[];
  /** Everything that ends by then has fired. */
  readonly over: number;
  /** Windows that have fired. */
  readonly fired: number;
}

abstract class WindowAllByTime extends EmittingWrapper<WindowOperator<unknown>, TimeState> {
  protected readonly windows: OpenWindows;
  /** Everything that ends by then has fired. */
  protected over: number = Number.NEGATIVE_INFINITY;
  #fired = 0;

  constructor(windows: TumblingWindows | SessionWindows, user: WindowOperator<unknown>) {
    super(user);
    this.windows = new OpenWindows(windows);
  }

  /** Nothing may be lost: what is open when the stream ends is complete. */
  onInputEnd(_input: number, out: Collector): void {
    this.fireUntil(Number.POSITIVE_INFINITY, out);
  }

  protected fireUntil(time: number, out: Collector): void {
    this.over = Math.max(this.over, time);
    for (const { start, end, values } of this.windows.takeUntil(time)) {
      const index = this.#fired++;
      this.user.window(values, this.collector(end, out), { index, start, end });
    }
  }

  /** Where the window that ends there emits. */
  protected collector(_end: number, out: Collector): Collector {
    return out;
  }

  protected override ownState(): TimeState {
    return { open: this.windows.state(), over: this.over, fired: this.#fired };
  }

  protected override takeState({ open, over, fired }: TimeState): void {
    this.windows.restore(open);
    this.over = over;
    this.#fired = fired;
  }
}

export class WindowAllByEventTime extends WindowAllByTime {
  process(value: unknown, out: Collector): void {
    const { timestamp } = out;
    if (!Number.isFinite(timestamp)) {
      throw new DataError(
        `${this.context.name}: windows by event time need a time with every record, got ${timestamp}; ` +
          'give the stream event times, or use windows by processing time.',
        { details: { operator: this.context.name, timestamp } },
      );
    }
    if (!this.windows.add(value, timestamp, this.over)) out.emitTo(LATE, value);
  }

  onEventTime(time: number, out: Collector): void {
    this.fireUntil(time, out);
  }

  protected override collector(end: number, out: Collector): Collector {
    return new AtTime(out, end - 1);
  }
}

export class WindowAllByProcessingTime extends WindowAllByTime {
  /** When the timer that was asked for is due. One is enough: for the window that ends first. */
  #timer = Number.POSITIVE_INFINITY;

  process(value: unknown, _out: Collector): void {
    // A clock that is set back must not open a window again that has fired.
    this.over = Math.max(this.over, this.context.now());
    this.windows.add(value, this.over, this.over);
    this.#setTimer();
  }

  onTimer(time: number, out: Collector): void {
    if (time >= this.#timer) this.#timer = Number.POSITIVE_INFINITY;
    this.fireUntil(time, out);
    this.#setTimer();
  }

  protected override takeState(state: TimeState): void {
    super.takeState(state);
    this.#setTimer();
  }

  /** A session's end moves on while a timer waits: it then finds nothing due and sets the next. */
  #setTimer(): void {
    const { firstEnd } = this.windows;
    if (this.#timer <= firstEnd) return;
    this.#timer = firstEnd;
    this.context.setTimer(firstEnd);
  }
}

/** A collector whose records have an event time of its own. */
class AtTime implements Collector {
  readonly timestamp: number;
  readonly #out: Collector;

  constructor(out: Collector, timestamp: number) {
    this.#out = out;
    this.timestamp = timestamp;
  }

  emit(value: unknown, timestamp: number = this.timestamp): void {
    this.#out.emit(value, timestamp);
  }

  emitWatermark(time: number): void {
    this.#out.emitWatermark(time);
  }

  emitTo(tag: string, value: unknown): void {
    this.#out.emitTo(tag, value);
  }

  get input(): number {
    return this.#out.input;
  }

  get epoch(): number {
    return this.#out.epoch;
  }

  get key(): Key {
    return this.#out.key;
  }
}
