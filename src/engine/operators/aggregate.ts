/** `aggregate`: an accumulator on every subtask, merged to one result. */
import type { Collector } from '../operator.js';
import { Buffering, bySubtask, type PartOf, type UserCallbacks, Wrapper } from './wrapper.js';

/**
 * What `aggregate` runs. Accumulators are plain data: they travel between threads.
 *
 * Every subtask begins with `createAccumulator()`, also one that gets no records, so what that gives
 * should be neutral to `merge`; what is not counts once for every subtask.
 */
export interface AggregateOperator<In = never, Acc = unknown, Out = unknown>
  extends UserCallbacks<Out> {
  createAccumulator(): Acc;
  /** The accumulator with one more record; it may be the same object. */
  add(value: In, accumulator: Acc): Acc;
  /** Both together, `a` of the lower subtasks; it may be one of them. */
  merge(a: Acc, b: Acc): Acc;
  getResult(accumulator: Acc): Out;
}

/** The first half: one accumulator for each subtask, emitted when the input has ended. */
export class AggregatePartition extends Wrapper<AggregateOperator<unknown>, readonly unknown[]> {
  /** The accumulator, once there is one: an empty subtask has none until the end. */
  #accumulator: readonly unknown[] = [];

  constructor(_settings: null, user: AggregateOperator<unknown>) {
    super(user);
  }

  process(value: unknown, _out: Collector): void {
    this.#accumulator = [this.user.add(value, this.#begun())];
  }

  onInputEnd(_input: number, out: Collector): void {
    const part: PartOf<unknown> = { subtask: this.context.subtask, value: this.#begun() };
    this.#accumulator = [];
    out.emit(part);
  }

  #begun(): unknown {
    const made = this.#accumulator;
    return made.length > 0 ? made[0] : this.user.createAccumulator();
  }

  protected override ownState(): readonly unknown[] {
    return this.#accumulator;
  }

  protected override takeState(accumulator: readonly unknown[]): void {
    this.#accumulator = accumulator;
  }
}

/** The second half, on one subtask: merges in order of the subtasks, and gives the result. */
export class AggregateResult extends Buffering<AggregateOperator<unknown>, PartOf<unknown>> {
  constructor(_settings: null, user: AggregateOperator<unknown>) {
    super(user);
  }

  protected override finish(parts: PartOf<unknown>[], out: Collector): void {
    if (parts.length === 0) return;
    const total = bySubtask(parts)
      .map(({ value }) => value)
      .reduce((a, b) => this.user.merge(a, b));
    out.emit(this.user.getResult(total));
  }
}
