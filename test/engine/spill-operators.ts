/** Operators of the spilling tests. */
import type { Collector, ProcessOperator } from '../../src/engine/operator.js';

/** Adds up all numbers of a round; feeds one back, and gives the sum to the side output `sum`. */
export class RoundSum implements ProcessOperator<Float64Array | number, number> {
  static readonly module: string = import.meta.url;
  #sum = 0;

  process(value: Float64Array | number): void {
    if (value instanceof Float64Array) for (const x of value) this.#sum += x;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    out.emitTo('sum', this.#sum);
    this.#sum = 0;
    out.emit(epoch);
  }
}

export interface BurstParams {
  readonly floats: number;
  /** Throws when the array of that number comes back. */
  readonly failsAt?: number;
}

/** Input 0: how many arrays to send round the loop, at once. Input 1: those that come back. */
export class Burst implements ProcessOperator<Float64Array | number, Float64Array> {
  static readonly module: string = import.meta.url;
  readonly #params: BurstParams;

  constructor(params: BurstParams) {
    this.#params = params;
  }

  process(value: Float64Array | number, out: Collector<Float64Array>): void {
    const { floats, failsAt } = this.#params;
    if (typeof value === 'number') {
      for (let i = 0; i < value; i++) out.emit(new Float64Array(floats).fill(i));
    } else if (value[0] === failsAt) {
      throw new Error('planned');
    }
  }
}

/** Adds up all arrays, which must come in their order. */
export class BurstSum implements ProcessOperator<Float64Array, number> {
  static readonly module: string = import.meta.url;
  #next = 0;
  #sum = 0;

  process(value: Float64Array): void {
    if (value[0] !== this.#next) throw new Error(`${value[0]} came in place of ${this.#next}`);
    this.#next++;
    for (const x of value) this.#sum += x;
  }

  onInputEnd(_input: number, out: Collector<number>): void {
    out.emit(this.#sum);
  }
}
