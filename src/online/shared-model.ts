/**
 * A model that threads share: one writes versions, any number read the newest, and none waits.
 *
 * A version is a fixed count of float64. There are two slots, written in turn, each guarded by a
 * stamp, which is odd while the slot is written (a seqlock). So the newest version lies still while
 * the next is written, and a reader has to look again only when two are written during its copy.
 *
 * ```text
 * byte 0    format         i32   1
 *      4    count          i32   numbers of a version
 *     64    published      i32   number of the newest publication, 0 before the first
 *     68    news           i32   goes up with each publication, and with the end: waited on
 *     72    ended          i32   1 when no more will come
 *    128    slot 0         versions of even publications
 *    128 + slotBytes       slot 1: odd ones
 *
 * slot: byte 0    stamp    i32   2 · publication, and 1 less while it is written
 *            64   numbers  f64[count], the slot rounded up to 128 bytes
 * ```
 *
 * The order in which the two sides do things is what makes it right, and every step that orders is a
 * read-modify-write: those are full barriers on every processor, where a plain atomic load lets
 * earlier reads pass it, and a plain atomic store later writes.
 *
 * ```text
 * writer                                 reader
 *   stamp ← 2n - 1   (exchange)            n ← published
 *   numbers ← version                      s ← stamp of slot n
 *   stamp ← 2n                             copy the numbers
 *   published ← n                          stamp still s, and even?  (compareExchange)
 *   news ← news + 1, notify                  yes: the copy is whole; no: again
 * ```
 */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import type { ParamOptions } from '../core/params.js';

const FORMAT = 1;
/** Indices of i32 words. */
const FORMAT_WORD = 0;
const COUNT = 1;
const PUBLISHED = 16;
const NEWS = 17;
const ENDED = 18;
/** In a slot. */
const STAMP_BYTES = 64;
const HEADER_BYTES = 128;

/** A version, piece by piece: single numbers and arrays, in a fixed order. */
export type Numbers = readonly (number | Float64Array)[];

/** What a thread needs to follow a model: plain data, for `workerData` or `postMessage`. */
export interface SharedModelHandle {
  /** Name of the model's class. */
  readonly className: string;
  /** The params of the model. */
  readonly params: object;
  readonly buffer: SharedArrayBuffer;
}

/**
 * The params of a handle.
 *
 * @throws ModelDataError `ERR_GYRE_MODEL` for the handle of another class.
 */
export function sharedParamsOf<V>(className: string, handle: SharedModelHandle): ParamOptions<V> {
  if (handle.className === className) return handle.params as ParamOptions<V>;
  throw new ModelDataError(
    `${className}.fromShared: the handle must be of ${className}, got one of ${handle.className}.`,
    { details: { expected: className, got: handle.className } },
  );
}

const slotBytes = (count: number): number => Math.ceil((STAMP_BYTES + count * 8) / 128) * 128;

const countOf = (numbers: Numbers): number =>
  numbers.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? 1 : piece.length), 0);

interface Slot {
  readonly stamp: Int32Array;
  readonly numbers: Float64Array;
}

/** One side of the memory; any thread may read, one may write. */
export class SharedModel {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #slots: readonly [Slot, Slot];
  readonly #count: number;

  /** @throws FormatError `ERR_GYRE_FORMAT` for memory that holds something else. */
  constructor(buffer: SharedArrayBuffer) {
    const words = buffer instanceof SharedArrayBuffer ? new Int32Array(buffer) : null;
    const count = words?.[COUNT] ?? -1;
    const bytes = HEADER_BYTES + 2 * slotBytes(count);
    if (words?.[FORMAT_WORD] !== FORMAT || count < 1 || buffer.byteLength !== bytes) {
      throw new FormatError(
        `SharedModel: it must be memory that a model shares, got one of ${buffer?.byteLength} bytes; ` +
          'see share() of online models.',
        { details: { bytes: buffer?.byteLength } },
      );
    }
    this.buffer = buffer;
    this.#words = words;
    this.#count = count;
    const slot = (index: number): Slot => {
      const at = HEADER_BYTES + index * slotBytes(count);
      return {
        stamp: new Int32Array(buffer, at, 1),
        numbers: new Float64Array(buffer, at + STAMP_BYTES, count),
      };
    };
    this.#slots = [slot(0), slot(1)];
  }

