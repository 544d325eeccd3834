/** `reduce` of a keyed stream: the records of every key to one. */
import type { Collector, Key, ReduceOperator } from '../operator.js';
import { EmittingWrapper } from './wrapper.js';

/**
 * Gives one record per key and epoch, outside an iteration one per key when the input ends, in the
 * order in which the keys were first seen.
 */
export class KeyedReduce extends EmittingWrapper<
  ReduceOperator<unknown>,
  ReadonlyMap<Key, unknown>
> {
  #reduced: Map<Key, unknown> = new Map();

  constructor(_settings: null, user: ReduceOperator<unknown>) {
    super(user);
  }

  process(value: unknown, { key }: Collector): void {
    const reduced = this.#reduced;
    const seen = reduced.has(key);
    reduced.set(key, seen ? this.user.reduce(reduced.get(key), value) : value);
  }

  override onEpochEnd(epoch: number, out: Collector): void {
    this.#emit(out);
    super.onEpochEnd(epoch, out);
  }

  override onIterationEnd(out: Collector): void {
    this.#emit(out);
    super.onIterationEnd(out);
  }

  onInputEnd(_input: number, out: Collector): void {
    this.#emit(out);
  }

  #emit(out: Collector): void {
    const reduced = this.#reduced;
    this.#reduced = new Map();
    for (const value of reduced.values()) out.emit(value);
  }

  protected override ownState(): ReadonlyMap<Key, unknown> {
    return this.#reduced;
  }

  protected override takeState(reduced: ReadonlyMap<Key, unknown>): void {
    this.#reduced = new Map(reduced);
  }
}
