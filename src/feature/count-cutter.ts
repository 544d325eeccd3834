/** Windows of a number of rows, or of all. */
import type { OperatorContext } from '../engine/operator.js';
import type { CountWindows, GlobalWindows } from '../engine/operators/windows.js';
import { type MomentsState, RunningMoments } from './running-moments.js';
import type { VectorColumn } from './scaling.js';
import type { Fire, WindowCutter } from './window-cutter.js';

/** Cuts by counting rows. */
export class CountCutter implements WindowCutter {
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
