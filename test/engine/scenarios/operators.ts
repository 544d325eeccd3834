/** Operators of the scenarios, in a file of their own: workers import it. */
import { existsSync, writeFileSync } from 'node:fs';
import type {
  Collector,
  FilterOperator,
  FlatMapOperator,
  Key,
  KeyedState,
  MapOperator,
  OperatorContext,
  ProcessOperator,
} from '../../../src/engine/operator.js';

/** A record that says itself in which epoch it is; the engine's epoch has to agree. */
export interface EpochRecord {
  readonly epoch: number;
  readonly value: number;
}

/** What the reducers tell. */
export interface RoundEvent {
  readonly event: 'record' | 'epochEnd' | 'end';
  readonly round: number;
  readonly value: number;
}

export class ToEpochRecord implements MapOperator<number, EpochRecord> {
  static readonly module: string = import.meta.url;

  map(value: number): EpochRecord {
    return { epoch: 0, value };
  }
}

export class ValueOf implements MapOperator<EpochRecord, number> {
  static readonly module: string = import.meta.url;

  map({ value }: EpochRecord): number {
    return value;
  }
}

export class NextEpoch implements MapOperator<EpochRecord, EpochRecord> {
  static readonly module: string = import.meta.url;

  map({ epoch, value }: EpochRecord): EpochRecord {
    return { epoch: epoch + 1, value };
  }
}

export interface ReduceParams {
  /** Whether records go on at the end of their epoch, or at once. */
  readonly sync: boolean;
  /** Records of this and later epochs do not go on. */
  readonly maxRound: number;
}

interface ReduceState {
  readonly sums: ReadonlyMap<number, number>;
  readonly kept: readonly EpochRecord[];
}

/** Sums the records of every epoch, and tells of it on the side output `events`. */
export class ReduceAllRounds implements ProcessOperator<EpochRecord, EpochRecord> {
  static readonly module: string = import.meta.url;
  readonly #params: ReduceParams;
  #sums = new Map<number, number>();
  #kept: EpochRecord[] = [];

  constructor(params: ReduceParams) {
    this.#params = params;
  }

