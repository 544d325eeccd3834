import { BaseColumn } from './base-column.js';

/** Strings as codes into a list of labels. */
export class DictionaryColumn extends BaseColumn<string> {
  override readonly layout = 'dictionary' as const;
  override readonly type = 'string' as const;
  /** Row `i` is `labels[codes[i]]`. `validity` says which rows are null, not the code there. */
  readonly codes: Int32Array;
  /**
   * The distinct strings, as a rule; a label that no row has may be among them. Columns that share
   * a dictionary share this very array, so what is derived from it can be kept by identity.
   */
  readonly labels: readonly string[];

  /** Takes the arrays as they are. Unchecked: use `Column.dictionary`. */
  constructor(codes: Int32Array, labels: readonly string[], validity: Uint8Array | null = null) {
    super(codes.length, validity);
    this.codes = codes;
    this.labels = labels;
  }

  protected override value(i: number): string {
    return this.labels[this.codes[i]!]!;
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new DictionaryColumn(this.codes.subarray(start, end), this.labels, validity) as this;
  }
}
