/** Operators of the fault tests: they keep state, and one of them fails once. */
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector, OperatorContext, ProcessOperator } from '../../../src/engine/operator.js';

/** How an operator fails. */
export type Fault = 'throw' | 'exit' | 'memory' | 'hang';

export interface FailOnceParams {
  /** Exists once the fault has happened. */
  readonly marker: string;
  /** The record of subtask 0 at which it fails, counted over all restarts of one instance. */
  readonly at: number;
  readonly fault: Fault;
}

function fail(fault: Fault): void {
  if (fault === 'throw') throw new Error('planned fault');
  if (fault === 'exit') process.exit(7);
  if (fault === 'memory') {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(1 << 20).fill(1.5));
  }
}

/** Passes everything on, and fails once. */
export class FailOnce implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #params: FailOnceParams;
  #seen = 0;
  #subtask = 0;

  constructor(params: FailOnceParams) {
    this.#params = params;
  }

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(value: unknown, out: Collector): void {
    this.#seen++;
    const { marker, at, fault } = this.#params;
    if (this.#subtask === 0 && this.#seen === at && !existsSync(marker)) {
      writeFileSync(marker, '');
      fail(fault);
    }
    out.emit(value);
  }
}

/** Sums what it sees; emits the sum at the end. */
export class SumAtEnd implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #sum = 0;

  process(value: number): void {
    this.#sum += value;
  }

  onInputEnd(_input: number, out: Collector<number>): void {
    out.emit(this.#sum);
  }

  snapshot(): unknown {
    return this.#sum;
  }

  restore(state: unknown): void {
    this.#sum = state as number;
  }
}

/** Takes so many milliseconds to open; then passes everything on. */
export class SlowToOpen implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  async open(): Promise<void> {
    await sleep(this.#ms);
  }

  process(value: unknown, out: Collector): void {
    out.emit(value);
  }
}

/** Keeps a large array; emits at the end how often its state was asked for. */
export class CountSnapshots implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #state = new Float64Array(1 << 19);
  #snapshots = 0;

  process(value: number): void {
    this.#state[value] = value;
  }

  onInputEnd(_input: number, out: Collector<number>): void {
    out.emit(this.#snapshots);
  }

  snapshot(): Float64Array {
    this.#snapshots++;
    return this.#state;
  }
}
