/**
 * The model of online-training.ts: linear regression that learns while its data comes, written by
 * its user.
 *
 * ```text
 *  days ─▶ pairs ─▶ batches ─ by turns ─▶ Errors ── to one ─▶ Learner ──┬─▶ versions of the model
 *                                           ▲                           │
 *                    first model ─▶ head ───┴───────── feedback ────────┘
 *                                   broadcast
 * ```
 *
 * The iteration is unbounded: data may come for ever, and versions come out meanwhile. `accepts`
 * holds the next batch back until the model knows the last one, so that the result does not depend
 * on timing; the source is then not read either.
 *
 * Every operator that keeps something between its calls has `snapshot` and `restore`. Records that
 * are under way, also those on the feedback edge, are kept by the engine.
 */
import {
  type Collector,
  type DataStream,
  type FlatMapOperator,
  type Job,
  type MapOperator,
  type OperatorContext,
  once,
  type ProcessOperator,
} from 'gyre/engine';

/** What is known on a day, and the highest temperature of the next. */
export interface Day {
  /** 1, then measures, scaled to about 1. */
  readonly x: readonly number[];
  readonly tomorrow: number;
}

/** A version of the model. */
export interface Weather {
  /** Batches that it has learned from. */
  readonly version: number;
  readonly weights: readonly number[];
  /** Mean absolute error of the last version, in °C, on the batch that this one learned from. */
  readonly error: number;
}

const BATCH_DAYS = 10;
const FIRST: Weather = { version: 0, weights: [0, 0, 0, 0, 0], error: Number.NaN };

/** What the model did on a subtask's part of a batch. */
interface Part {
  readonly subtask: number;
  readonly days: number;
  readonly absolute: number;
  readonly gradient: readonly number[];
}

/** The weather of Seattle, as it is in its file: date, precipitation, temp_max, temp_min, wind. */
export class ToDays implements FlatMapOperator<readonly string[], Day> {
  static readonly module: string = import.meta.url;
  #last: readonly number[] | null = null;

  flatMap([, ...fields]: readonly string[], out: Collector<Day>): void {
    const [rain, high, low, wind] = fields.map(Number);
    if (this.#last !== null) out.emit({ x: this.#last, tomorrow: high! });
    this.#last = [1, rain! / 10, high! / 10, low! / 10, wind! / 5];
  }

  snapshot(): unknown {
    return this.#last;
  }

  restore(last: unknown): void {
    this.#last = last as readonly number[] | null;
  }
}

/** Input 0: parts of batches. Input 1: models. Out: how wrong the model is on each part. */
export class Errors implements ProcessOperator<readonly Day[] | Weather, Part> {
  static readonly module: string = import.meta.url;
  #subtask = 0;
  #batches = 0;
  #model: Weather | null = null;

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  /** A batch only when the model has learned from all before it. */
  accepts(input: number): boolean {
    return input === 1 || this.#model?.version === this.#batches;
  }

  process(value: readonly Day[] | Weather, out: Collector<Part>): void {
    if (out.input === 1) {
      this.#model = value as Weather;
      return;
    }
    const { weights } = this.#model!;
    const gradient = new Float64Array(weights.length);
    let absolute = 0;
    for (const { x, tomorrow } of value as readonly Day[]) {
      const error = x.reduce((sum, v, j) => sum + v * weights[j]!, -tomorrow);
      absolute += Math.abs(error);
      x.forEach((v, j) => {
        gradient[j]! += error * v;
      });
    }
    this.#batches++;
    const days = (value as readonly Day[]).length;
    out.emit({ subtask: this.#subtask, days, absolute, gradient: [...gradient] });
  }

  snapshot(): unknown {
    return { batches: this.#batches, model: this.#model };
  }

  restore(state: unknown): void {
    const { batches, model } = state as { batches: number; model: Weather | null };
    this.#batches = batches;
    this.#model = model;
  }
}

export interface LearnerParams {
  /** Parts of a batch. */
  readonly parts: number;
  readonly step: number;
}

/** In: the parts of a batch. Out: the next version of the model. */
export class Learner implements ProcessOperator<Part, Weather> {
  static readonly module: string = import.meta.url;
  readonly #params: LearnerParams;
  #model: Weather = FIRST;
  #parts: Part[] = [];

  constructor(params: LearnerParams) {
    this.#params = params;
  }

  process(part: Part, out: Collector<Weather>): void {
    this.#parts.push(part);
    if (this.#parts.length < this.#params.parts) return;
    // In order of the subtasks, not of arrival: sums of floating-point numbers depend on it.
    const parts = this.#parts.sort((a, b) => a.subtask - b.subtask);
    this.#parts = [];
    const sum = (of: (part: Part) => number) => parts.reduce((total, each) => total + of(each), 0);
    const days = sum((each) => each.days);
    const { version, weights } = this.#model;
    const { step } = this.#params;
    this.#model = {
      version: version + 1,
      weights: weights.map((w, j) => w - (step * sum(({ gradient }) => gradient[j]!)) / days),
      error: sum(({ absolute }) => absolute) / days,
    };
    out.emit(this.#model);
  }

  snapshot(): unknown {
    return { model: this.#model, parts: this.#parts };
  }

  restore(state: unknown): void {
    const { model, parts } = state as { model: Weather; parts: readonly Part[] };
    this.#model = model;
    this.#parts = [...parts];
  }
}

/** Ends the thread that it runs on when it first sees a version: for the demonstration. */
export class CrashOnce implements MapOperator<Weather, Weather> {
  static readonly module: string = import.meta.url;
  readonly #version: number;
  #crashes!: Int32Array;

  constructor({ version }: { readonly version: number }) {
    this.#version = version;
  }

  /** Shared memory outlasts the thread, as no state of an operator does by itself. */
  open({ buffers }: OperatorContext): void {
    this.#crashes = new Int32Array(buffers.crashes!);
  }

  map(model: Weather): Weather {
    if (model.version === this.#version && Atomics.add(this.#crashes, 0, 1) === 0) process.exit(1);
    return model;
  }
}

/**
 * Adds the loop to a job.
 *
 * @param lines The lines of the file.
 * @param crashAt The version with which a worker dies, once; it needs the shared buffer `crashes`.
 * @returns Every version of the model, as it is made.
 */
export function learnWeather(
  job: Job,
  lines: DataStream<readonly string[]>,
  crashAt: number | null,
): DataStream<Weather> {
  const batches = lines.flatMap(ToDays).generateBatchData(BATCH_DAYS);
  const { versions } = job.iterateUnbounded({
    variables: [job.of([FIRST])],
    data: [once(batches)],
    body: ([model], [parts]) => {
      const errors = parts.connect(model.broadcast()).process(Errors);
      const learned = errors.gather().process(Learner, { parts: job.parallelism, step: 0.1 });
      const next = crashAt === null ? learned : learned.map(CrashOnce, { version: crashAt });
      return { feedback: [next], outputs: { versions: next } };
    },
  });
  return versions;
}
