/** The last word of a loop: what its last complete round gave. */
import { IterationError } from '../../core/errors.js';
import type { Collector, FlatMapOperator } from '../operator.js';

interface Rounds {
  readonly last: readonly unknown[];
  readonly current: readonly unknown[];
}

/**
 * Forwards, when an iteration has terminated, the records of its last complete round, and drops those
 * of all rounds before. In order of arrival. Nothing when there were none in that round.
 *
 * The body must not send it records in the round that is cut short by the termination: feed back
 * from `onEpochEnd`. Unlike in Flink ML, what it keeps is part of checkpoints.
 *
 * @throws {@link IterationError} `ERR_GYRE_ITERATION`, after forwarding, when there are records of
 *   an unfinished round.
 * @see ForwardInputsOfLastRound of Flink ML.
 * @example
 * ```ts
 * return { feedback: [next], outputs: { model: next.flatMap(ForwardInputsOfLastRound) }, criteria };
 * ```
 */
export class ForwardInputsOfLastRound<T = unknown> implements FlatMapOperator<T, T> {
  static readonly module: string = import.meta.url;
  #last: readonly T[] = [];
  #current: T[] = [];

  flatMap(value: T, _out: Collector<T>): void {
    this.#current.push(value);
  }

  onEpochEnd(_epoch: number, _out: Collector<T>): void {
    this.#last = this.#current;
    this.#current = [];
  }

  onIterationEnd(out: Collector<T>): void {
    for (const value of this.#last) out.emit(value);
    this.#last = [];
    if (this.#current.length === 0) return;
    throw new IterationError(
      `ForwardInputsOfLastRound has ${this.#current.length} records of a round that is not complete; ` +
        'the body must emit them in onEpochEnd, so that the last round gives none.',
      { details: { records: this.#current.length } },
    );
  }

  snapshot(): Rounds {
    return { last: this.#last, current: this.#current };
  }

  restore(state: unknown): void {
    const { last, current } = state as { last: readonly T[]; current: readonly T[] };
    this.#last = last;
    this.#current = [...current];
  }
}