  /** New memory for versions of the size of this one, which is not published yet. */
  static of(version: Numbers): SharedModel {
    const count = countOf(version);
    const buffer = new SharedArrayBuffer(HEADER_BYTES + 2 * slotBytes(count));
    const words = new Int32Array(buffer);
    words[FORMAT_WORD] = FORMAT;
    words[COUNT] = count;
    return new SharedModel(buffer);
  }

  /**
   * Writes a version: readers have it with their next look. By one thread only.
   *
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` for one of another size.
   */
  publish(version: Numbers): void {
    const got = countOf(version);
    if (got !== this.#count) {
      throw new DimensionMismatchError(
        `SharedModel: versions of a shared model must have one size, ${this.#count} numbers, got ${got}.`,
        { details: { expected: this.#count, got } },
      );
    }
    const number = following(this.#words[PUBLISHED]!);
    const { stamp, numbers } = this.#slots[number & 1]!;
    Atomics.exchange(stamp, 0, (2 * number - 1) | 0);
    let at = 0;
    for (const piece of version) {
      if (typeof piece === 'number') {
        numbers[at++] = piece;
      } else {
        numbers.set(piece, at);
        at += piece.length;
      }
    }
    Atomics.exchange(stamp, 0, (2 * number) | 0);
    Atomics.exchange(this.#words, PUBLISHED, number);
    if (this.ended) Atomics.store(this.#words, ENDED, 0);
    this.#tell();
  }

  /** No more versions: those who wait are told. */
  end(): void {
    Atomics.store(this.#words, ENDED, 1);
    this.#tell();
  }

  get ended(): boolean {
    return Atomics.load(this.#words, ENDED) === 1;
  }

  /** Number of the newest publication: another one, another version. 0 before the first. */
  get published(): number {
    return Atomics.load(this.#words, PUBLISHED);
  }

  /** What {@link changed} waits to differ. */
  get news(): number {
    return Atomics.load(this.#words, NEWS);
  }

  /**
   * A copy of the newest version, with the number of its publication; null before the first. Tries
   * again while the copy was overtaken by two publications.
   *
   * @param into Where to, an array that {@link read} gave before; null: a new one.
   */
  read(
    into: Float64Array | null = null,
  ): { readonly numbers: Float64Array; readonly publication: number } | null {
    const copy = into ?? new Float64Array(this.#count);
    for (;;) {
      const publication = this.published;
      if (publication === 0) return null;
      const { stamp, numbers } = this.#slots[publication & 1]!;
      const before = Atomics.load(stamp, 0);
      if ((before & 1) === 1) continue;
      copy.set(numbers);
      if (Atomics.compareExchange(stamp, 0, before, before) === before) {
        return { numbers: copy, publication };
      }
    }
  }

  /** Resolves when {@link news} is no longer `seen`, or with `left`. */
  async changed(seen: number, left: Promise<void>): Promise<void> {
    const wait = Atomics.waitAsync(this.#words, NEWS, seen);
    if (!wait.async) return;
    // Such a wait alone does not keep a thread alive.
    const alive = setInterval(() => {}, 2 ** 31 - 1);
    try {
      await Promise.race([wait.value, left]);
    } finally {
      clearInterval(alive);
    }
  }

  #tell(): void {
    Atomics.add(this.#words, NEWS, 1);
    Atomics.notify(this.#words, NEWS);
  }
}

/** Numbers of publications go round the i32, slots keep alternating, and 0 stays "none". */
function following(publication: number): number {
  const next = (publication + 1) | 0;
  return next === 0 ? 2 : next;
}
