import { BaseColumn } from './base-column.js';
import { asBuffer } from './buffers.js';

/**
 * Strings as UTF-8 bytes, end to end.
 *
 * ```text
 * offsets  | o0 | o1 | o2 | o3 |          n + 1 entries, o0 may be > 0 in a slice
 * bytes    ....[ row 0 )[ row 1 )[ row 2 )....
 * ```
 */
export class Utf8Column extends BaseColumn<string> {
  override readonly layout = 'utf8' as const;
  override readonly type = 'string' as const;
  /** Row `i` is bytes `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  readonly #text: Buffer;

  /** Takes the arrays as they are. Unchecked: use `Column.utf8`. */
  constructor(bytes: Uint8Array, offsets: Int32Array, validity: Uint8Array | null = null) {
    super(offsets.length - 1, validity);
    this.bytes = bytes;
    this.offsets = offsets;
    this.#text = asBuffer(bytes);
  }

  protected override value(i: number): string {
    return this.#text.toString('utf8', this.offsets[i]!, this.offsets[i + 1]!);
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new Utf8Column(this.bytes, this.offsets.subarray(start, end + 1), validity) as this;
  }
}
