/**
 * The loop of alarms.ts: a parameter that follows feedback while its stream goes on.
 *
 * ```text
 *  quakes ─▶ by network ─▶ Detector ─▶ by turns ─▶ Review ──┬─▶ verdicts
 *                            ▲    └─▶ thresholds            │
 *                            └─── head ◀── feedback ────────┘
 *                              by network
 * ```
 *
 * A detector raises an alarm when a value reaches its threshold. Somebody looks at each alarm, and
 * confirms or rejects it. The verdict flows back and moves the threshold: down a little when it was
 * confirmed, up when it was not, in such steps that it comes to rest where the wanted share of
 * alarms is confirmed.
 *
 * The stream does not wait for verdicts: which values are compared before a verdict is there
 * depends on timing, as it does where people answer. Two runs may raise different alarms. What
 * holds in each: every alarm gets one verdict, and the threshold has moved by exactly the sum of
 * their steps.
 */
import {
  type Collector,
  type DataStream,
  type Job,
  type KeyedState,
  type MapOperator,
  type OperatorContext,
  once,
  type ProcessOperator,
} from 'gyre/engine';

/** An earthquake, as a network of seismographs reports it. */
export interface Quake {
  readonly net: string;
  readonly magnitude: number;
  /** How many people said that they felt it. */
  readonly felt: number;
}

/** A quake that reached the threshold. */
export interface Alarm {
  readonly net: string;
  readonly quake: Quake;
  readonly threshold: number;
}

/** An alarm that was looked at. */
export interface Verdict extends Alarm {
  readonly confirmed: boolean;
}

/** A threshold that a verdict has moved. */
export interface Threshold {
  readonly net: string;
  readonly value: number;
  /** Verdicts so far. */
  readonly verdicts: number;
}

export interface TuningParams {
  /** The threshold of a network that had no verdict yet. */
  readonly start: number;
  /** The share of alarms that should be confirmed, between 0 and 1. */
  readonly target: number;
  /** How far a verdict moves the threshold: this, times the target or its complement. */
  readonly step: number;
}

/** By how much a verdict moves the threshold: 0 on average when `target` of them are confirmed. */
export function moveOf({ confirmed }: Verdict, { target, step }: TuningParams): number {
  return confirmed ? -step * (1 - target) : step * target;
}

/**
 * Input 0: quakes. Input 1: verdicts. Both by network: each has a threshold of its own. Out:
 * alarms. Side output `thresholds`: each new {@link Threshold}.
 */
export class Detector implements ProcessOperator<Quake | Verdict, Alarm> {
  static readonly module: string = import.meta.url;
  readonly #params: TuningParams;
  #thresholds!: KeyedState<Threshold>;

  constructor(params: TuningParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#thresholds = context.state('thresholds');
  }

  process(value: Quake | Verdict, out: Collector<Alarm>): void {
    const net = String(out.key);
    const current = this.#thresholds.get() ?? { net, value: this.#params.start, verdicts: 0 };
    if (out.input === 0) {
      const quake = value as Quake;
      const threshold = current.value;
      if (quake.magnitude >= threshold) out.emit({ net, quake, threshold });
      return;
    }
    const moved: Threshold = {
      net,
      value: current.value + moveOf(value as Verdict, this.#params),
      verdicts: current.verdicts + 1,
    };
    this.#thresholds.set(moved);
    out.emitTo('thresholds', moved);
  }
}

/** Stands for the people who look at alarms: those that somebody felt are confirmed. */
export class Review implements MapOperator<Alarm, Verdict> {
  static readonly module: string = import.meta.url;

  map(alarm: Alarm): Verdict {
    return { ...alarm, confirmed: alarm.quake.felt > 0 };
  }
}

/** Adds the loop to a job. It has two outputs: what was said of each alarm, and all thresholds. */
export function watchQuakes(
  job: Job,
  quakes: DataStream<Quake>,
  params: TuningParams,
): { readonly verdicts: DataStream<Verdict>; readonly thresholds: DataStream<Threshold> } {
  return job.iterateUnbounded({
    // There is no verdict before the first alarm.
    variables: [job.of<Verdict>([]).rebalance()],
    data: [once(quakes)],
    body: ([verdicts], [reports]) => {
      const detector = reports
        .keyBy('net')
        .connect(verdicts.keyBy('net'))
        .process(Detector, params);
      const reviewed = detector.rebalance().map(Review);
      return {
        feedback: [reviewed],
        outputs: { verdicts: reviewed, thresholds: detector.side<Threshold>('thresholds') },
      };
    },
  });
}
