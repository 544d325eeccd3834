/**
 * Operators of the fault tests. All results are sums of 32-bit integers, so that they do not depend
 * on the order in which records arrive, and a record that is lost or comes twice shows.
 */
import type {
  Collector,
  Key,
  KeyedState,
  MapOperator,
  OperatorContext,
  ProcessOperator,
} from '../../../src/engine/operator.js';
import type { Shard } from '../../../src/engine/shard.js';
import { Faults, type PlannedFault } from './planned.js';

/** A permutation of the 32-bit integers. */
export function mix(value: number): number {
  const a = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  const b = Math.imul(a ^ (a >>> 15), 0x846ca68b);
  return b ^ (b >>> 16);
}

/** What an operator has seen so far. */
export interface Digest {
  readonly sum: number;
  readonly records: number;
  readonly epochs: number;
}

export class Mix implements MapOperator<number, number> {
  static readonly module: string = import.meta.url;

  map(value: number): number {
    return mix(value);
  }
}

/** How long a round takes at least, so that checkpoints come between rounds. */
const PAUSE_MS = 1;

/**
 * Passes records on, and fails as planned. Sends a {@link Digest} to the side output `digest` at the
 * end of its first input.
 */
export class Faulty implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #faults: Faults;
  #digest: Digest = { sum: 0, records: 0, epochs: 0 };
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));
  /** The first one tells how much there is, those of checkpoints follow. */
  #snapshots = 0;
  #isAfterSnapshot = false;

  constructor(planned: readonly PlannedFault[]) {
    this.#faults = new Faults(planned);
  }

  open({ subtask }: OperatorContext): void {
    this.#faults.subtask = subtask;
    this.#faults.reach('open');
  }

  process(value: number, out: Collector<number>): void {
    this.#faults.epoch = out.epoch;
    if (this.#isAfterSnapshot) this.#faults.reach('after snapshot');
    this.#isAfterSnapshot = false;
    this.#faults.reach('process');
    const { sum, records, epochs } = this.#digest;
    this.#digest = { sum: (sum + mix(value)) | 0, records: records + 1, epochs };
    out.emit(value);
  }

  onEpochEnd(epoch: number): void {
    this.#faults.epoch = epoch;
    this.#faults.reach('onEpochEnd');
    this.#digest = { ...this.#digest, epochs: this.#digest.epochs + 1 };
    if (this.#faults.subtask === 0) Atomics.wait(this.#pause, 0, 0, PAUSE_MS);
  }

  onIterationEnd(): void {
    this.#faults.reach('onIterationEnd');
  }

  onInputEnd(input: number, out: Collector<number>): void {
    this.#faults.reach('onInputEnd');
    if (input === 0) out.emitTo('digest', this.#digest);
  }

  snapshot(): unknown {
    this.#faults.reach('snapshot');
    this.#isAfterSnapshot = ++this.#snapshots > 1;
    return this.#digest;
  }

  restore(state: unknown): void {
    this.#faults.reach('restore');
    this.#digest = state as Digest;
  }
}

/** Sums all that it sees, and counts it; one {@link Digest} at the end of its input. */
export class DigestAll implements ProcessOperator<number, Digest> {
  static readonly module: string = import.meta.url;
  #digest: Digest = { sum: 0, records: 0, epochs: 0 };

  process(value: number): void {
    const { sum, records, epochs } = this.#digest;
    this.#digest = { sum: (sum + mix(value)) | 0, records: records + 1, epochs };
  }

  onInputEnd(_input: number, out: Collector<Digest>): void {
    out.emit(this.#digest);
  }

  snapshot(): unknown {
    return this.#digest;
  }

  restore(state: unknown): void {
    this.#digest = state as Digest;
  }
}

/** Emits, when an epoch ends in which something came, the mixed sum of it; keeps nothing else. */
export class SumOfEpoch implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #sum = 0;
  #seen = 0;

  process(value: number): void {
    this.#sum = (this.#sum + mix(value)) | 0;
    this.#seen++;
  }

  onEpochEnd(_epoch: number, out: Collector<number>): void {
    if (this.#seen > 0) out.emit(mix(this.#sum + this.#seen));
    this.#sum = 0;
    this.#seen = 0;
  }

  snapshot(): unknown {
    return [this.#sum, this.#seen];
  }

  restore(state: unknown): void {
    [this.#sum, this.#seen] = state as [number, number];
  }
}

/** Something that turns in a loop by itself. */
export interface Turning {
  readonly value: number;
  readonly left: number;
}

/** In a loop: mixes a value as often as it asks for, then sends it to the side output `done`. */
export class Turn implements ProcessOperator<Turning | number, Turning> {
  static readonly module: string = import.meta.url;
  readonly #turns: number;
  #handled = 0;

  constructor(turns: number) {
    this.#turns = turns;
  }

  process(record: Turning | number, out: Collector<Turning>): void {
    this.#handled++;
    const { value, left } =
      typeof record === 'number' ? { value: record, left: this.#turns } : record;
    if (left > 0) out.emit({ value: mix(value), left: left - 1 });
    else out.emitTo('done', value);
  }

  onInputEnd(input: number, out: Collector<Turning>): void {
    if (input === 0) out.emitTo('handled', this.#handled);
  }

  snapshot(): unknown {
    return this.#handled;
  }

  restore(state: unknown): void {
    this.#handled = state as number;
  }
}

/**
 * One half of a parameter server: takes a record on input 0, asks for the model with it, and takes
 * no other before the answer has come on input 1. Emits what it got.
 */
export class Learner implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #waits = false;
  #answersOver = false;

  accepts(input: number): boolean {
    return input === 1 || !this.#waits || this.#answersOver;
  }

  process(value: number, out: Collector<number>): void {
    this.#waits = out.input === 0;
    if (out.input === 0) out.emitTo('question', value);
    else out.emit(value);
  }

  onInputEnd(input: number): void {
    if (input === 1) this.#answersOver = true;
  }

  snapshot(): unknown {
    return [this.#waits, this.#answersOver];
  }

  restore(state: unknown): void {
    [this.#waits, this.#answersOver] = state as [boolean, boolean];
  }
}

/** The other half: a model that changes with every question. */
export class Model implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #weight = 1;

  process(value: number, out: Collector<number>): void {
    this.#weight = mix(this.#weight + value);
    out.emit(this.#weight);
  }

  snapshot(): unknown {
    return this.#weight;
  }

  restore(state: unknown): void {
    this.#weight = state as number;
  }
}

/** Input 0: shards, kept. Input 1: states. Emits a sum over both, one per epoch. */
export class SumShards implements ProcessOperator<Shard | number, number> {
  static readonly module: string = import.meta.url;
  readonly #shards: Shard[] = [];
  #states: number[] = [];

  process(value: Shard | number, { input }: Collector): void {
    if (input === 0) this.#shards.push(value as Shard);
    else this.#states.push(value as number);
  }

  onEpochEnd(_epoch: number, out: Collector<number>): void {
    if (this.#states.length === 0) return;
    let sum = 0;
    for (const state of this.#states) sum = (sum + mix(state)) | 0;
    for (const { index, rowStart, table } of this.#shards) {
      const column = table.column('x');
      for (let row = 0; row < table.numRows; row += 97) {
        sum = (sum + mix((column.get(row) as number) + rowStart + index)) | 0;
      }
    }
    this.#states = [];
    out.emit(mix(sum));
  }

  snapshot(): unknown {
    return { shards: this.#shards, states: this.#states };
  }

  restore(snapshot: unknown): void {
    const { shards, states } = snapshot as { shards: Shard[]; states: number[] };
    this.#shards.push(...shards);
    this.#states = states;
  }
}

/** The remainder of a number, as a key. */
export class Remainder {
  static readonly module: string = import.meta.url;
  readonly #by: number;

  constructor(by: number) {
    this.#by = by;
  }

  key(value: number): Key {
    return Math.abs(value) % this.#by;
  }
}

/** Sums by key; emits all sums at the end, and a 1 per record to the side output `steps`. */
export class SumByKey implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #sums!: KeyedState<number>;

  open(context: OperatorContext): void {
    this.#sums = context.state('sum');
  }

  process(value: number, out: Collector<number>): void {
    const sum = ((this.#sums.get() ?? 0) + mix(value)) | 0;
    this.#sums.set(sum);
    out.emitTo('steps', 1);
  }

  onInputEnd(_input: number, out: Collector<number>): void {
    for (const [key, sum] of this.#sums.entries()) out.emit(mix(sum + (key as number)));
  }
}

/** Adds to every record what a broadcast variable has. */
export class AddAll implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  #context!: OperatorContext;

  open(context: OperatorContext): void {
    this.#context = context;
  }

  process(value: number, out: Collector<number>): void {
    const terms = this.#context.broadcast<number>('terms');
    out.emit(terms.reduce((sum, term) => (sum + mix(term)) | 0, value));
  }
}

export interface HoardParams {
  /** While the last number seen is in from .. to - 1, each is kept. */
  readonly from: number;
  readonly to: number;
  /** What is kept with each. */
  readonly bytes: number;
}

/** Sums numbers, with a state that is large for a while. Emits the sum at the end. */
export class Hoard implements ProcessOperator<number, number> {
  static readonly module: string = import.meta.url;
  readonly #params: HoardParams;
  #sum = 0;
  #hoard: Uint8Array[] = [];

  constructor(params: HoardParams) {
    this.#params = params;
  }

  process(value: number): void {
    const { from, to, bytes } = this.#params;
    this.#sum += value;
    if (value >= to) this.#hoard = [];
    else if (value >= from) this.#hoard.push(new Uint8Array(bytes).fill(value));
  }

  onInputEnd(_input: number, out: Collector<number>): void {
    out.emit(this.#sum);
  }

  snapshot(): unknown {
    return { sum: this.#sum, hoard: this.#hoard };
  }

  restore(state: unknown): void {
    const { sum, hoard } = state as { sum: number; hoard: Uint8Array[] };
    this.#sum = sum;
    this.#hoard = hoard;
  }
}
