/** Operators of the scenarios of keys, windows and broadcast variables: workers import it. */
import type {
  Collector,
  Key,
  KeyedState,
  MapOperator,
  OperatorContext,
  ProcessOperator,
  ReduceOperator,
} from '../../../src/engine/operator.js';
import type { AggregateOperator } from '../../../src/engine/operators/aggregate.js';
import type { TimestampOperator } from '../../../src/engine/operators/assign-timestamps.js';
import type { CoGroupOperator } from '../../../src/engine/operators/co-group.js';
import type { WindowOperator } from '../../../src/engine/operators/window-all.js';

/** Each record with the input that it came from. */
export class Identified implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;

  process(value: unknown, out: Collector): void {
    out.emit([out.input, value]);
  }
}

/** Adds the second fields of pairs of one key. */
export class AddPairs implements ReduceOperator<readonly [number, number]> {
  static readonly module: string = import.meta.url;

  reduce(
    [key, a]: readonly [number, number],
    [, b]: readonly [number, number],
  ): readonly [number, number] {
    return [key, a + b];
  }
}

/** Forwards its records when broadcast variables are what they should be; their order is none. */
export class ChecksVariables implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #expected: Readonly<Record<string, readonly number[]>>;
  #context!: OperatorContext;

  constructor(expected: Readonly<Record<string, readonly number[]>>) {
    this.#expected = expected;
  }

  open(context: OperatorContext): void {
    this.#context = context;
  }

  process(value: unknown, out: Collector): void {
    for (const [name, expected] of Object.entries(this.#expected)) {
      checkVariable(this.#context, name, expected);
    }
    out.emit(value);
  }
}

function checkVariable(context: OperatorContext, name: string, expected: readonly number[]): void {
  const values = [...context.broadcast<number>(name)].sort((a, b) => a - b);
  if (String(values) !== String(expected)) throw new RangeError(`${name} is ${String(values)}`);
}

/** Joins numbers of two inputs by their keys, while the variable `source1` has all of them. */
export class JoinWithVariable implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #expected: readonly number[];
  #context!: OperatorContext;
  #sides!: readonly [KeyedState<number>, KeyedState<number>];

  constructor(expected: readonly number[]) {
    this.#expected = expected;
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#sides = [context.state('first'), context.state('second')];
  }

  process(value: number, out: Collector<number>): void {
    checkVariable(this.#context, 'source1', this.#expected);
    const [first, second] = this.#sides;
    (out.input === 0 ? first : second).set(value);
    const match = (out.input === 0 ? second : first).get();
    if (match !== undefined) out.emit(match);
  }
}

/** The numbers 0 .. n - 1. */
export class ArrayOf implements MapOperator<number, Float64Array> {
  static readonly module: string = import.meta.url;

  map(length: number): Float64Array {
    return Float64Array.from({ length }, (_, i) => i);
  }
}

/** The key of a pair is half its first number, rounded down. */
export class ByHalf {
  static readonly module: string = import.meta.url;

  key([value]: readonly number[]): Key {
    return Math.floor(value! / 2);
  }
}

/** The sum of the second numbers of both sides. */
export class SumOfSeconds implements CoGroupOperator<readonly number[], readonly number[], number> {
  static readonly module: string = import.meta.url;

  coGroup(
    _key: Key,
    left: readonly (readonly number[])[],
    right: readonly (readonly number[])[],
    out: Collector<number>,
  ): void {
    out.emit([...left, ...right].reduce((sum, pair) => sum + pair[1]!, 0));
  }
}

/** Sums numbers, from a start that each subtask has. */
export class SumAsText implements AggregateOperator<number, number, string> {
  static readonly module: string = import.meta.url;
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  createAccumulator(): number {
    return this.#start;
  }

  add(value: number, accumulator: number): number {
    return accumulator + value;
  }

  merge(a: number, b: number): number {
    return a + b;
  }

  getResult(accumulator: number): string {
    return String(accumulator);
  }
}

/** The event time of a number is the number. */
export class IsTime implements TimestampOperator<number> {
  static readonly module: string = import.meta.url;

  timestamp(value: number): number {
    return value;
  }
}

/** The records of a window as one. */
export class Batch implements WindowOperator<number, readonly number[]> {
  static readonly module: string = import.meta.url;

  window(values: readonly number[], out: Collector<readonly number[]>): void {
    out.emit(values);
  }
}
