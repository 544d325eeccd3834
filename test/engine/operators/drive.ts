/**
 * Drives operators without an engine: calls in, records out. Every drive is also a test of
 * checkpoints: it is repeated with a cut at every position, where a new instance takes over from
 * the snapshot of the old one, and has to give the same.
 */
import { isDeepStrictEqual } from 'node:util';
import * as assert from 'uvu/assert';
import type { JavaRandom } from '../../../src/core/random.js';
import { decode } from '../../../src/engine/decoder.js';
import { Encoder } from '../../../src/engine/encoder.js';
import type {
  AnyOperator,
  Collector,
  Key,
  KeyedState,
  OperatorContext,
} from '../../../src/engine/operator.js';
import { Region } from '../../../src/memory/ring.js';
import { assertSame } from '../support.js';

/** One call of an operator. `now` moves the clock, and calls the timers that are due. */
export type Step =
  | {
      readonly record: unknown;
      readonly input?: number;
      readonly at?: number;
      readonly key?: Key;
      readonly epoch?: number;
    }
  | { readonly epochEnd: number }
  | { readonly iterationEnd: true }
  | { readonly inputEnd: number }
  | { readonly eventTime: number }
  | { readonly now: number };

export interface Emitted {
  readonly value: unknown;
  readonly tag: string | null;
  readonly timestamp: number;
  readonly epoch: number;
}

export interface DriveOptions {
  readonly subtask?: number;
  readonly parallelism?: number;
  /** Cut only where this says so: for drives of many steps. */
  readonly cutAt?: (position: number) => boolean;
  /** Whether an engine is imagined that gives timers back after a restore, or one that does not. */
  readonly timersSurvive?: boolean;
}

export const record = (value: unknown, at?: number): Step =>
  at === undefined ? { record: value } : { record: value, at };
export const records = (values: readonly unknown[]): Step[] => values.map((value) => record(value));
export const END: Step = { inputEnd: 0 };

/** Through the form in which records and snapshots travel: what cannot travel throws. */
function copyOf(value: unknown): unknown {
  const encoder = new Encoder(value);
  const region = new Region(new SharedArrayBuffer(encoder.bytes), 0, encoder.bytes);
  encoder.writeTo(region, 0);
  return decode(region, 0);
}

/** What the engine would keep for one subtask. */
class Bench implements Collector {
  readonly emitted: Emitted[] = [];
  input = 0;
  epoch = 0;
  timestamp: number = Number.NaN;
  key: Key = null;
  #operator!: AnyOperator;
  #time = 0;
  #timers: number[] = [];
  #states: [string, Map<Key, unknown>][] = [];
  readonly #make: () => AnyOperator;
  readonly #options: DriveOptions;

  constructor(make: () => AnyOperator, options: DriveOptions) {
    this.#make = make;
    this.#options = options;
    this.#open();
  }

  emit(value: unknown, timestamp: number = this.timestamp): void {
    this.emitted.push({ value, tag: null, timestamp, epoch: this.epoch });
  }

  emitWatermark(time: number): void {
    this.emitTo('watermark', time);
  }

  emitTo(tag: string, value: unknown): void {
    this.emitted.push({ value, tag, timestamp: this.timestamp, epoch: this.epoch });
  }

