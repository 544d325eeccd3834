/**
 * The loop of parameter-server.ts: offline training that never waits for a round.
 *
 * ```text
 *                          gradients, by range of weights
 *  batches ─▶ once ─▶ Lane ──────────────────────────────▶ Range ──▶ model, at the end
 *                      ▲                                     │
 *                      └────── head ◀── feedback, by lane ◀──┘
 *                               weights of the range, at once
 * ```
 *
 * A lane is a learner with batches of its own. It has one gradient out at a time: it waits for the
 * answers of all ranges, not for other lanes. A range is a parameter server with some of the
 * weights. It answers each gradient in the call that brings it, which makes the loop asynchronous:
 * it feeds back from `process`, and no epoch has to end.
 *
 * **Staleness.** While a lane computes, other lanes change the weights: its gradient is then of
 * weights that are no longer there. And the ranges answer by themselves, so the parts of a lane's
 * weights may be of different moments. For small steps this does little harm, for large ones the
 * loss grows without bound; the step shrinks as the ranges grow older.
 *
 * **Not deterministic.** In which order gradients arrive depends on timing. Two runs end near the
 * same weights, not with the same bits.
 *
 * Lanes and ranges are keys, not subtasks: there may be more of them than workers, and an answer
 * finds its lane wherever that lives.
 */
import {
  type Collector,
  type DataStream,
  type Job,
  type KeyedState,
  type OperatorContext,
  once,
  type ProcessOperator,
} from 'gyre/engine';

/** Rows of one lane: y is about the product of x and the weights. */
export interface Batch {
  readonly lane: number;
  readonly x: readonly Float64Array[];
  readonly y: Float64Array;
}

/** A lane's part of the gradient that belongs to a range. */
interface Gradient {
  readonly lane: number;
  readonly range: number;
  /** How many gradients the range had seen when it gave the weights that this one is of. */
  readonly version: number;
  readonly values: Float64Array;
}

/** Weights of a range, for one lane. */
interface Answer {
  readonly lane: number;
  readonly range: number;
  readonly version: number;
  readonly weights: Float64Array;
}

/** What a range has in the end. */
export interface RangeResult {
  readonly range: number;
  readonly weights: Float64Array;
  readonly gradients: number;
  /** By how many other gradients the weights had moved on when a gradient came, on average. */
  readonly staleness: number;
}

export interface ServerParams {
  /** Number of weights. */
  readonly size: number;
  /** Number of ranges that they are cut into. */
  readonly ranges: number;
  /** How often every batch is learned from. */
  readonly passes: number;
  /** The first step; the step after `halving` gradients is half as long, and so on as 1 / n. */
  readonly step: number;
  readonly halving: number;
}

/** The first weight of a range; of the range after the last, the number of weights. */
const startOf = ({ size, ranges }: ServerParams, range: number): number =>
  Math.round((range * size) / ranges);

/** What a lane keeps. */
interface LaneState {
  /** Batches and how often they are still to be learned from; the next is the first. */
  readonly queue: { readonly batch: Batch; readonly left: number }[];
  readonly weights: Float64Array;
  /** One a range. */
  readonly versions: number[];
  /** Answers that the gradient that is out still waits for. */
  missing: number;
}

/** Input 0: batches, by lane. Input 1: answers, by lane. Out: gradients. */
export class Lane implements ProcessOperator<Batch | Answer, Gradient> {
  static readonly module: string = import.meta.url;
  readonly #params: ServerParams;
  #lanes!: KeyedState<LaneState>;

  constructor(params: ServerParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#lanes = context.state('lanes');
  }

