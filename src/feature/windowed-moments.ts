/** What OnlineStandardScaler runs on its stream: a version of the model for every window. */
import { DimensionMismatchError } from '../core/errors.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Windows } from '../engine/operators/windows.js';
import type { Table } from '../table/table.js';
import { CountCutter } from './count-cutter.js';
import { EventTimeCutter } from './event-time-cutter.js';
import { ProcessingTimeCutter } from './processing-time-cutter.js';
import { moments } from './running-moments.js';
import { sizeOf } from './scaling.js';
import type { Moments } from './standard-scaler-aggregation.js';
import type { Fire, WindowCutter } from './window-cutter.js';

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
  readonly timestamp: number;
  readonly size: number | null;
  readonly rows: number;
  readonly cutter: unknown;
}

/**
 * In: tables of features, and event times where windows go by them; one without features asks for the
 * newest version again. Out: versions.
 */
export class WindowedMoments implements ProcessOperator<Table, LearnedVersion> {
  static readonly module: string = import.meta.url;
  readonly #params: WindowedMomentsParams;
  #cutter!: WindowCutter;
  #total: Moments | null;
  #version: number;
  /** Of the newest version. */
  #timestamp = Number.NaN;
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
    if (!table.has(FEATURES)) {
      this.#tell();
      return;
    }
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
      timestamp: this.#timestamp,
      size: this.#size,
      rows: this.#rows,
      cutter: this.#cutter.state,
    };
  }

  restore(state: unknown): void {
    const { total, version, timestamp, size, rows, cutter } = state as State;
    this.#total = total;
    this.#version = version;
    this.#timestamp = timestamp;
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
    this.#version++;
    this.#timestamp = timestamp;
    this.#tell();
  }

  /** Emits the newest version, if one has been learned. */
  #tell(): void {
    const version = this.#version;
    if (this.#total === null || version === (this.#params.initial?.version ?? -1)) return;
    const { rows, squares } = this.#total;
    const { mean, std } = moments.result(this.#total);
    const timestamp = this.#timestamp;
    this.#out!.emit({ mean, std, squares: squares.slice(), rows, version, timestamp });
  }
}