  /** A new instance takes over. */
  cut(): void {
    const states = copyOf(this.#states) as [string, Map<Key, unknown>][];
    const state = copyOf(this.#operator.snapshot?.());
    this.#operator.close?.();
    if (!this.#options.timersSurvive) this.#timers = [];
    this.#states = states;
    this.#open();
    if (state !== undefined) this.#operator.restore?.(state);
  }

  close(): void {
    this.#operator.close?.();
  }

  call(step: Step): void {
    const operator = this.#operator;
    this.timestamp = Number.NaN;
    this.epoch = 0;
    if ('record' in step) this.#record(step);
    else if ('epochEnd' in step) {
      this.epoch = step.epochEnd;
      operator.onEpochEnd?.(step.epochEnd, this);
    } else if ('iterationEnd' in step) operator.onIterationEnd?.(this);
    else if ('inputEnd' in step) operator.onInputEnd?.(step.inputEnd, this);
    else if ('eventTime' in step) operator.onEventTime?.(step.eventTime, this);
    else this.#advance(step.now);
  }

  #record(step: Extract<Step, { record: unknown }>): void {
    this.timestamp = step.at ?? Number.NaN;
    this.epoch = step.epoch ?? 0;
    this.input = step.input ?? 0;
    this.key = step.key ?? null;
    // An operator may change what it gets, and the next run gets it too.
    const value = copyOf(step.record);
    if (this.#operator.process !== undefined) this.#operator.process(value, this);
    else this.#operator.flatMap!(value, this);
  }

  #advance(now: number): void {
    this.#time = now;
    for (;;) {
      this.#timers.sort((a, b) => a - b);
      if (this.#timers.length === 0 || this.#timers[0]! > now) return;
      this.#operator.onTimer?.(this.#timers.shift()!, this);
    }
  }

  #open(): void {
    this.#operator = this.#make();
    const { subtask = 0, parallelism = 1 } = this.#options;
    const context = {
      name: 'driven',
      subtask,
      parallelism,
      now: () => this.#time,
      setTimer: (time: number) => void this.#timers.push(time),
      state: (name: string) => this.#state(name),
    };
    this.#operator.open?.(context as unknown as OperatorContext);
  }

  #state<T>(name: string): KeyedState<T> {
    let entry = this.#states.find(([other]) => other === name);
    if (entry === undefined) {
      entry = [name, new Map()];
      this.#states.push(entry);
    }
    const values = entry[1] as Map<Key, T>;
    return {
      get: () => values.get(this.key),
      set: (value) => void values.set(this.key, value),
      delete: () => void values.delete(this.key),
      entries: () => values.entries(),
    };
  }
}

interface Outcome {
  readonly emitted: readonly Emitted[];
  readonly error: unknown;
}

function outcomeOf(
  make: () => AnyOperator,
  steps: readonly Step[],
  options: DriveOptions,
  cut: number | null,
): Outcome {
  const bench = new Bench(make, options);
  let error: unknown = null;
  try {
    for (let i = 0; i <= steps.length; i++) {
      if (i === cut) bench.cut();
      if (i < steps.length) bench.call(steps[i]!);
    }
  } catch (thrown) {
    error = thrown;
  } finally {
    bench.close();
  }
  return { emitted: bench.emitted, error };
}

const textOf = ({ emitted, error }: Outcome): string =>
  JSON.stringify({ emitted: copyOf(emitted), error: String(error) }, (_key, value) =>
    typeof value === 'number' && !Number.isFinite(value)
      ? String(value)
      : ArrayBuffer.isView(value)
        ? [...(value as Float64Array)]
        : value,
  );

/**
 * What an operator emits, at no cut and at every one. Throws what the operator throws.
 *
 * @param make A new instance, with a user's operator of its own.
 */
export function drive(
  make: () => AnyOperator,
  steps: readonly Step[],
  options: DriveOptions = {},
): readonly Emitted[] {
  const whole = outcomeOf(make, steps, options, null);
  const { cutAt = () => true } = options;
  for (let cut = 0; cut <= steps.length; cut++) {
    if (!cutAt(cut)) continue;
    const resumed = outcomeOf(make, steps, options, cut);
    if (isDeepStrictEqual(resumed, whole)) continue;
    assert.is(textOf(resumed), textOf(whole), `resumed before call ${cut} of ${steps.length}`);
    assert.unreachable(`resumed before call ${cut} of ${steps.length}: not the same`);
  }
  if (whole.error !== null) throw whole.error;
  return whole.emitted;
}

/** The values that {@link drive} gives on the main output. */
export function valuesOf(
  make: () => AnyOperator,
  steps: readonly Step[],
  options: DriveOptions = {},
): unknown[] {
  return mainValues(drive(make, steps, options));
}

export const mainValues = (emitted: readonly Emitted[]): unknown[] =>
  emitted.filter(({ tag }) => tag === null).map(({ value }) => value);

/** Several lists as one, in a random order that keeps the order of each. */
export function interleaved<T>(lists: readonly (readonly T[])[], random: JavaRandom): T[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const merged: T[] = [];
  while (left.length > 0) {
    const from = random.nextInt(left.length);
    merged.push(left[from]!.shift()!);
    if (left[from]!.length === 0) left.splice(from, 1);
  }
  return merged;
}

/** Every subtask of a first half is driven, and the second half gets their output in any order. */
export function driveHalves(
  first: () => AnyOperator,
  second: () => AnyOperator,
  partitions: readonly (readonly unknown[])[],
  random: JavaRandom,
  options: DriveOptions = {},
): unknown[] {
  const parallelism = partitions.length;
  const parts = partitions.map((values, subtask) =>
    valuesOf(first, [...records(values), END], { ...options, subtask, parallelism }),
  );
  return valuesOf(second, [...records(interleaved(parts, random)), END], options);
}

/** Deals values out to so many partitions: by turns, or at random (then some may be empty). */
export function dealt<T>(values: readonly T[], p: number, random: JavaRandom | null = null): T[][] {
  const partitions: T[][] = Array.from({ length: p }, () => []);
  values.forEach((value, i) => {
    partitions[random === null ? i % p : random.nextInt(p)]!.push(value);
  });
  return partitions;
}

/** All small integers in [0, bound), so many, from a seed. */
export const integers = (random: JavaRandom, count: number, bound: number): number[] =>
  Array.from({ length: count }, () => random.nextInt(bound));

export { assertSame };