  process(value: Batch | Answer, out: Collector<Gradient>): void {
    const lane = this.#lanes.get() ?? this.#newLane();
    this.#lanes.set(lane);
    if (out.input === 0) {
      lane.queue.push({ batch: value as Batch, left: this.#params.passes });
      return;
    }
    const { range, version, weights } = value as Answer;
    lane.weights.set(weights, startOf(this.#params, range));
    lane.versions[range] = version;
    lane.missing--;
    if (lane.missing === 0) this.#learn(lane, out);
  }

  /**
   * Epoch 0 is over when all batches are there; the epochs after it pass as they may. `onInputEnd`
   * would not do: what it emits belongs to the end of the loop, and may not be fed back.
   */
  onEpochEnd(epoch: number, out: Collector<Gradient>): void {
    if (epoch > 0) return;
    for (const [, lane] of this.#lanes.entries()) this.#learn(lane, out);
  }

  #newLane(): LaneState {
    const { size, ranges } = this.#params;
    const versions = new Array<number>(ranges).fill(0);
    return { queue: [], weights: new Float64Array(size), versions, missing: 0 };
  }

  /** Sends the gradient of the next batch, if there is one. */
  #learn(lane: LaneState, out: Collector<Gradient>): void {
    const next = lane.queue.shift();
    if (next === undefined) return;
    const { batch, left } = next;
    if (left > 1) lane.queue.push({ batch, left: left - 1 });
    const gradient = gradientOf(batch, lane.weights);
    lane.versions.forEach((version, range) => {
      const [from, to] = [startOf(this.#params, range), startOf(this.#params, range + 1)];
      out.emit({ lane: batch.lane, range, version, values: gradient.slice(from, to) });
    });
    lane.missing = lane.versions.length;
  }
}

/** Of half the mean squared error. */
function gradientOf({ x, y }: Batch, weights: Float64Array): Float64Array {
  const gradient = new Float64Array(weights.length);
  x.forEach((row, i) => {
    const error = row.reduce((sum, value, j) => sum + value * weights[j]!, -y[i]!);
    row.forEach((value, j) => {
      gradient[j]! += (error * value) / x.length;
    });
  });
  return gradient;
}

/** What a range keeps. */
interface RangeState {
  readonly weights: Float64Array;
  gradients: number;
  /** Sum over all gradients. */
  staleness: number;
}

/** In: gradients, by range. Out: answers. Side output `model`: a {@link RangeResult} at the end. */
export class Range implements ProcessOperator<Gradient, Answer> {
  static readonly module: string = import.meta.url;
  readonly #params: ServerParams;
  #ranges!: KeyedState<RangeState>;

  constructor(params: ServerParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#ranges = context.state('ranges');
  }

  process({ lane, range, version, values }: Gradient, out: Collector<Answer>): void {
    const known = this.#ranges.get();
    const state = known ?? {
      weights: new Float64Array(values.length),
      gradients: 0,
      staleness: 0,
    };
    this.#ranges.set(state);
    const { step, halving } = this.#params;
    const rate = step / (1 + state.gradients / halving);
    values.forEach((value, j) => {
      state.weights[j]! -= rate * value;
    });
    state.staleness += state.gradients - version;
    state.gradients++;
    // A copy: on the same thread a record is handed on as it is, and these weights move on.
    out.emit({ lane, range, version: state.gradients, weights: state.weights.slice() });
  }

  /** All batches have been learned from, and nothing goes round any more. */
  onInputEnd(_input: number, out: Collector<Answer>): void {
    for (const [range, { weights, gradients, staleness }] of this.#ranges.entries()) {
      const mean = staleness / gradients;
      const result = { range: Number(range), weights, gradients, staleness: mean };
      out.emitTo('model', result satisfies RangeResult);
    }
  }
}

/** Adds the loop to a job; what it gives are the ranges of the model, once, at the end. */
export function trainByServers(
  job: Job,
  batches: readonly Batch[],
  params: ServerParams,
): DataStream<RangeResult> {
  const { model } = job.iterateUnbounded({
    // Nobody has an answer before the first gradient: all weights begin with 0.
    variables: [job.of<Answer>([]).rebalance()],
    data: [once(job.of(batches))],
    body: ([answers], [data]) => {
      const gradients = data.keyBy('lane').connect(answers.keyBy('lane')).process(Lane, params);
      const servers = gradients.keyBy('range').process(Range, params);
      return { feedback: [servers], outputs: { model: servers.side<RangeResult>('model') } };
    },
  });
  return model;
}

/** The weights as one array. */
export function joinRanges(results: readonly RangeResult[]): Float64Array {
  const inOrder = [...results].sort((a, b) => a.range - b.range);
  return Float64Array.from(inOrder.flatMap(({ weights }) => [...weights]));
}
