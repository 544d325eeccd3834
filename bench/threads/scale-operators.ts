/** The operators of the scale bench: rounds over many subtasks, in two shapes, that do nothing else. */
import type { Collector, OperatorContext, ProcessOperator } from '../../src/engine/operator.js';
import { Clock, TIMES } from './superstep-operators.js';

export interface ScaleParams {
  /** More than can be made, when the job is to be cancelled. */
  readonly rounds: number;
  readonly subtasks: number;
}

/** Rounds whose times are kept at most. */
const MOST_TIMES = 1 << 16;

/** Input 0: nothing. Input 1: the round, broadcast. Out: the round, when it is over. */
export class ScalePartial implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #round = -1;

  process(round: number): void {
    this.#round = round;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (this.#round === epoch) out.emit(epoch);
  }

  snapshot(): number {
    return this.#round;
  }
}

/** Gathers a record of each subtask, and feeds the next round back. */
export class ScaleUpdate implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #rounds: number;
  readonly #clock: Clock;
  readonly #subtasks: number;
  #partials = 0;

  constructor({ rounds, subtasks }: ScaleParams) {
    this.#rounds = rounds;
    this.#subtasks = subtasks;
    this.#clock = new Clock(Math.min(rounds, MOST_TIMES));
  }

  process(): void {
    this.#partials++;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    // The round after the last one is that in which there is nothing.
    if (epoch >= this.#rounds) return;
    checkCount(epoch, this.#partials, this.#subtasks);
    this.#partials = 0;
    this.#clock.note(epoch);
    if (epoch + 1 < this.#rounds) out.emit(epoch + 1);
  }

  onIterationEnd(out: Collector<number>): void {
    out.emitTo(TIMES, this.#clock.times);
  }

  snapshot(): number {
    return this.#partials;
  }
}

/** Sends one record a round, each to the next of all subtasks: each subtask gets one as well. */
export class AllToAll implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #rounds: number;
  readonly #clock: Clock;
  #subtask = 0;
  #records = 0;

  constructor({ rounds }: ScaleParams) {
    this.#rounds = rounds;
    this.#clock = new Clock(Math.min(rounds, MOST_TIMES));
  }

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(): void {
    this.#records++;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (epoch >= this.#rounds) return;
    checkCount(epoch, this.#records, 1);
    this.#records = 0;
    if (this.#subtask === 0) this.#clock.note(epoch);
    if (epoch + 1 < this.#rounds) out.emit(epoch + 1);
  }

  onIterationEnd(out: Collector<number>): void {
    if (this.#subtask === 0) out.emitTo(TIMES, this.#clock.times);
  }

  snapshot(): number {
    return this.#records;
  }
}

function checkCount(epoch: number, got: number, expected: number): void {
  if (got === expected) return;
  throw new Error(`round ${epoch}: ${got} records came, not ${expected}`);
}
