/** Operators of the tests of keyed streams, unions and broadcast variables: workers import it. */
import type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  Key,
  KeyedState,
  MapOperator,
  OperatorContext,
  ProcessOperator,
  ReduceOperator,
} from '../../src/engine/operator.js';

export interface Visit {
  readonly user: Key;
  readonly at: number;
}

/** The user of a visit, by a class. */
export class ByUser {
  static readonly module: string = import.meta.url;

  key(visit: Visit): Key {
    return visit.user;
  }
}

/** A number modulo what it is made with. */
export class Modulo {
  static readonly module: string = import.meta.url;
  readonly #by: number;

  constructor(by: number) {
    this.#by = by;
  }

  key(value: number): Key {
    return value % this.#by;
  }
}

/** Refuses what is not a number: a watermark, for one. */
export class NumbersOnly {
  static readonly module: string = import.meta.url;

  key(value: unknown): Key {
    if (typeof value !== 'number') throw new TypeError(`not a number: ${String(value)}`);
    return value;
  }
}

export class FailingSelector {
  static readonly module: string = import.meta.url;

  key(): Key {
    throw new RangeError('no key today');
  }
}

export class FailingToBegin {
  static readonly module: string = import.meta.url;

  constructor() {
    throw new RangeError('no selector today');
  }

  key(): Key {
    return null;
  }
}

export interface Seen {
  readonly subtask: number;
  readonly input: number;
  readonly key: Key;
  readonly value: unknown;
}

/** Says where a record was seen, and with which key. */
export class Witness implements ProcessOperator<unknown, Seen> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  process(value: unknown, out: Collector<Seen>): void {
    out.emit({ subtask: this.#context.subtask, input: out.input, key: out.key, value });
  }
}

/** Emits with each record how many of its key there have been; at the end, all keys in order. */
export class CountByKey implements ProcessOperator<unknown, readonly [Key, number]> {
  static readonly module: string = import.meta.url;
  #counts!: KeyedState<number>;

  open(context: OperatorContext): void {
    this.#counts = context.state('counts');
  }

  process(_value: unknown, out: Collector<readonly [Key, number]>): void {
    const count = (this.#counts.get() ?? 0) + 1;
    this.#counts.set(count);
    out.emit([out.key, count]);
  }

  onInputEnd(_input: number, out: Collector<readonly [Key, number]>): void {
    for (const entry of this.#counts.entries()) out.emitTo('totals', entry);
  }
}

/** Forgets a key when a record says so, by a value of 0. */
export class SumUntilZero implements FlatMapOperator<readonly [string, number], unknown> {
  static readonly module: string = import.meta.url;
  #sums!: KeyedState<number>;

  open(context: OperatorContext): void {
    this.#sums = context.state('sums');
  }

  flatMap([key, value]: readonly [string, number], out: Collector<unknown>): void {
    if (value === 0) this.#sums.delete();
    else this.#sums.set((this.#sums.get() ?? 0) + value);
    out.emit([key, this.#sums.get() ?? null]);
  }
}

/** Asks for the state of a key where there is none. */
export class StateOutsideRecords implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  #state!: KeyedState<number>;

  open(context: OperatorContext): void {
    this.#state = context.state('lost');
  }

  process(): void {}

  onInputEnd(): void {
    this.#state.get();
  }
}

/** Pairs records of two inputs by key: each with the last of the other side. */
export class JoinByKey implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  #sides!: readonly [KeyedState<unknown>, KeyedState<unknown>];

  open(context: OperatorContext): void {
    this.#sides = [context.state('left'), context.state('right')];
  }

  process(value: unknown, out: Collector<unknown>): void {
    const [own, other] = out.input === 0 ? this.#sides : [this.#sides[1], this.#sides[0]];
    own!.set(value);
    const match = other!.get();
    if (match === undefined) return;
    out.emit({ key: out.key, left: out.input === 0 ? value : match });
  }
}

/** Keeps the earlier visit as first, and adds up. */
export class Merge implements ReduceOperator<{ readonly key: Key; readonly values: number[] }> {
  static readonly module: string = import.meta.url;

  reduce(
    a: { readonly key: Key; readonly values: number[] },
    b: { readonly key: Key; readonly values: number[] },
  ): { readonly key: Key; readonly values: number[] } {
    return { key: a.key, values: [...a.values, ...b.values] };
  }
}

/** Adds numbers. */
export class Total implements ReduceOperator<number> {
  static readonly module: string = import.meta.url;

  reduce(a: number, b: number): number {
    return a + b;
  }
}

/** What was handled, and the values of the variables then. */
export type WithValues = readonly [unknown, ...(readonly unknown[])[]];

/** Reads broadcast variables with each record, at the end of an epoch and of an input. */
export class WithVariables implements ProcessOperator<unknown, WithValues> {
  static readonly module: string = import.meta.url;
  readonly #names: readonly string[];
  #context!: OperatorContext;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  open(context: OperatorContext): void {
    this.#context = context;
  }

  process(value: unknown, out: Collector<WithValues>): void {
    out.emit([value, ...this.#values()]);
  }

  onEpochEnd(epoch: number, out: Collector<WithValues>): void {
    out.emit([`e${epoch}`, ...this.#values()]);
  }

  onInputEnd(input: number, out: Collector<WithValues>): void {
    out.emit([`in${input}`, ...this.#values()]);
  }

  #values(): (readonly unknown[])[] {
    return this.#names.map((name) => this.#context.broadcast(name));
  }
}

/** The same by another kind of method, and in place: what is gathered must be copied. */
export class SumOfVariable implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;
  static readonly readsInPlace: boolean = true;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  map(value: number): number {
    const arrays = this.#context.broadcast<Float64Array>('arrays');
    return arrays.reduce((sum, array) => sum + array.reduce((a, b) => a + b, 0), value);
  }
}

/** Reads a broadcast variable too early. */
export class EagerReader implements FilterOperator<unknown> {
  static readonly module: string = import.meta.url;

  open(context: OperatorContext): void {
    context.broadcast('early');
  }

  filter(): boolean {
    return true;
  }
}

export class All implements FilterOperator<unknown> {
  static readonly module: string = import.meta.url;

  filter(): boolean {
    return true;
  }
}

export class IsOdd implements FilterOperator<number> {
  static readonly module: string = import.meta.url;

  filter(value: number): boolean {
    return value % 2 !== 0;
  }
}

/** Of what `Trace` emits: ends of epochs, and of the iteration. */
export class IsCallback implements FilterOperator<string> {
  static readonly module: string = import.meta.url;

  filter(text: string): boolean {
    return text.startsWith('e');
  }
}

/** Passes records on with the subtask that saw them. */
export class SubtaskOf implements MapOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  #subtask = 0;

  open(context: OperatorContext): void {
    this.#subtask = context.subtask;
  }

  map(): number {
    return this.#subtask;
  }
}

export class Fails implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  map(): number {
    throw new RangeError('never');
  }
}
