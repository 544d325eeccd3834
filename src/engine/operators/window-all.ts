/** Windows over a whole stream, on one subtask: what the user's function gets, and count windows. */
import type { Collector } from '../operator.js';
import type { CountWindows, GlobalWindows } from './windows.js';
import { EmittingWrapper, type UserCallbacks } from './wrapper.js';

/** Where a window lies. */
export interface WindowInfo {
  /** Number of windows that fired before it. */
  readonly index: number;
  /** First instant of a window by time, in milliseconds; else the number of its first record. */
  readonly start: number;
  /** First instant after it; else the number of the first record after it. */
  readonly end: number;
}

/** What `windowAll` runs. */
export interface WindowOperator<In = never, Out = unknown> extends UserCallbacks<Out> {
  /**
   * A window is complete. There is at least one value; they are in order of arrival, in windows by
   * event time in order of event time (equal times: of arrival). What is emitted for a window by
   * event time has its last instant as event time, unless another is given.
   */
  window(values: readonly In[], out: Collector<Out>, info: WindowInfo): void;
}

interface CountState {
  readonly values: readonly unknown[];
  /** Windows that have fired. */
  readonly fired: number;
}

/** `windowAll` for windows that do not depend on time: a number of records, or all. */
export class WindowAllByCount extends EmittingWrapper<WindowOperator<unknown>, CountState> {
  readonly #size: number;
  readonly #emitsPartial: boolean;
  #values: unknown[] = [];
  #fired = 0;

  constructor(windows: CountWindows | GlobalWindows, user: WindowOperator<unknown>) {
    super(user);
    const global = windows.kind === 'GlobalWindows';
    this.#size = global ? Number.POSITIVE_INFINITY : windows.size;
    this.#emitsPartial = global || windows.partial === 'emit';
  }

  process(value: unknown, out: Collector): void {
    this.#values.push(value);
    if (this.#values.length === this.#size) this.#fire(out);
  }

  onInputEnd(_input: number, out: Collector): void {
    if (this.#emitsPartial && this.#values.length > 0) this.#fire(out);
  }

  #fire(out: Collector): void {
    const values = this.#values;
    const index = this.#fired++;
    // Only the last window may be shorter, so those before it were all full.
    const start = index === 0 ? 0 : index * this.#size;
    this.#values = [];
    this.user.window(values, out, { index, start, end: start + values.length });
  }

  protected override ownState(): CountState {
    return { values: this.#values, fired: this.#fired };
  }

  protected override takeState({ values, fired }: CountState): void {
    this.#values = [...values];
    this.#fired = fired;
  }
}
