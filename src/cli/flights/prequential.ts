/** Measures of predictions that were made before their labels were learned from. */
import { areaUnderROC, baseRateLogLoss, logLoss } from '../../evaluation/area-under-curve.js';

/** Probabilities are counted in this many bins for the measures that are needed all the time. */
const BINS = 1 << 14;

/** Measures of a run of consecutive rows, and of all rows up to its end. */
export interface Measures {
  /** Rows from the start to the end of the window. */
  readonly rows: number;
  /** The model version that predicted the window's last row. */
  readonly modelVersion: number;
  readonly windowLogLoss: number;
  /** NaN when all rows of the window have one label. */
  readonly windowAuc: number;
  readonly logLoss: number;
  readonly auc: number;
  /** Share of positive labels in the window. */
  readonly positiveShare: number;
  /** Mean probability in the window. */
  readonly meanProbability: number;
}

/** Measures of all rows. */
export interface Totals {
  readonly rows: number;
  readonly positives: number;
  readonly logLoss: number;
  /** The log-loss of predicting the share of positives, known from the end, for every row. */
  readonly baseLogLoss: number;
  /** Exact: all scores are sorted. */
  readonly auc: number;
}

/** Takes predictions as they come, and measures them in windows and as a whole. */
export class PrequentialEvaluation {
  readonly windows: Measures[] = [];
  readonly #probabilities: Float64Array;
  readonly #labels: Uint8Array;
  readonly #windowRows: number;
  readonly #bins = { positive: new Float64Array(BINS), negative: new Float64Array(BINS) };
  #rows = 0;
  #positives = 0;
  #loss = 0;
  #windowStart = 0;
  #windowLoss = 0;

  /**
   * @param capacity How many rows there will be at most.
   * @param windowRows Rows of a window; a shorter one at the end counts when it is at least half of
   *   it, or the only one.
   */
  constructor(capacity: number, windowRows: number) {
    this.#probabilities = new Float64Array(capacity);
    this.#labels = new Uint8Array(capacity);
    this.#windowRows = windowRows;
  }

  get rows(): number {
    return this.#rows;
  }

  get logLoss(): number {
    return this.#loss / this.#rows;
  }

  /** The probabilities so far, one a row. */
  get probabilities(): Float64Array {
    return this.#probabilities.subarray(0, this.#rows);
  }

  /** The labels so far, one a row. */
  get labels(): Uint8Array {
    return this.#labels.subarray(0, this.#rows);
  }

  /** The area under the ROC curve so far, with probabilities of one bin taken for ties. */
  get approximateAuc(): number {
    const { positive, negative } = this.#bins;
    let below = 0;
    let wins = 0;
    for (let b = 0; b < BINS; b++) {
      wins += positive[b]! * (below + negative[b]! / 2);
      below += negative[b]!;
    }
    return wins / (this.#positives * below);
  }

  /** Adds the predictions of one model version. */
  add(modelVersion: number, probabilities: Float64Array, labels: Float64Array): void {
    for (let start = 0; start < labels.length; ) {
      const room = this.#windowRows - (this.#rows - this.#windowStart);
      const end = Math.min(start + room, labels.length);
      this.#take(probabilities.subarray(start, end), labels.subarray(start, end));
      if (end - start === room) this.#closeWindow(modelVersion);
      start = end;
    }
  }

  /** Ends the last window, and measures all rows. */
  finish(modelVersion: number): Totals {
    const left = this.#rows - this.#windowStart;
    if (left >= this.#windowRows / 2 || this.windows.length === 0) this.#closeWindow(modelVersion);
    return {
      rows: this.#rows,
      positives: this.#positives,
      logLoss: this.logLoss,
      baseLogLoss: baseRateLogLoss(this.#positives, this.#rows),
      auc: areaUnderROC(this.probabilities, this.labels),
    };
  }

  #take(probabilities: Float64Array, labels: Float64Array): void {
    const { positive, negative } = this.#bins;
    this.#probabilities.set(probabilities, this.#rows);
    this.#labels.set(labels, this.#rows);
    for (let i = 0; i < labels.length; i++) {
      const bin = Math.min(Math.floor(probabilities[i]! * BINS), BINS - 1);
      if (labels[i] === 1) {
        positive[bin]!++;
        this.#positives++;
      } else {
        negative[bin]!++;
      }
    }
    const loss = logLoss(probabilities, labels) * labels.length;
    this.#loss += loss;
    this.#windowLoss += loss;
    this.#rows += labels.length;
  }

  #closeWindow(modelVersion: number): void {
    const rows = this.#rows - this.#windowStart;
    const labels = this.#labels.subarray(this.#windowStart, this.#rows);
    const probabilities = this.#probabilities.subarray(this.#windowStart, this.#rows);
    this.windows.push({
      rows: this.#rows,
      modelVersion,
      windowLogLoss: this.#windowLoss / rows,
      windowAuc: areaUnderROC(probabilities, labels),
      logLoss: this.logLoss,
      auc: this.approximateAuc,
      positiveShare: labels.reduce(add, 0) / rows,
      meanProbability: probabilities.reduce(add, 0) / rows,
    });
    this.#windowStart = this.#rows;
    this.#windowLoss = 0;
  }
}

const add = (a: number, b: number): number => a + b;
