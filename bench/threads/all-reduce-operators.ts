/**
 * The operators of an all-reduce: each subtask sends an array, they are added, and all get the sum.
 * Half of the sum and 1 from each of two: the numbers grow by 2 a round, exactly.
 */
import type { Collector, ProcessOperator } from '../../src/engine/operator.js';
import { Clock, CONTINUE, TIMES } from './superstep-operators.js';

export interface AllReduceParams {
  readonly rounds: number;
  readonly subtasks: number;
}

/** What a round begins with, and what it must then be after so many. */
export const expectedSum = (length: number, rounds: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => i + 2 * rounds);

/** Input 0: nothing. Input 1: the sum, broadcast. Out: an array, when the round is over. */
export class ArrayPartial implements ProcessOperator<Float64Array | number, Float64Array> {
  static readonly module: string = import.meta.url;
  /** What it gets is read in the call. */
  static readonly readsInPlace = true;
  #own = new Float64Array(0);
  #isDue = false;

  process(value: Float64Array | number): void {
    if (typeof value === 'number') return;
    if (this.#own.length !== value.length) this.#own = new Float64Array(value.length);
    const own = this.#own;
    for (let i = 0; i < own.length; i++) own[i] = value[i]! / 2 + 1;
    this.#isDue = true;
  }

  onEpochEnd(_epoch: number, out: Collector<Float64Array>): void {
    if (this.#isDue) out.emit(this.#own);
    this.#isDue = false;
  }
}

/** Adds the arrays of all subtasks, and feeds the sum back. At the end: the last sum, then the times. */
export class ArraySum implements ProcessOperator<Float64Array, Float64Array> {
  static readonly module: string = import.meta.url;
  static readonly readsInPlace = true;
  readonly #rounds: number;
  readonly #subtasks: number;
  readonly #clock: Clock;
  #sum = new Float64Array(0);
  /** The last sum, which may still be on its way to this thread's subtask. */
  #sent = new Float64Array(0);
  #arrays = 0;

  constructor({ rounds, subtasks }: AllReduceParams) {
    this.#rounds = rounds;
    this.#subtasks = subtasks;
    this.#clock = new Clock(rounds);
  }

  process(array: Float64Array): void {
    const { length } = array;
    if (this.#sum.length !== length) this.#sum = new Float64Array(length);
    const sum = this.#sum;
    if (this.#arrays === 0) sum.set(array);
    else for (let i = 0; i < length; i++) sum[i]! += array[i]!;
    this.#arrays++;
  }

  onEpochEnd(epoch: number, out: Collector<Float64Array>): void {
    if (this.#arrays === 0) return;
    const [sum, last] = [this.#sum, this.#sum.length - 1];
    const isRight = sum[0] === 2 * (epoch + 1) && sum[last] === last + 2 * (epoch + 1);
    if (this.#arrays !== this.#subtasks || !isRight) {
      throw new Error(`round ${epoch}: ${this.#arrays} arrays add up to ${sum[0]}, ${sum[last]}`);
    }
    this.#arrays = 0;
    this.#clock.note(epoch);
    [this.#sum, this.#sent] = [this.#sent, sum];
    if (epoch + 1 >= this.#rounds) return;
    out.emit(sum);
    out.emitTo(CONTINUE, epoch);
  }

  onIterationEnd(out: Collector<Float64Array>): void {
    out.emitTo(TIMES, this.#sent);
    out.emitTo(TIMES, this.#clock.times);
  }
}
