/** A set of words that tokens are looked up in, with or without regard to case. */
import { utf8Of } from './text-columns.js';
import { TokenTable } from './token-table.js';

/** Lower case that is not the byte's own business: it depends on the letter's neighbours. */
const NOT_ALONE = -1;

/**
 * Words to look up as UTF-8 bytes. Without regard to case, words and tokens are compared in the lower
 * case of a locale: of ASCII byte by byte, of other text as JavaScript strings.
 */
export class WordSet {
  readonly #table: TokenTable;
  readonly #words: ReadonlySet<string>;
  /** The lower case of each byte, or {@link NOT_ALONE}; null: case matters. */
  readonly #lower: Int16Array | null;
  readonly #locale: string;
  #token: Uint8Array = new Uint8Array(64);

  /** @param locale A BCP 47 tag, or null where case matters. */
  constructor(words: readonly string[], locale: string | null) {
    this.#locale = locale ?? 'und';
    this.#lower = locale === null ? null : lowerBytes(locale);
    const compared = locale === null ? words : words.map((word) => word.toLocaleLowerCase(locale));
    this.#words = new Set(compared);
    this.#table = TokenTable.of(utf8Of(compared));
  }

  /** Whether the set has the token of these UTF-8 bytes. */
  has(text: Buffer, start: number, end: number): boolean {
    const lower = this.#lower;
    if (lower === null) return this.#table.find(text, start, end) >= 0;
    const length = end - start;
    if (length > this.#token.length) this.#token = new Uint8Array(2 * length);
    for (let i = 0; i < length; i++) {
      const byte = lower[text[start + i]!]!;
      if (byte === NOT_ALONE) {
        return this.#words.has(text.toString('utf8', start, end).toLocaleLowerCase(this.#locale));
      }
      this.#token[i] = byte;
    }
    return this.#table.find(this.#token, 0, length) >= 0;
  }
}

function lowerBytes(locale: string): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => {
    if (byte >= 128) return NOT_ALONE;
    // In Turkish the lower case of I is not ASCII.
    const lower = String.fromCharCode(byte).toLocaleLowerCase(locale);
    const code = lower.charCodeAt(0);
    return lower.length === 1 && code < 128 ? code : NOT_ALONE;
  });
}
