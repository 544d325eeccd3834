/** Text to tokens at white space: ASCII in a kernel, the lower case of other text in JavaScript. */
import { isAscii } from 'node:buffer';
import type { KernelScope } from '../../algorithm/training.js';
import { addressOf, withScratch } from '../../stage/kernel-data.js';
import { asBuffer, int32, uint8 } from '../../table/buffers.js';
import { ListColumn } from '../../table/list-column.js';
import { Utf8Column } from '../../table/utf8-column.js';

/** Bytes that are split at a time, unless a row has more: they stay in cache. */
const BLOCK_BYTES = 1 << 18;

/** How text is split. */
export interface SplitOptions {
  /** Whether empty tokens are kept, but for those at the end of a row. */
  readonly keepEmpty: boolean;
  /** Whether text is made lower-case first. */
  readonly lower: boolean;
}

/** Some rows of text: row `i` is bytes `offsets[i]` to `offsets[i + 1]`. */
interface TextRows {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** The tokens of every row between single characters of [ \t\n\v\f\r]. Without null. */
export function splitWhitespace(
  column: Utf8Column,
  options: SplitOptions,
  scope: KernelScope,
): ListColumn {
  const { length: rows, offsets } = column;
  const tokens = new TokenLists(rows);
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && offsets[end + 1]! - offsets[start]! <= BLOCK_BYTES) end++;
    const block = { offsets: offsets.subarray(start, end + 1), bytes: column.bytes };
    splitBlock(options.lower ? lowerBeyondAscii(block) : block, options, tokens, scope);
    start = end;
  }
  return tokens.finish();
}

/** The same rows, with those that are not ASCII in lower case, and those that are as they are. */
function lowerBeyondAscii({ offsets, bytes }: TextRows): TextRows {
  const rows = offsets.length - 1;
  if (isAscii(bytes.subarray(offsets[0], offsets[rows]))) return { offsets, bytes };
  const buffer = asBuffer(bytes);
  const lowered: Uint8Array[] = [];
  const moved = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const text = buffer.subarray(offsets[row], offsets[row + 1]);
    const piece = isAscii(text) ? text : Buffer.from(text.toString('utf8').toLowerCase());
    lowered.push(piece);
    moved[row + 1] = moved[row]! + piece.length;
  }
  return { offsets: moved, bytes: Buffer.concat(lowered) };
}

function splitBlock(
  { offsets, bytes }: TextRows,
  { keepEmpty, lower }: SplitOptions,
  tokens: TokenLists,
  scope: KernelScope,
): void {
  const { arena, kernels } = scope;
  const rows = offsets.length - 1;
  const first = offsets[0]!;
  const size = offsets[rows]! - first;
  withScratch(scope, () => {
    const offsetsAt = addressOf(offsets, scope);
    // Offsets count from before the block's first byte; the kernel's addresses wrap as these do.
    const bytesAt = addressOf(bytes.subarray(first, first + size), scope) - first;
    const listsAt = arena.scratch((rows + 1) * 4);
    const tokensAt = arena.scratch((size + rows + 1) * 4);
    const outAt = arena.scratch(size);
    const count = kernels.exports.splitWhitespace(
      rows,
      offsetsAt,
      bytesAt,
      Number(lower),
      Number(keepEmpty),
      listsAt,
      tokensAt,
      outAt,
    );
    const ends = arena.i32(tokensAt, count + 1);
    tokens.append(arena.i32(listsAt, rows + 1), ends, arena.u8(outAt, ends[count]!));
  });
}

/** Lists of tokens as they are made, block by block. */
class TokenLists {
  readonly #lists: Int32Array;
  readonly #offsets: Int32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  #rows = 0;
  #tokens = 0;
  #size = 0;

  constructor(rows: number) {
    this.#lists = int32(rows + 1);
  }

  /** Appends rows, whose offsets count from 0; copies. */
  append(lists: Int32Array, offsets: Int32Array, bytes: Uint8Array): void {
    for (let i = 1; i < lists.length; i++) this.#lists[this.#rows + i] = this.#tokens + lists[i]!;
    this.#offsets.push(offsets.map((offset) => this.#size + offset).subarray(1));
    this.#bytes.push(bytes.slice());
    this.#rows += lists.length - 1;
    this.#tokens += offsets.length - 1;
    this.#size += bytes.length;
  }

  finish(): ListColumn {
    const offsets = int32(this.#tokens + 1);
    const bytes = uint8(this.#size);
    let [token, at] = [1, 0];
    for (const piece of this.#offsets) {
      offsets.set(piece, token);
      token += piece.length;
    }
    for (const piece of this.#bytes) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return new ListColumn(this.#lists, new Utf8Column(bytes, offsets));
  }
}
