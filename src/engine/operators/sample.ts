/**
 * `sample`: so many of the records, without replacement, each subset of that size equally likely.
 *
 * Every record has a number that no other has, and the seed gives every number a priority; the
 * records with the lowest priorities are the sample. The number of the i-th record of subtask s of p
 * is i * p + s: the place in the source where a source was dealt out by turns, so that the sample
 * does not depend on p there, and never on which subtask was faster. (A reservoir on every subtask
 * would give another sample for every p.)
 */
import { int, type ParamTable, required, resolveParams } from '../../core/params.js';
import type { Collector, OperatorCallbacks } from '../operator.js';
import { Buffering, Wrapper } from './wrapper.js';

export interface SampleSettings {
  /** Size of the sample; an integer >= 1. */
  readonly n: number;
  /** Any integer that a double holds exactly. */
  readonly seed: number;
}

const TABLE: ParamTable<SampleSettings> = { n: required(int(0, { min: 1 })), seed: int(0) };

/** Checks what `sample` is given. */
export function sampleSettings(n: number, seed?: number): SampleSettings {
  return resolveParams('sample', TABLE, { n, seed });
}

/** A record that may be in the sample. */
interface Candidate {
  readonly priority: number;
  /** Its number, which decides between equal priorities. */
  readonly number: number;
  readonly value: unknown;
}

interface SampleState {
  readonly seen: number;
  readonly kept: readonly Candidate[];
}

/** The first half: the candidates of every subtask, when its input has ended. */
export class SamplePartition extends Wrapper<OperatorCallbacks, SampleState> {
  readonly #n: number;
  readonly #priority: (number: number) => number;
  #seen = 0;
  /** The n lowest so far are among these; at most 2n. */
  #kept: Candidate[] = [];
  /** From this priority on no later record can be in the sample. */
  #limit = Number.POSITIVE_INFINITY;

  constructor({ n, seed }: SampleSettings) {
    super({});
    this.#n = n;
    this.#priority = priorities(seed);
  }

  process(value: unknown, _out: Collector): void {
    const { subtask, parallelism } = this.context;
    const number = this.#seen++ * parallelism + subtask;
    const priority = this.#priority(number);
    if (priority >= this.#limit) return;
    this.#kept.push({ priority, number, value });
    if (this.#kept.length === 2 * this.#n) {
      this.#kept = lowest(this.#kept, this.#n);
      this.#limit = this.#kept.at(-1)!.priority;
    }
  }

  onInputEnd(_input: number, out: Collector): void {
    for (const candidate of lowest(this.#kept, this.#n)) out.emit(candidate);
    this.#kept = [];
  }

  protected override ownState(): SampleState {
    return { seen: this.#seen, kept: this.#kept };
  }

  protected override takeState({ seen, kept }: SampleState): void {
    this.#seen = seen;
    this.#kept = [...kept];
  }
}

/** The second half, on one subtask: the sample, in order of the records' numbers. */
export class SampleResult extends Buffering<OperatorCallbacks, Candidate> {
  readonly #n: number;

  constructor({ n }: SampleSettings) {
    super({});
    this.#n = n;
  }

  protected override finish(candidates: Candidate[], out: Collector): void {
    const sample = lowest(candidates, this.#n).sort((a, b) => a.number - b.number);
    for (const { value } of sample) out.emit(value);
  }
}

function lowest(candidates: readonly Candidate[], n: number): Candidate[] {
  return candidates.toSorted((a, b) => a.priority - b.priority || a.number - b.number).slice(0, n);
}

const low32 = (integer: number): number => (integer % 2 ** 32) | 0;
const high32 = (integer: number): number => Math.floor(integer / 2 ** 32) | 0;

/**
 * Mixes 32 bits, one to one.
 *
 * @see The finalizer of MurmurHash3, Austin Appleby, public domain.
 */
function mix32(bits: number): number {
  let x = bits;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Pseudo-random priorities of 32 bits for the numbers 0, 1, ...: the first 2^32 all differ. */
function priorities(seed: number): (number: number) => number {
  const first = mix32(mix32(low32(seed) + 0x9e3779b9) ^ high32(seed));
  const second = mix32(first + 0x9e3779b9);
  return (number) => mix32(mix32(low32(number) ^ first) + (high32(number) ^ second)) >>> 0;
}
