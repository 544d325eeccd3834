/** Operators of the engine's tests, in a file of their own: workers import it. */
import type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  MapOperator,
  OperatorContext,
  ProcessOperator,
  ReduceOperator,
} from '../../src/engine/operator.js';
import type { Shard } from '../../src/engine/shard.js';

export class Add implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #amount: number;

  constructor(amount: number) {
    this.#amount = amount;
  }

  map(value: number): number {
    return value + this.#amount;
  }
}

/** Emits a number as often as it says. */
export class Repeat implements FlatMapOperator<number, number> {
  static readonly module: string = import.meta.url;

  flatMap(value: number, out: Collector<number>): void {
    for (let i = 0; i < value; i++) out.emit(value);
  }
}

export class IsEven implements FilterOperator<number> {
  static readonly module: string = import.meta.url;

  filter(value: number): boolean {
    return value % 2 === 0;
  }
}

export class Sum implements ReduceOperator<number> {
  static readonly module: string = import.meta.url;

  reduce(a: number, b: number): number {
    return a + b;
  }
}

/** Numbers to the main output, those above a limit to the side output `large`. */
export class SplitAt implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  process(value: number, out: Collector<number>): void {
    if (value > this.#limit) out.emitTo('large', value);
    else out.emit(value);
  }
}

export interface Tagged {
  readonly subtask: number;
  readonly parallelism: number;
  readonly input: number;
  readonly value: unknown;
}

/** Says which subtask saw a record, and on which input. */
export class Tag implements ProcessOperator<unknown, Tagged> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  process(value: unknown, out: Collector<Tagged>): void {
    const { subtask, parallelism } = this.#context;
    out.emit({ subtask, parallelism, input: out.input, value });
  }
}

/** What an operator sees, as text: records `r<value>@<epoch>`, epochs `e<n>`, `end`, `in<input>`. */
export class Trace implements ProcessOperator<unknown, string> {
  static readonly module: string = import.meta.url;

  process(value: unknown, out: Collector<string>): void {
    out.emit(`${out.input === 0 ? 'r' : 'd'}${String(value)}@${out.epoch}`);
  }

  onEpochEnd(epoch: number, out: Collector<string>): void {
    out.emit(`e${epoch}`);
  }

  onIterationEnd(out: Collector<string>): void {
    out.emit('end');
  }

  onInputEnd(input: number, out: Collector<string>): void {
    out.emit(`in${input}`);
  }
}

/** Emits what it got, when the epoch ends. */
export class AtEpochEnd implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  #values: unknown[] = [];

  process(value: unknown): void {
    this.#values.push(value);
  }

  onEpochEnd(_epoch: number, out: Collector<unknown>): void {
    const values = this.#values;
    this.#values = [];
    for (const value of values) out.emit(value);
  }
}

/** The criteria of so many rounds: emits in the callback of epoch e iff e + 1 < rounds. */
export class TerminateOnMaxIter implements ProcessOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  readonly #rounds: number;

  constructor(rounds: number) {
    this.#rounds = rounds;
  }

  process(): void {}

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (epoch + 1 < this.#rounds) out.emit(0);
  }
}

/** Lowers a number by one; drops what comes to 0. In the loop of an iteration it ends it. */
export class CountDown implements FlatMapOperator<number, number> {
  static readonly module: string = import.meta.url;

  flatMap(value: number, out: Collector<number>): void {
    if (value > 1) out.emit(value - 1);
  }
}

