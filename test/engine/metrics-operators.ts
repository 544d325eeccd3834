/** Operators of the tests of metrics, in a file of their own: workers import it. */
import type { MapOperator, OperatorContext, ProcessOperator } from '../../src/engine/operator.js';

/** The name of the shared word that {@link Gated} and {@link FailOnce} look at. */
export const GATE = 'gate';

function wordOf({ buffers }: OperatorContext): Int32Array {
  return new Int32Array(buffers[GATE]!);
}

/** Holds up its thread, a worker, at the first record, until the gate is opened. */
export class Gated implements MapOperator<string, number> {
  static readonly module: string = import.meta.url;
  #gate!: Int32Array;

  open(context: OperatorContext): void {
    this.#gate = wordOf(context);
  }

  map(value: string): number {
    Atomics.wait(this.#gate, 0, 0);
    return value.length;
  }
}

/** Throws at one value, once in all attempts. */
export class FailOnce implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #at: number;
  #failed!: Int32Array;

  constructor(at: number) {
    this.#at = at;
  }

  open(context: OperatorContext): void {
    this.#failed = wordOf(context);
  }

  map(value: number): number {
    if (value === this.#at && Atomics.exchange(this.#failed, 0, 1) === 0) {
      throw new RangeError(`refused ${value}`);
    }
    return value;
  }
}

/** Holds a segment of kernel memory while it is open. */
export class TakesMemory implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #bytes: number;
  #free: (() => void) | null = null;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  open({ arena }: OperatorContext): void {
    const segment = arena.allocate(this.#bytes);
    this.#free = () => segment.free();
  }

  process(): void {}

  close(): void {
    this.#free?.();
    this.#free = null;
  }
}
