import type { Vector as ArrowVector, Data, Dictionary, Int32, Utf8 } from 'apache-arrow';
import type { ArrowLibrary } from '../table/arrow-out.js';
import { int32 } from '../table/buffers.js';
import type { ColumnOf } from '../table/column.js';
import { encodeStrings } from '../table/utf8-builder.js';

/**
 * One dictionary for the batches of a file, which may be replaced in no other way than by adding to
 * it: the labels of each batch that are new are another chunk, which Arrow writes as a delta.
 */
export class GrowingDictionary {
  readonly type: Dictionary<Utf8, Int32>;
  readonly #arrow: ArrowLibrary;
  readonly #codes = new Map<string, number>();
  #chunks: Data<Utf8>[] = [];
  #vector: ArrowVector<Utf8> | undefined;
  /** The labels of the last dictionary column, and the code of each. */
  #last: { readonly labels: readonly string[]; readonly codes: Int32Array } | undefined;

  constructor(arrow: ArrowLibrary) {
    this.#arrow = arrow;
    this.type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
  }

  /** A batch of the column, as codes. */
  next(column: ColumnOf<'string'>): Data<Dictionary<Utf8, Int32>> {
    const codes = int32(column.length);
    if (column.layout === 'dictionary') {
      const known = this.#codesOf(column.labels);
      for (let i = 0; i < codes.length; i++) {
        if (!column.isNull(i)) codes[i] = known[column.codes[i]!]!;
      }
    } else {
      const texts = column.toArray();
      const added: string[] = [];
      for (let i = 0; i < codes.length; i++) {
        const text = texts[i];
        if (text !== null && text !== undefined) codes[i] = this.#codeOf(text, added);
      }
      this.#add(added);
    }
    return this.#arrow.makeData({
      type: this.type,
      length: column.length,
      nullCount: column.nullCount,
      ...(column.nullCount > 0 && { nullBitmap: column.validity }),
      data: codes,
      dictionary: this.#vector!,
    });
  }

  #codesOf(labels: readonly string[]): Int32Array {
    if (this.#last?.labels === labels) return this.#last.codes;
    const added: string[] = [];
    const codes = Int32Array.from(labels, (label) => this.#codeOf(label, added));
    this.#add(added);
    this.#last = { labels, codes };
    return codes;
  }

  #codeOf(label: string, added: string[]): number {
    const known = this.#codes.get(label);
    if (known !== undefined) return known;
    const code = this.#codes.size;
    this.#codes.set(label, code);
    added.push(label);
    return code;
  }

  #add(labels: readonly string[]): void {
    // The first batch has a dictionary even if that is empty.
    if (labels.length === 0 && this.#vector !== undefined) return;
    this.#chunks = [...this.#chunks, this.#chunk(labels)];
    this.#vector = new this.#arrow.Vector(this.#chunks);
  }

  #chunk(labels: readonly string[]): Data<Utf8> {
    const { bytes, offsets } = encodeStrings(labels);
    return this.#arrow.makeData({
      type: new this.#arrow.Utf8(),
      data: bytes,
      valueOffsets: offsets,
    });
  }
}
