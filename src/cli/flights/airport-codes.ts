import type { DictionaryColumn } from '../../table/dictionary-column.js';
import type { Utf8Column } from '../../table/utf8-column.js';

/** One code for each airport, though every row group of the file has a dictionary of its own. */
export class AirportCodes {
  /** The airports by code, in the order in which they are first seen. */
  readonly names: string[] = [];
  readonly #codes = new Map<string, number>();
  readonly #byLabels = new WeakMap<readonly string[], Int32Array>();

  /** The codes of a column of airports, one a row. */
  encode(column: DictionaryColumn | Utf8Column): Int32Array {
    if (column.layout !== 'dictionary') return Int32Array.from(column, (name) => this.#code(name));
    let codes = this.#byLabels.get(column.labels);
    if (codes === undefined) {
      codes = Int32Array.from(column.labels, (name) => this.#code(name));
      this.#byLabels.set(column.labels, codes);
    }
    const encoded = new Int32Array(column.length);
    for (let i = 0; i < encoded.length; i++) encoded[i] = codes[column.codes[i]!]!;
    return encoded;
  }

  #code(name: unknown): number {
    const text = String(name);
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.names.push(text) - 1;
      this.#codes.set(text, code);
    }
    return code;
  }
}