  process(record: EpochRecord, out: Collector<EpochRecord>): void {
    const { epoch, value } = record;
    if (epoch !== out.epoch) throw new Error(`a record of epoch ${epoch} came in ${out.epoch}`);
    const sum = (this.#sums.get(epoch) ?? 0) + value;
    this.#sums.set(epoch, sum);
    const { sync, maxRound } = this.#params;
    if (epoch < maxRound) {
      if (sync) this.#kept.push(record);
      else out.emit(record);
    }
    if (!sync) tell(out, { event: 'record', round: epoch, value: sum });
  }

  onEpochEnd(epoch: number, out: Collector<EpochRecord>): void {
    if (!this.#params.sync) return;
    tell(out, { event: 'epochEnd', round: epoch, value: this.#sums.get(epoch) ?? 0 });
    const kept = this.#kept;
    this.#kept = [];
    for (const record of kept) out.emit(record);
  }

  onIterationEnd(out: Collector<EpochRecord>): void {
    tell(out, { event: 'end', round: -1, value: -1 });
  }

  snapshot(): ReduceState {
    return { sums: this.#sums, kept: this.#kept };
  }

  restore(state: unknown): void {
    const { sums, kept } = state as ReduceState;
    this.#sums = new Map(sums);
    this.#kept = [...kept];
  }
}

const tell = (out: Collector<never>, event: RoundEvent): void => out.emitTo('events', event);

/**
 * For one round. Input 0 says which round it is, and gets the next back; input 1 is summed. Tells of
 * it when its inputs have ended.
 */
export class ReduceOneRound implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #round = -1;
  #sum = 0;

  process(value: number, out: Collector<number>): void {
    if (out.input === 1) {
      this.#sum += value;
      return;
    }
    this.#round = value;
    out.emit(value + 1);
  }

  onInputEnd(input: number, out: Collector<number>): void {
    if (input === 1) tell(out, { event: 'end', round: this.#round, value: this.#sum });
  }

  snapshot(): unknown {
    return [this.#round, this.#sum];
  }

  restore(state: unknown): void {
    [this.#round, this.#sum] = state as [number, number];
  }
}

/** The key of a record is its value modulo a number. */
export class ValueModulo {
  static readonly module: string = import.meta.url;
  readonly #by: number;

  constructor(by: number) {
    this.#by = by;
  }

  key(record: EpochRecord | number): Key {
    return (typeof record === 'number' ? record : record.value) % this.#by;
  }
}

export class ByFirst {
  static readonly module: string = import.meta.url;

  key(record: readonly Key[]): Key {
    return record[0]!;
  }
}

/** Forwards records and counts those of each key; without keys it would throw. */
export class StatefulKeyed implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  #counts!: KeyedState<number>;

  open(context: OperatorContext): void {
    this.#counts = context.state('count');
  }

  process(value: unknown, out: Collector): void {
    this.#counts.set((this.#counts.get() ?? -1) + 1);
    out.emit(value);
  }
}

export class Identity implements MapOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;

  map(value: unknown): unknown {
    return value;
  }
}

export class AtMost implements FilterOperator<number> {
  static readonly module: string = import.meta.url;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  filter(value: number): boolean {
    return value <= this.#most;
  }
}

export class ToText implements MapOperator<unknown, string> {
  static readonly module: string = import.meta.url;

  map(value: unknown): string {
    return String(value);
  }
}

/** All to a side output, nothing to the main one. */
export class ToSide implements ProcessOperator<unknown, never> {
  static readonly module: string = import.meta.url;
  readonly #tag: string;

  constructor(tag: string) {
    this.#tag = tag;
  }

  process(value: unknown, out: Collector<never>): void {
    out.emitTo(this.#tag, value);
  }
}

/** Gives records an event time. */
export class At implements FlatMapOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #timestamp: number;

  constructor(timestamp: number) {
    this.#timestamp = timestamp;
  }

  flatMap(value: unknown, out: Collector): void {
    out.emit(value, this.#timestamp);
  }
}

/** Each record with its epoch and event time, null for none: `[value, epoch, timestamp]`. */
export class Stamped implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;

  process(value: unknown, out: Collector): void {
    out.emit([value, out.epoch, Number.isNaN(out.timestamp) ? null : out.timestamp]);
  }
}

/** Emits what it got in the callback of the epoch, while the epoch is below `before`. */
export class Paced implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #before: number;
  #kept: unknown[] = [];

  constructor(before: number = Number.POSITIVE_INFINITY) {
    this.#before = before;
  }

  process(value: unknown): void {
    this.#kept.push(value);
  }

  onEpochEnd(epoch: number, out: Collector): void {
    const kept = this.#kept;
    this.#kept = [];
    if (epoch < this.#before) for (const value of kept) out.emit(value);
  }

  snapshot(): unknown {
    return this.#kept;
  }

  restore(state: unknown): void {
    this.#kept = [...(state as unknown[])];
  }
}

/** Emits one record in the callback of each epoch below `before`, whatever comes. */
export class Ticks implements ProcessOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  readonly #before: number;

  constructor(before: number) {
    this.#before = before;
  }

  process(_value: unknown, _out: Collector<number>): void {}

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (epoch < this.#before) out.emit(epoch);
  }
}

/**
 * Feeds back value + 1 in the callbacks before epoch 3. On the side output `last`: the latest value,
 * when the iteration ends; on `seen`: all values.
 */
export class LatestAtEnd implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #latest = 0;

  process(value: number, out: Collector<number>): void {
    this.#latest = value;
    out.emitTo('seen', value);
  }

  onEpochEnd(epoch: number, out: Collector<number>): void {
    if (epoch < 3) out.emit(this.#latest + 1);
  }

  onIterationEnd(out: Collector<number>): void {
    out.emitTo('last', this.#latest);
  }
}

/** Emits how many records there were when the input ends. */
export class CountAtInputEnd implements ProcessOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  #count = 0;

  process(_value: unknown, _out: Collector<number>): void {
    this.#count++;
  }

  onInputEnd(_input: number, out: Collector<number>): void {
    out.emit(this.#count);
  }
}

/** Emits its records again, and the same to the side output `again`. */
export class Twice implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;

  process(value: unknown, out: Collector): void {
    out.emit(value);
    out.emitTo('again', value);
  }
}

/** Emits a record with the event time of what it got, and one in the callback. */
export class InBothWays implements ProcessOperator<unknown, string> {
  static readonly module: string = import.meta.url;

  process(_value: unknown, out: Collector<string>): void {
    out.emit('of a record');
  }

  onEpochEnd(_epoch: number, out: Collector<string>): void {
    out.emit('of a callback');
  }
}

/** The event times that it hears of, with its subtask. */
export class EventTimes implements ProcessOperator<unknown, string> {
  static readonly module: string = import.meta.url;
  #subtask = 0;

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(_value: unknown, _out: Collector<string>): void {}

  onEventTime(time: number, out: Collector<string>): void {
    out.emit(`${this.#subtask}: ${time}`);
  }
}

/** What each subtask sees, as `Trace` of the engine's tests tells it, with the subtask before it. */
export class TraceOfSubtask implements ProcessOperator<unknown, string> {
  static readonly module: string = import.meta.url;
  #subtask = 0;

  open({ subtask }: OperatorContext): void {
    this.#subtask = subtask;
  }

  process(value: unknown, out: Collector<string>): void {
    this.#tell(`r${String(value)}@${out.epoch}`, out);
  }

  onEpochEnd(epoch: number, out: Collector<string>): void {
    this.#tell(`e${epoch}`, out);
  }

  onIterationEnd(out: Collector<string>): void {
    this.#tell('end', out);
  }

  #tell(what: string, out: Collector<string>): void {
    out.emit(`${this.#subtask}: ${what}`);
  }
}

/** Joins pairs of two inputs by their first field: emits those of input 1 when its input ends. */
export class JoinAtEnd implements ProcessOperator<readonly number[], unknown> {
  static readonly module: string = import.meta.url;
  readonly #sides: (readonly number[])[][] = [[], []];

  process(pair: readonly number[], out: Collector): void {
    this.#sides[out.input]!.push(pair);
  }

  onInputEnd(input: number, out: Collector): void {
    if (input !== 1) return;
    const keys = new Set(this.#sides[0]!.map(([key]) => key));
    for (const pair of this.#sides[1]!) if (keys.has(pair[0])) out.emit(pair);
  }
}

/** Throws in the callback of an epoch. */
export class ThrowsInCallback implements ProcessOperator<unknown, unknown> {
  static readonly module: string = import.meta.url;
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  process(value: unknown, out: Collector): void {
    out.emit(value);
  }

  onEpochEnd(epoch: number): void {
    if (epoch === this.#at) throw new Error(`planned in callback ${epoch}`);
  }
}

/** Emits the loss of each epoch while it handles the records of the epoch; null: none. */
export class LossOfRound implements FlatMapOperator<unknown, number> {
  static readonly module: string = import.meta.url;
  readonly #losses: readonly (number | null)[];

  constructor(losses: readonly (number | null)[]) {
    this.#losses = losses;
  }

  flatMap(_value: unknown, out: Collector<number>): void {
    const loss = this.#losses[out.epoch] ?? null;
    if (loss !== null) out.emit(loss);
  }
}

/** Emits its records, and to the side outputs `b` and `c`; never to `a`. */
export class SpreadEpochs implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;

  process(value: number, out: Collector<number>): void {
    out.emit(value);
    out.emitTo('b', value);
    out.emitTo('c', value);
  }
}

let lives = 0;

/** All that an operator goes through, each with the number of the instance. */
export class LivesOf implements ProcessOperator<unknown, readonly [number, string]> {
  static readonly module: string = import.meta.url;
  readonly #instance: number = lives++;

  process(value: unknown, out: Collector<readonly [number, string]>): void {
    out.emit([this.#instance, `r${String(value)}@${out.epoch}`]);
  }

  onEpochEnd(epoch: number, out: Collector<readonly [number, string]>): void {
    out.emit([this.#instance, `e${epoch}`]);
  }

  onIterationEnd(out: Collector<readonly [number, string]>): void {
    out.emit([this.#instance, 'end']);
  }

  onInputEnd(input: number, out: Collector<readonly [number, string]>): void {
    out.emit([this.#instance, `in${input}`]);
  }

  onEventTime(time: number, out: Collector<readonly [number, string]>): void {
    out.emit([this.#instance, `time ${time}`]);
  }
}

export interface CountCallbacksParams {
  /** Exists once it has failed. */
  readonly marker: string;
  /** Exists once there has been a cut after three callbacks, */
  readonly cut: string;
  /** and once that checkpoint is durable. */
  readonly committed: string;
  readonly fault: 'throw' | 'exit' | 'memory' | 'hang';
}

/**
 * Counts its callbacks by epoch, and feeds back until it has failed once, with a checkpoint of three
 * callbacks behind it, and three rounds more. The counts are on the side output `counts`, at the end.
 */
export class CountCallbacks implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #params: CountCallbacksParams;
  #counts: number[] = [];
  #more = 3;

  constructor(params: CountCallbacksParams) {
    this.#params = params;
  }

  process(_value: number, _out: Collector<number>): void {}

  onEpochEnd(epoch: number, out: Collector<number>): void {
    const { marker, committed, fault } = this.#params;
    this.#counts[epoch] = (this.#counts[epoch] ?? 0) + 1;
    if (existsSync(marker)) this.#more--;
    else if (existsSync(committed)) {
      writeFileSync(marker, '');
      if (fault === 'exit') process.exit(7);
      throw new Error('planned fault');
    }
    if (this.#more > 0) out.emit(epoch);
  }

  onIterationEnd(out: Collector<number>): void {
    out.emitTo('counts', this.#counts);
  }

  snapshot(): unknown {
    if (this.#counts.length >= 3) writeFileSync(this.#params.cut, '');
    return this.#counts;
  }

  restore(state: unknown): void {
    this.#counts = [...(state as number[])];
  }
}

export interface FailsLaterParams {
  /** Exists once it has failed. */
  readonly marker: string;
  /** The record of a subtask at which it fails. */
  readonly at: number;
}

/** Forwards its records, and fails once. */
export class FailsLater implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #params: FailsLaterParams;
  #seen = 0;

  constructor(params: FailsLaterParams) {
    this.#params = params;
  }

  process(value: number, out: Collector<number>): void {
    const { marker, at } = this.#params;
    if (++this.#seen === at && !existsSync(marker)) {
      writeFileSync(marker, '');
      throw new Error('planned fault');
    }
    out.emit(value);
  }
}
