/** Operators of the tests of time, windows and timers. */
import type {
  Collector,
  FilterOperator,
  OperatorContext,
  ProcessOperator,
} from '../../../src/engine/operator.js';
import type { TimestampOperator } from '../../../src/engine/operators/assign-timestamps.js';
import type { WindowInfo, WindowOperator } from '../../../src/engine/operators/window-all.js';

/** The event time of a number is the number itself. */
export class OwnTime implements TimestampOperator<number> {
  static readonly module: string = import.meta.url;

  timestamp(value: number): number {
    return value;
  }
}

/** A record with its event time, or the rise of the event time; null stands for what JSON has not. */
export type Seen = readonly ['record' | 'time', subtask: number, value: unknown, time?: number];

/** Says which records and event times a subtask has seen, in order. */
export class Witness implements ProcessOperator<unknown, Seen> {
  static readonly module: string = import.meta.url;
  #subtask = 0;

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(value: unknown, out: Collector<Seen>): void {
    out.emit(['record', this.#subtask, value, out.timestamp]);
  }

  onEventTime(time: number, out: Collector<Seen>): void {
    out.emit(['time', this.#subtask, time]);
  }
}

/** Emits each number with the event time that it says, and a watermark of a delay behind. */
export class OwnWatermarks implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #delay: number;

  constructor(delay: number) {
    this.#delay = delay;
  }

  process(value: number, out: Collector<number>): void {
    out.emit(value, value);
    out.emitWatermark(value - this.#delay);
  }
}

/** Of ten numbers the first four: with a gap behind. */
export class Clusters implements FilterOperator<number> {
  static readonly module: string = import.meta.url;

  filter(value: number): boolean {
    return value % 10 < 4;
  }
}

export type Fired = readonly [
  index: number,
  start: number,
  end: number,
  values: readonly unknown[],
];

/** What a window was called with. */
export class Windowed implements WindowOperator<unknown, Fired> {
  static readonly module: string = import.meta.url;

  window(
    values: readonly unknown[],
    out: Collector<Fired>,
    { index, start, end }: WindowInfo,
  ): void {
    out.emit([index, start, end, values]);
  }
}

/** Asks for timers when told so, and emits them when they come. */
export class Alarm implements ProcessOperator<number, string> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  /** A record is a delay in milliseconds. */
  process(value: number, _out: Collector<string>): void {
    this.#context.setTimer(this.#context.now() + value);
  }

  onTimer(time: number, out: Collector<string>): void {
    out.emit(this.#context.now() >= time ? 'due' : 'early');
  }
}

/** Asks for something that is refused. */
export class Refused implements ProcessOperator<string, unknown> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  process(what: string, out: Collector): void {
    if (what === 'timer') this.#context.setTimer(Number.NaN);
    else if (what === 'watermark') out.emitWatermark(Number.NaN);
  }
}
