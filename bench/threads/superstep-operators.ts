/** The operators of the superstep bench: they do nothing but note when a round ended. */
import type { Collector, OperatorContext, ProcessOperator } from '../../src/engine/operator.js';

export interface RoundsParams {
  readonly rounds: number;
}

/** Tag of the criteria stream. */
export const CONTINUE = 'continue';
/** Tag of a subtask's times. */
export const TIMES = 'times';

/** When each round ended, in milliseconds, on one thread. */
export class Clock {
  readonly #times: Float64Array;

  constructor(rounds: number) {
    this.#times = new Float64Array(rounds);
  }

  note(round: number): void {
    if (round < this.#times.length) this.#times[round] = performance.now();
  }

  get times(): Float64Array {
    return this.#times;
  }
}

/** Emits one number a round from each subtask, as feedback and to the criteria. */
export class EmptyRound implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #rounds: number;
  readonly #clock: Clock;
  #subtask = 0;

  constructor({ rounds }: RoundsParams) {
    this.#rounds = rounds;
    this.#clock = new Clock(rounds);
  }

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(): void {}

  onEpochEnd(epoch: number, out: Collector<number>): void {
    this.#clock.note(epoch);
    out.emit(epoch);
    if (epoch + 1 < this.#rounds) out.emitTo(CONTINUE, epoch);
  }

  onIterationEnd(out: Collector<number>): void {
    if (this.#subtask === 0) out.emitTo(TIMES, this.#clock.times);
  }
}

/** Input 0: nothing. Input 1: the state, broadcast. Out: one number, when the round is over. */
export class EmptyPartial implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #state = -1;

  process(value: number): void {
    this.#state = value;
  }

  onEpochEnd(_epoch: number, out: Collector<number>): void {
    if (this.#state < 0) return;
    out.emit(this.#state);
    this.#state = -1;
  }
}

/** Gathers the partials of all workers and feeds the next state back. */
export class EmptyUpdate implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #rounds: number;
  readonly #clock: Clock;
  #partials = 0;

  constructor({ rounds }: RoundsParams) {
    this.#rounds = rounds;
    this.#clock = new Clock(rounds);
  }

  process(): void {
    this.#partials++;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (this.#partials === 0) return;
    this.#partials = 0;
    this.#clock.note(epoch);
    if (epoch + 1 >= this.#rounds) return;
    out.emit(epoch);
    out.emitTo(CONTINUE, epoch);
  }

  onIterationEnd(out: Collector<number>): void {
    out.emitTo(TIMES, this.#clock.times);
  }
}
