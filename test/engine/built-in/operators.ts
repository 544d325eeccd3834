/** Operators of the tests of built-in operators, in files of their own: workers import them. */
import type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  Key,
  MapOperator,
  OperatorContext,
  ProcessOperator,
  ReduceOperator,
} from '../../../src/engine/operator.js';
import type { AggregateOperator } from '../../../src/engine/operators/aggregate.js';
import type { CoGroupOperator } from '../../../src/engine/operators/co-group.js';
import type { MapPartitionOperator } from '../../../src/engine/operators/map-partition.js';

export class Negate implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  map(value: number): number {
    return -value;
  }
}

export class Twice implements FlatMapOperator<number, number> {
  static readonly module: string = import.meta.url;

  flatMap(value: number, out: Collector<number>): void {
    out.emit(value);
    out.emit(value);
  }
}

export class IsOdd implements FilterOperator<number> {
  static readonly module: string = import.meta.url;

  filter(value: number): boolean {
    return value % 2 !== 0;
  }
}

export class All implements FilterOperator<unknown> {
  static readonly module: string = import.meta.url;

  filter(): boolean {
    return true;
  }
}

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

/** Numbers in the order in which they are combined: it is no sum, so the order shows. */
export class Concat implements ReduceOperator<string> {
  static readonly module: string = import.meta.url;

  reduce(a: string, b: string): string {
    return `(${a}${b})`;
  }
}

export class Add implements ReduceOperator<number> {
  static readonly module: string = import.meta.url;

  reduce(a: number, b: number): number {
    return a + b;
  }
}

/** A list of what each subtask has added, in order. */
export class Lists implements AggregateOperator<unknown, readonly unknown[], string> {
  static readonly module: string = import.meta.url;

  createAccumulator(): readonly unknown[] {
    return [];
  }

  add(value: unknown, accumulator: readonly unknown[]): readonly unknown[] {
    return [...accumulator, value];
  }

  merge(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
    return [...a, '|', ...b];
  }

  getResult(accumulator: readonly unknown[]): string {
    return accumulator.join(' ');
  }
}

/** Adds, and the values of the broadcast variable `offset` to the result, when there is one. */
export class Offset implements AggregateOperator<number, number, number> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  createAccumulator(): number {
    return 0;
  }

  /** Both halves read it. */
  add(value: number, accumulator: number): number {
    return accumulator + value * this.#offset();
  }

  merge(a: number, b: number): number {
    return a + b;
  }

  getResult(accumulator: number): number {
    return accumulator + this.#offset();
  }

  #offset(): number {
    return this.#context.broadcast<number>('offset').reduce((a, b) => a + b, 0);
  }
}

/** The larger of two, after `offset` was added to both: again, both halves read it. */
export class OffsetReduce implements ReduceOperator<number> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  reduce(a: number, b: number): number {
    return a + b + this.#context.broadcast<number>('offset').reduce((x, y) => x + y, 0);
  }
}

/** All that a subtask has got, as one record. */
export class Whole implements MapPartitionOperator<unknown, readonly [number, readonly unknown[]]> {
  static readonly module: string = import.meta.url;
  #subtask = 0;

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  mapPartition(
    values: readonly unknown[],
    out: Collector<readonly [number, readonly unknown[]]>,
  ): void {
    out.emit([this.#subtask, values]);
  }
}

export class ToText implements MapOperator<number, string> {
  static readonly module: string = import.meta.url;

  map(value: number): string {
    return String(value);
  }
}

/** Records with the subtask that saw them, and their epoch. */
export class Where implements ProcessOperator<unknown, readonly [number, unknown, number]> {
  static readonly module: string = import.meta.url;
  #subtask = 0;

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(value: unknown, out: Collector<readonly [number, unknown, number]>): void {
    out.emit([this.#subtask, value, out.epoch]);
  }
}

/** An array whose first element is the number, and all others a fraction of it. */
export class ToArray implements MapOperator<number, Float64Array> {
  static readonly module: string = import.meta.url;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  map(value: number): Float64Array {
    return Float64Array.from({ length: this.#length }, (_, i) => value / (i + 1));
  }
}

export type Group = readonly [Key, readonly unknown[], readonly unknown[]];

export class Groups implements CoGroupOperator<unknown, unknown, Group> {
  static readonly module: string = import.meta.url;

  coGroup(
    key: Key,
    left: readonly unknown[],
    right: readonly unknown[],
    out: Collector<Group>,
  ): void {
    out.emit([key, left, right]);
  }
}

export class Half implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  map(value: number): number {
    return value / 2;
  }
}

/** The first element of an array. */
export class First implements MapOperator<Float64Array, number> {
  static readonly module: string = import.meta.url;

  map(array: Float64Array): number {
    return array[0]!;
  }
}

export class Fails implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  map(value: number): number {
    if (value === 13) throw new RangeError('thirteen');
    return value;
  }
}
