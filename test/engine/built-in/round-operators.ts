/** Operators of the tests of built-in operators in iterations. */
import { existsSync, writeFileSync } from 'node:fs';
import type {
  Collector,
  FlatMapOperator,
  KeyedState,
  MapOperator,
  OperatorContext,
  ProcessOperator,
} from '../../../src/engine/operator.js';

/** Feeds back the number less one while it is positive, at the end of the round. */
export class CountDown implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #values: number[] = [];

  process(value: number, _out: Collector<number>): void {
    this.#values.push(value);
  }

  onEpochEnd(_epoch: number, out: Collector<number>): void {
    for (const value of this.#values) if (value > 1) out.emit(value - 1);
    this.#values = [];
  }

  snapshot(): readonly number[] {
    return this.#values;
  }

  restore(state: unknown): void {
    this.#values = [...(state as readonly number[])];
  }
}

/** How many rounds were made, when the iteration is over. */
export class CountRounds implements ProcessOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  #rounds = 0;

  process(_value: unknown, _out: Collector<number>): void {}

  onEpochEnd(): void {
    this.#rounds++;
  }

  onIterationEnd(out: Collector<number>): void {
    out.emit(this.#rounds);
  }
}

/** What operators on this thread have noted. */
export const lines: string[] = [];

/** Says when each callback of it is called, and how many records this instance has seen. */
export class Diary implements ProcessOperator<unknown, string> {
  static readonly module: string = import.meta.url;
  #records = 0;

  open(): void {
    lines.push('open');
  }

  process(value: unknown, out: Collector<string>): void {
    this.#records++;
    out.emit(`${value}@${out.epoch} in${out.input} #${this.#records}`);
  }

  onEpochEnd(epoch: number, out: Collector<string>): void {
    out.emit(`e${epoch} of ${this.#records}`);
  }

  onIterationEnd(out: Collector<string>): void {
    out.emit(`over@${out.epoch} of ${this.#records}`);
  }

  onInputEnd(input: number, out: Collector<string>): void {
    out.emit(`in${input} ended@${out.epoch}`);
  }

  onEventTime(time: number, out: Collector<string>): void {
    out.emit(`time ${time}@${out.epoch}`);
  }

  close(): void {
    lines.push(`close after ${this.#records}`);
  }
}

/** How many records of each key there were, at the end of the input. */
export class CountKeys implements ProcessOperator<unknown, string> {
  static readonly module: string = import.meta.url;
  #counts!: KeyedState<number>;

  open(context: OperatorContext): void {
    this.#counts = context.state('counts');
  }

  process(_value: unknown, _out: Collector<string>): void {
    this.#counts.set((this.#counts.get() ?? 0) + 1);
  }

  onInputEnd(_input: number, out: Collector<string>): void {
    for (const [key, count] of this.#counts.entries()) out.emit(`${key}:${count}`);
  }
}

/** Adds one at the end of each round. */
export class NextRound implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #round = 0;

  process(value: number, _out: Collector<number>): void {
    this.#round = value;
  }

  onEpochEnd(_epoch: number, out: Collector<number>): void {
    out.emit(this.#round + 1);
  }

  snapshot(): number {
    return this.#round;
  }

  restore(state: unknown): void {
    this.#round = state as number;
  }
}

/** What the fault of an iteration goes by: files, for workers see nothing else of each other. */
export interface Plot {
  /** Is there once a checkpoint is. */
  readonly armed: string;
  /** Is there once the fault has happened. */
  readonly failed: string;
  /** The fault happens on this subtask. */
  readonly subtask: number;
}

/** Passes records on, and fails once there is a checkpoint to go on from. */
export class FailWhenArmed implements FlatMapOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #plot: Plot;
  #subtask = 0;

  constructor(plot: Plot) {
    this.#plot = plot;
  }

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  flatMap(value: unknown, out: Collector): void {
    const { armed, failed, subtask } = this.#plot;
    if (this.#subtask === subtask && existsSync(armed) && !existsSync(failed)) {
      writeFileSync(failed, '');
      throw new Error('planned fault');
    }
    out.emit(value);
  }
}

/** A loss that is large until the fault has happened, and some more rounds were made. */
export class LossUntil implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #plot: Plot;

  constructor(plot: Plot) {
    this.#plot = plot;
  }

  map(round: number): number {
    return round >= 10 && existsSync(this.#plot.failed) ? 0 : 1;
  }
}

/** May not live for one round: it begins with a promise. */
export class AsyncOpen implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;

  async open(): Promise<void> {}

  process(value: unknown, out: Collector): void {
    out.emit(value);
  }
}
