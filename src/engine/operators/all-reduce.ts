/**
 * `allReduceSum`: every subtask has at most one array; all subtasks get the sum of all arrays.
 *
 * ```text
 * AllReduceSend (p)   ── keyBy('chunk') ──▶  AllReduceAdd (p)           ── broadcast ──▶  AllReduceCollect (p)
 * cuts into chunks                           adds in order of subtasks                    puts together
 * ```
 *
 * The work of adding is spread over the subtasks, and the sum has the same bits whatever comes first.
 */
import { DataError, DimensionMismatchError } from '../../core/errors.js';
import { showValue } from '../../core/params.js';
import type { Collector, OperatorCallbacks } from '../operator.js';
import { Buffering, Wrapper } from './wrapper.js';

/** Numbers of a chunk. */
const CHUNK = 4096;

/** A piece of the array of one subtask. */
export interface ArrayChunk {
  readonly chunk: number;
  readonly subtask: number;
  /** Of the whole array. */
  readonly length: number;
  readonly values: Float64Array;
}

/** A piece of the sum. */
export interface SumChunk {
  readonly chunk: number;
  readonly length: number;
  readonly values: Float64Array;
}

/** Cuts the subtask's array into chunks. */
export class AllReduceSend extends Wrapper<OperatorCallbacks, boolean> {
  #sent = false;

  constructor() {
    super({});
  }

  process(array: unknown, out: Collector): void {
    const { subtask } = this.context;
    if (!(array instanceof Float64Array)) {
      throw new DataError(`allReduceSum adds Float64Arrays, got ${showValue(array)}.`, {
        details: { subtask, got: showValue(array) },
      });
    }
    if (this.#sent) {
      throw new DataError(
        `allReduceSum takes at most one array of each subtask, got a second one on subtask ${subtask}; ` +
          'inside an iteration use it in forEachRound.',
        { details: { subtask } },
      );
    }
    this.#sent = true;
    const { length } = array;
    // An empty array has one chunk too: that all lengths are equal is checked where they meet.
    for (let at = 0; at === 0 || at < length; at += CHUNK) {
      const values = array.subarray(at, at + CHUNK);
      const chunk: ArrayChunk = { chunk: at / CHUNK, subtask, length, values };
      out.emit(chunk);
    }
  }

  protected override ownState(): boolean {
    return this.#sent;
  }

  protected override takeState(sent: boolean): void {
    this.#sent = sent;
  }
}

/** Adds the chunks that it gets, of all subtasks or none, in order of the subtasks. */
export class AllReduceAdd extends Buffering<OperatorCallbacks, ArrayChunk> {
  constructor() {
    super({});
  }

  protected override finish(chunks: ArrayChunk[], out: Collector): void {
    const ordered = chunks.toSorted((a, b) => a.chunk - b.chunk || a.subtask - b.subtask);
    for (let first = 0, next = 0; first < ordered.length; first = next) {
      const { chunk } = ordered[first]!;
      while (ordered[next]?.chunk === chunk) next++;
      const sum = sumOf(ordered.slice(first, next));
      if (sum.length > 0) out.emit(sum);
    }
  }
}

/** The sum of one chunk of all arrays, which are in order of the subtasks. */
function sumOf(parts: readonly ArrayChunk[]): SumChunk {
  const { chunk, length, subtask, values } = parts[0]!;
  const sum = values.slice();
  for (const part of parts.slice(1)) {
    if (part.length !== length) {
      throw new DimensionMismatchError(
        `allReduceSum adds arrays of the same length, got ${length} on subtask ${subtask} and ` +
          `${part.length} on subtask ${part.subtask}.`,
        { details: { expected: length, got: part.length, subtask: part.subtask } },
      );
    }
    for (let i = 0; i < sum.length; i++) sum[i]! += part.values[i]!;
  }
  return { chunk, length, values: sum };
}

/** Puts the sum together, on every subtask. */
export class AllReduceCollect extends Buffering<OperatorCallbacks, SumChunk> {
  constructor() {
    super({});
  }

  protected override finish(chunks: SumChunk[], out: Collector): void {
    const first = chunks[0];
    if (first === undefined) return;
    const sum = new Float64Array(first.length);
    for (const { chunk, values } of chunks) sum.set(values, chunk * CHUNK);
    out.emit(sum);
  }
}
