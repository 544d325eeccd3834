/** `reduce`: the records of every subtask to one, and these to one, in a fixed order. */
import type { Collector, ReduceOperator } from '../operator.js';
import { Buffering, bySubtask, type PartOf, Wrapper } from './wrapper.js';

/**
 * The first half: one record for each subtask that has any, for every epoch of an iteration, and
 * when the input ends.
 */
export class ReducePartition extends Wrapper<ReduceOperator<unknown>, readonly unknown[]> {
  #reduced: readonly unknown[] = [];

  constructor(_settings: null, user: ReduceOperator<unknown>) {
    super(user);
  }

  process(value: unknown, _out: Collector): void {
    const reduced = this.#reduced;
    this.#reduced = [reduced.length > 0 ? this.user.reduce(reduced[0], value) : value];
  }

  onEpochEnd(_epoch: number, out: Collector): void {
    this.#emit(out);
  }

  onInputEnd(_input: number, out: Collector): void {
    this.#emit(out);
  }

  #emit(out: Collector): void {
    for (const value of this.#reduced) {
      const part: PartOf<unknown> = { subtask: this.context.subtask, value };
      out.emit(part);
    }
    this.#reduced = [];
  }

  protected override ownState(): readonly unknown[] {
    return this.#reduced;
  }

  protected override takeState(reduced: readonly unknown[]): void {
    this.#reduced = reduced;
  }
}

/** The second half, on one subtask: reduces in order of the subtasks. Nothing, no result. */
export class ReduceResult extends Buffering<ReduceOperator<unknown>, PartOf<unknown>> {
  constructor(_settings: null, user: ReduceOperator<unknown>) {
    super(user);
  }

  override onEpochEnd(epoch: number, out: Collector): void {
    this.finish(this.take(), out);
    super.onEpochEnd(epoch, out);
  }

  protected override finish(parts: PartOf<unknown>[], out: Collector): void {
    if (parts.length === 0) return;
    const values = bySubtask(parts).map(({ value }) => value);
    out.emit(values.reduce((a, b) => this.user.reduce(a, b)));
  }
}
