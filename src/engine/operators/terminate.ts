/** Criteria of iterations: operators whose output is empty in the round after which it ends. */
import { IterationError } from '../../core/errors.js';
import { int, type Param, type ParamTable, required, resolveParams } from '../../core/params.js';
import { END_EPOCH } from '../frame.js';
import type { Collector, FlatMapOperator } from '../operator.js';

/** Params of {@link TerminateOnMaxIter}. */
export interface TerminateOnMaxIterParams {
  /** Number of rounds, an integer >= 0; 0 makes one round, for one is always made. */
  readonly maxIter: number;
}

/** Params of {@link TerminateOnMaxIterOrTol}. */
export interface TerminateOnMaxIterOrTolParams {
  /** The largest number of rounds, an integer >= 0; none by default. */
  readonly maxIter?: number;
  /** The iteration ends with the round whose loss is not greater; not NaN. */
  readonly tol: number;
}

const number: Param<number> = {
  expected: 'a number that is not NaN',
  default: 0,
  accepts: (v) => typeof v === 'number' && !Number.isNaN(v),
  invalid: [Number.NaN, '1', null],
};
const MAX_ITER: ParamTable<TerminateOnMaxIterParams> = { maxIter: required(int(0, { min: 0 })) };
const OR_TOL: ParamTable<Required<TerminateOnMaxIterOrTolParams>> = {
  maxIter: int(END_EPOCH, { min: 0 }),
  tol: required(number),
};

/** What a criteria stream gets in a round that is not the last; only that it is there matters. */
const GO_ON = 0;

/**
 * Criteria that end a bounded iteration after `maxIter` rounds.
 *
 * Its input may be any stream of the body that has epochs; the records do not matter. In an operator
 * that lives for one round it needs a record in every round.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another `maxIter`.
 * @see TerminateOnMaxIter of Flink ML.
 * @example
 * ```ts
 * const { result } = job.iterate({
 *   variables: [job.of([initial])],
 *   body: ([state]) => {
 *     const next = state.process(Step);
 *     return {
 *       feedback: [next],
 *       outputs: { result: next },
 *       criteria: next.flatMap(TerminateOnMaxIter, { maxIter: 10 }),
 *     };
 *   },
 * });
 * ```
 */
export class TerminateOnMaxIter implements FlatMapOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  readonly #maxIter: number;

  constructor(params: TerminateOnMaxIterParams) {
    this.#maxIter = resolveParams('TerminateOnMaxIter', MAX_ITER, params).maxIter;
  }

  flatMap(_value: unknown, _out: Collector<number>): void {}

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (epoch + 1 < this.#maxIter) out.emit(GO_ON);
  }
}

/**
 * Criteria that end a bounded iteration after `maxIter` rounds, or with the first round whose loss is
 * `tol` or less, or NaN. A round without a loss goes on.
 *
 * Its input is the stream of losses, of parallelism 1: at most one number in each round. Unlike in
 * Flink ML, a loss that waits for the end of its round is part of checkpoints.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for other params.
 * @throws {@link IterationError} `ERR_GYRE_ITERATION` for a second loss in one round.
 * @see TerminateOnMaxIterOrTol of Flink ML.
 * @example
 * ```ts
 * const criteria = losses.flatMap(TerminateOnMaxIterOrTol, { maxIter: 100, tol: 1e-6 });
 * ```
 */
export class TerminateOnMaxIterOrTol implements FlatMapOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #maxIter: number;
  readonly #tol: number;
  #loss: number | null = null;

  constructor(params: TerminateOnMaxIterOrTolParams) {
    const { maxIter, tol } = resolveParams('TerminateOnMaxIterOrTol', OR_TOL, params);
    this.#maxIter = maxIter;
    this.#tol = tol;
  }

  flatMap(loss: number, out: Collector<number>): void {
    if (this.#loss !== null) {
      throw new IterationError(
        `TerminateOnMaxIterOrTol takes one loss in each round, got ${this.#loss} and ${loss} in ` +
          `epoch ${out.epoch}; reduce them to one.`,
        { details: { epoch: out.epoch, losses: [this.#loss, loss] } },
      );
    }
    this.#loss = loss;
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    const loss = this.#loss ?? Number.MAX_VALUE;
    this.#loss = null;
    if (epoch + 1 < this.#maxIter && loss > this.#tol) out.emit(GO_ON);
  }

  snapshot(): number | null {
    return this.#loss;
  }

  restore(loss: unknown): void {
    this.#loss = loss as number | null;
  }
}
