/** What OnlineStandardScaler runs on its stream: a version of the model for every window. */

import { DimensionMismatchError } from '../core/errors.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type {
  CountWindows,
  GlobalWindows,
  SessionWindows,
  TumblingWindows,
  Windows,
} from '../engine/operators/windows.js';
import type { Table } from '../table/table.js';
import { type MomentWindow, MomentWindows, type WindowState } from './moment-windows.js';
import { type MomentsState, moments, RunningMoments } from './running-moments.js';
import { sizeOf, type VectorColumn } from './scaling.js';
import type { Moments } from './standard-scaler-aggregation.js';

/** Names of the columns of the tables that it takes. */
export const FEATURES = 'features';
/** Event time in milliseconds: float64, finite. */
export const TIME = 'time';

/** A model after a window. */
export interface LearnedVersion {
  readonly mean: Float64Array;
  readonly std: Float64Array;
  /** Σ(x - mean)². */
  readonly squares: Float64Array;
  /** Rows of all windows so far. */
  readonly rows: number;
  readonly version: number;
  /** Last instant of the window by event time; infinity for windows of another kind. */
  readonly timestamp: number;
}

export interface WindowedMomentsParams {
  readonly windows: Windows;
  /** How far the watermark stays behind the latest event time. */
  readonly watermarkDelayMs: number;
  /** What was learned before, and its version. */
  readonly initial: { readonly moments: Moments; readonly version: number } | null;
  /** For messages: the call, and the column that the user knows. */
  readonly names: { readonly who: string; readonly inputCol: string };
}

/** What a checkpoint has of the operator. */
interface State {
  readonly total: Moments | null;
  readonly version: number;
  readonly size: number | null;
  readonly rows: number;
  readonly cutter: unknown;
}

/** Sees rows, and says when windows are complete. */
interface Cutter {
  add(column: VectorColumn, times: Float64Array | null): void;
  onTimer?(): void;
  onInputEnd(): void;
  readonly state: unknown;
  restore(state: unknown): void;
}

/** Tells that a window is complete. `timestamp`: see {@link LearnedVersion}. */
type Fire = (window: RunningMoments, timestamp: number) => void;

/** In: tables of features, and event times where windows go by them. Out: versions. */
export class WindowedMoments implements ProcessOperator<Table, LearnedVersion> {
  static readonly module: string = import.meta.url;
  readonly #params: WindowedMomentsParams;
  #cutter!: Cutter;
  #total: Moments | null;
  #version: number;
  /** Size of the vectors. */
  #size: number | null;
  /** Rows so far. */
  #rows = 0;
  #out: Collector<LearnedVersion> | null = null;

  constructor(params: WindowedMomentsParams) {
    this.#params = params;
    const initial = params.initial?.moments;
    // Sums are made in place, and a job that begins again begins with what was given.
    this.#total =
      initial === undefined
        ? null
        : { ...initial, offset: initial.offset.slice(), squares: initial.squares.slice() };
    this.#version = params.initial?.version ?? -1;
    this.#size = this.#total?.shift.length ?? null;
  }

  open(context: OperatorContext): void {
    const { windows } = this.#params;
    const fire: Fire = (window, timestamp) => this.#fire(window.take(), timestamp);
    if ('sizeMs' in windows || 'gapMs' in windows) {
      this.#cutter = windows.kind.startsWith('EventTime')
        ? new EventTimeCutter(this.#params.watermarkDelayMs, windows, context, fire)
        : new ProcessingTimeCutter(windows, context, fire);
    } else {
      this.#cutter = new CountCutter(windows, context, fire);
    }
  }

  process(table: Table, out: Collector<LearnedVersion>): void {
    this.#out = out;
    const column = table.column(FEATURES, 'vector', 'sparseVector');
    const times = table.has(TIME) ? table.column(TIME, 'float64').values : null;
    this.#checkSize(sizeOf(column));
    this.#rows += table.numRows;
    this.#cutter.add(column, times);
  }

  onTimer(_time: number, out: Collector<LearnedVersion>): void {
    this.#out = out;
    this.#cutter.onTimer?.();
  }

  onInputEnd(_input: number, out: Collector<LearnedVersion>): void {
    this.#out = out;
    this.#cutter.onInputEnd();
  }

  snapshot(): State {
    return {
      total: this.#total,
      version: this.#version,
      size: this.#size,
      rows: this.#rows,
      cutter: this.#cutter.state,
    };
  }

  restore(state: unknown): void {
    const { total, version, size, rows, cutter } = state as State;
    this.#total = total;
    this.#version = version;
    this.#size = size;
    this.#rows = rows;
    this.#cutter.restore(cutter);
  }

  #checkSize(got: number): void {
    this.#size ??= got;
    if (got === this.#size) return;
    const { who, inputCol } = this.#params.names;
    throw new DimensionMismatchError(
      `${who}: column "${inputCol}" must have vectors of size ${this.#size}, got ${got} in row ` +
        `${this.#rows}.`,
      { details: { who, column: inputCol, expected: this.#size, got, row: this.#rows } },
    );
  }

  #fire(window: Moments, timestamp: number): void {
    this.#total = this.#total === null ? window : moments.combine(this.#total, window);
    const { rows, squares } = this.#total;
    const { mean, std } = moments.result(this.#total);
    const version = ++this.#version;
    this.#out!.emit({ mean, std, squares: squares.slice(), rows, version, timestamp });
  }
}

const runningMomentsOf =
  (context: OperatorContext) =>
  (state?: MomentsState): RunningMoments =>
    state === undefined ? new RunningMoments(context) : RunningMoments.of(context, state);

/** Windows of a number of rows, or of all. */
class CountCutter implements Cutter {
  readonly #size: number;
  readonly #emitsPartial: boolean;
  readonly #context: OperatorContext;
  readonly #fire: Fire;
  #moments: RunningMoments;
  #rows = 0;

  constructor(windows: CountWindows | GlobalWindows, context: OperatorContext, fire: Fire) {
    const isGlobal = windows.kind === 'GlobalWindows';
    this.#size = isGlobal ? Number.POSITIVE_INFINITY : windows.size;
    this.#emitsPartial = isGlobal || windows.partial === 'emit';
    this.#context = context;
    this.#fire = fire;
    this.#moments = new RunningMoments(context);
  }

  add(column: VectorColumn): void {
    for (let start = 0; start < column.length; ) {
      const end = Math.min(column.length, start + this.#size - this.#rows);
      this.#moments.add(column.slice(start, end));
      this.#rows += end - start;
      start = end;
      if (this.#rows === this.#size) this.#fireWindow();
    }
  }

  onInputEnd(): void {
    if (this.#emitsPartial && this.#rows > 0) this.#fireWindow();
  }

  get state(): { readonly moments: MomentsState; readonly rows: number } {
    return { moments: this.#moments.state, rows: this.#rows };
  }

  restore(state: unknown): void {
    const { moments: known, rows } = state as CountCutter['state'];
    this.#moments = RunningMoments.of(this.#context, known);
    this.#rows = rows;
  }

  #fireWindow(): void {
    this.#fire(this.#moments, Number.POSITIVE_INFINITY);
    this.#moments = new RunningMoments(this.#context);
    this.#rows = 0;
  }
}

/** Windows by the event time of rows, which comes with them. */
class EventTimeCutter implements Cutter {
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

/** Windows by the time at which rows arrive. */
class ProcessingTimeCutter implements Cutter {
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