/** Throws at one value: an Error with a code of its own, when `how` says so a bare string. */
export class ThrowAt implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #at: number;
  readonly #how: string;

  constructor({ at, how }: { at: number; how: string }) {
    this.#at = at;
    this.#how = how;
  }

  map(value: number): number {
    if (value !== this.#at) return value;
    if (this.#how === 'string') throw 'a bare string';
    throw Object.assign(new RangeError('no such thing'), { code: 'ERR_OF_MINE' });
  }
}

/** Misbehaves in one of the calls. */
export class Misbehave implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #how: string;
  #context!: OperatorContext;

  constructor(how: string) {
    this.#how = how;
    if (how === 'constructor') throw new Error('constructor');
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context;
    if (this.#how === 'open') throw new Error('open');
    if (this.#how === 'open hangs') await new Promise(() => {});
  }

  process(value: unknown, out: Collector<unknown>): void {
    if (this.#how === 'process') throw new Error('process');
    if (this.#how === 'exit' && this.#context.subtask === 0) process.exit(3);
    if (this.#how === 'loop') for (;;);
    if (this.#how === 'polite loop') while (!this.#context.stopped);
    if (this.#how === 'symbol') out.emit(Symbol('s'));
    out.emit(value);
  }

  onEpochEnd(): void {
    if (this.#how === 'onEpochEnd') throw new Error('onEpochEnd');
  }

  onIterationEnd(): void {
    if (this.#how === 'onIterationEnd') throw new Error('onIterationEnd');
  }

  onInputEnd(): void {
    if (this.#how === 'onInputEnd') throw new Error('onInputEnd');
  }

  close(): void {
    if (this.#how === 'close') throw new Error('close');
  }
}

/** Not exported under its own name: cannot be found. */
class Hidden implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  map(value: number): number {
    return value;
  }
}
export const hidden: typeof Hidden = Hidden;

/**
 * Takes a batch on input 0, then none before its answer has come on input 1. Emits `batch` and
 * `answer` records in the order it saw them.
 */
export class TakesTurns implements ProcessOperator<number, string> {
  static readonly module: string = import.meta.url;
  #waits = false;
  #answersOver = false;

  accepts(input: number): boolean {
    return input === 1 || !this.#waits || this.#answersOver;
  }

  process(value: number, out: Collector<string>): void {
    if (out.input === 0 && this.#waits) throw new Error('a batch came while one was waited for');
    this.#waits = out.input === 0;
    out.emit(`${out.input === 0 ? 'batch' : 'answer'} ${value}`);
    if (out.input === 0) out.emitTo('question', value);
  }

  onInputEnd(input: number, out: Collector<string>): void {
    if (input === 1) this.#answersOver = true;
    out.emit(`end ${input}`);
  }
}

export class RefusesAll implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  accepts(): boolean {
    return false;
  }

  map(value: number): number {
    return value;
  }
}

/** Reads typed arrays where they lie in the ring, and sums them. */
export class SumInPlace implements MapOperator<Float64Array, number> {
  static readonly module: string = import.meta.url;
  static readonly readsInPlace = true;

  map(values: Float64Array): number {
    return values.reduce((a, b) => a + b, 0);
  }
}

/** Sends a typed array of so many elements for each number. */
export class Inflate implements MapOperator<number, Float64Array> {
  static readonly module: string = import.meta.url;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  map(value: number): Float64Array {
    return new Float64Array(this.#length).fill(value);
  }
}

/** Its first element, and whether all are equal. */
export class Deflate implements MapOperator<Float64Array, number> {
  static readonly module: string = import.meta.url;

  map(values: Float64Array): number {
    if (values.some((value) => value !== values[0])) throw new Error('torn');
    return values[0]!;
  }
}

export interface ShardFact {
  readonly index: number;
  readonly count: number;
  readonly rowStart: number;
  readonly first: number;
}

export class ShardFacts implements MapOperator<Shard, ShardFact> {
  static readonly module: string = import.meta.url;

  map({ index, count, rowStart, table }: Shard): ShardFact {
    return { index, count, rowStart, first: table.toRows()[0]!.x as number };
  }
}

/** Counts in the job's buffer `marks`, one word per subtask. */
export class Mark implements ProcessOperator<unknown, never> {
  static readonly module: string = import.meta.url;
  #counts!: Int32Array;
  #subtask = 0;

  open({ buffers, subtask }: OperatorContext): void {
    this.#counts = new Int32Array(buffers.marks!);
    this.#subtask = subtask;
  }

  process(): void {
    Atomics.add(this.#counts, this.#subtask, 1);
  }
}

export class Never implements FilterOperator<unknown> {
  static readonly module: string = import.meta.url;

  filter(): boolean {
    return false;
  }
}

/**
 * In a loop: counts what comes on input 0 down, and sends what it began with to the side output
 * `zero` at the end. Input 1 is ignored.
 */
export class CountDownFirst implements ProcessOperator<Count | number, Count> {
  static readonly module: string = import.meta.url;

  process(value: Count | number, out: Collector<Count>): void {
    if (out.input === 1) return;
    const { from, left } = typeof value === 'number' ? { from: value, left: value } : value;
    if (left > 0) out.emit({ from, left: left - 1 });
    else out.emitTo('zero', from);
  }
}

export interface Count {
  readonly from: number;
  readonly left: number;
}

export class KeepFirst implements ReduceOperator<Float64Array> {
  static readonly module: string = import.meta.url;

  reduce(first: Float64Array): Float64Array {
    return first;
  }
}

export class Forward implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;

  process(value: unknown, out: Collector<unknown>): void {
    out.emit(value);
  }
}

/** Takes nothing on input 0 before something has come on input 1, then counts; emits the count. */
export class Stubborn implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #open = false;
  #count = 0;

  accepts(input: number): boolean {
    return input === 1 || this.#open;
  }

  process(_value: number, { input }: Collector<number>): void {
    if (input === 1) this.#open = true;
    else this.#count++;
  }

  onInputEnd(input: number, out: Collector<number>): void {
    if (input === 0) out.emit(this.#count);
  }
}

/** In a loop: makes n records of one number n, counts them when they come back. */
export class Burst implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #back = 0;

  process(value: number, out: Collector<number>): void {
    if (out.input === 1) return;
    if (value > 0) {
      for (let i = 0; i < value; i++) out.emit(-value);
    } else if (++this.#back === -value) {
      out.emitTo('done', this.#back);
    }
  }
}

/** Emits 0 .. n - 1 for n. */
export class CountTo implements FlatMapOperator<number, number> {
  static readonly module: string = import.meta.url;

  flatMap(value: number, out: Collector<number>): void {
    for (let i = 0; i < value; i++) out.emit(i);
  }
}
