/**
 * The part of an FTRL model that one learner owns: some of the ranges that the features are cut
 * into, in kernel memory.
 */
import { shardRun, shardStart } from '../engine/shard.js';
import type { Arena, Segment } from '../memory/arena.js';

/** Bytes of a feature's slot: coefficient, z, n, and the gradient of the batch; see ftrl.ts. */
export const SLOT_BYTES = 64;
const SLOT_NUMBERS = SLOT_BYTES / 8;
/** Ranges that a model is cut into, at most. */
const MAX_RANGES = 8;
/** Features that make a range worth it, and entries of a batch: less costs more than it saves. */
const MIN_RANGE_FEATURES = 4096;
const MIN_RANGE_ENTRIES = 131_072;
/** Entries that a sparse row is taken to have. Rows are not asked: it must not depend on them. */
const SPARSE_ROW_ENTRIES = 8;

/** A model as FTRL keeps it: the coefficients, and what the next steps depend on. */
export interface FtrlState {
  readonly coefficient: Float64Array;
  /** Missing: zeros. */
  readonly z?: Float64Array | undefined;
  readonly n?: Float64Array | undefined;
  readonly modelVersion: number;
}

/** What the cut depends on: nothing but sizes, so that all learners, however many, agree on it. */
export interface ModelShape {
  /** Size of the vectors. */
  readonly size: number;
  readonly sparse: boolean;
  /** Rows of a batch. */
  readonly batchRows: number;
}

/** A feature's numbers in its slot. */
const COEFFICIENT = 0;
const Z = 1;
const N = 2;

/** The features that a learner owns, with the arrays of a batch. Addresses are in kernel memory. */
export class FeatureRanges {
  readonly shape: ModelShape;
  readonly size: number;
  /** Ranges of the whole model. */
  readonly ranges: number;
  /** Learners that own a range. */
  readonly owners: number;
  /** The own ranges, `[first, last)`, and their features, `[lo, hi)`. */
  readonly first: number;
  readonly last: number;
  readonly lo: number;
  readonly hi: number;
  readonly slots: number;
  /** i32[hi - lo + 1] */
  readonly touched: number;
  /** f64[batchRows] */
  readonly margins: number;
  /** f64[batchRows] */
  readonly probabilities: number;
  readonly #arena: Arena;
  readonly #segments: Segment[] = [];

  constructor(shape: ModelShape, subtask: number, parallelism: number, arena: Arena) {
    const { size, sparse, batchRows } = shape;
    this.#arena = arena;
    this.shape = shape;
    this.size = size;
    this.ranges = rangeCount(size, batchRows * (sparse ? SPARSE_ROW_ENTRIES : size));
    this.owners = Math.min(this.ranges, parallelism);
    [this.first, this.last] = runOf(this.ranges, subtask, this.owners);
    this.lo = this.startOf(this.first);
    this.hi = this.startOf(this.last);
    const features = this.hi - this.lo;
    this.slots = this.#allocate(features * SLOT_BYTES);
    this.touched = this.#allocate((features + 1) * 4);
    this.margins = this.#allocate(batchRows * 8);
    this.probabilities = this.#allocate(batchRows * 8);
    this.#numbers.fill(0);
  }

  /** Sets the own features. @param from Index of the first of them in the arrays. */
  fill({ coefficient, z, n }: Omit<FtrlState, 'modelVersion'>, from: number): void {
    const numbers = this.#numbers;
    for (let i = 0; i < this.hi - this.lo; i++) {
      const at = i * SLOT_NUMBERS;
      numbers[at + COEFFICIENT] = coefficient[from + i]!;
      numbers[at + Z] = z?.[from + i] ?? 0;
      numbers[at + N] = n?.[from + i] ?? 0;
    }
  }

  /** First feature of a range; of the one after the last, the size. */
  startOf(range: number): number {
    return shardStart(this.size, this.ranges, range);
  }

  get coefficient(): Float64Array {
    return this.#field(COEFFICIENT);
  }

  get z(): Float64Array {
    return this.#field(Z);
  }

  get n(): Float64Array {
    return this.#field(N);
  }

  close(): void {
    for (const segment of this.#segments) segment.free();
  }

  #allocate(bytes: number): number {
    const segment = this.#arena.allocate(bytes);
    this.#segments.push(segment);
    return segment.address;
  }

  get #numbers(): Float64Array {
    return this.#arena.f64(this.slots, (this.hi - this.lo) * SLOT_NUMBERS);
  }

  #field(offset: number): Float64Array {
    const numbers = this.#numbers;
    const values = new Float64Array(this.hi - this.lo);
    for (let i = 0; i < values.length; i++) values[i] = numbers[i * SLOT_NUMBERS + offset]!;
    return values;
  }
}

/** The ranges of a learner: the first `owners` learners share them, the others have none. */
function runOf(ranges: number, subtask: number, owners: number): [number, number] {
  return subtask < owners ? shardRun(ranges, subtask, owners) : [ranges, ranges];
}

/** Feature ranges of a model: by its size and that of a batch alone, a power of two. */
function rangeCount(size: number, batchEntries: number): number {
  let count = 1;
  while (
    count < MAX_RANGES &&
    size / (count * 2) >= MIN_RANGE_FEATURES &&
    batchEntries / (count * 2) >= MIN_RANGE_ENTRIES
  ) {
    count *= 2;
  }
  return count;
}
