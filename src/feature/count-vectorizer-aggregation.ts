/** In how many documents each term stands, in one pass over shards, and the vocabulary of that. */
import type { Aggregation } from '../algorithm/training.js';
import { InvalidParamError } from '../core/errors.js';
import { Utf8Column } from '../table/utf8-column.js';
import { asUtf8, tokensColumn, utf8Of } from './text/text-columns.js';
import { enlarged, TokenTable } from './text/token-table.js';

export interface CountVectorizerAggregationParams {
  readonly inputCol: string;
  readonly vocabularySize: number;
  readonly minDF: number;
  readonly maxDF: number;
}

/** Of some documents: their terms, and how many of them have each. */
export interface DocumentFrequencies {
  readonly documents: number;
  /** Term `i` is bytes `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  readonly frequencies: Int32Array;
}

/** What the aggregation gives. */
export interface Vocabulary {
  readonly terms: readonly string[];
}

/** The aggregation that `CountVectorizer.fit` runs on the workers. */
export function countVectorizerAggregation(
  params: CountVectorizerAggregationParams,
): Aggregation<DocumentFrequencies, Vocabulary> {
  return {
    partial(shard) {
      const who = 'CountVectorizer.fit';
      const { length, offsets, child } = tokensColumn(who, shard.table, params.inputCol, 0);
      const counter = new DocumentCounter();
      if (child.layout === 'dictionary' && child.labels.length <= child.length) {
        const labels = utf8Of(child.labels);
        for (let row = 0; row < length; row++) {
          for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
            const code = child.codes[at]!;
            counter.count(labels.bytes, labels.offsets[code]!, labels.offsets[code + 1]!, row);
          }
        }
      } else {
        const words = asUtf8(child);
        for (let row = 0; row < length; row++) {
          for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
            counter.count(words.bytes, words.offsets[at]!, words.offsets[at + 1]!, row);
          }
        }
      }
      return counter.frequencies(length);
    },

    combine(a, b) {
      const table = new TokenTable(a);
      let frequencies = enlarged(a.frequencies, a.frequencies.length + b.frequencies.length);
      for (let i = 0; i < b.frequencies.length; i++) {
        frequencies[table.add(b.bytes, b.offsets[i]!, b.offsets[i + 1]!)]! += b.frequencies[i]!;
      }
      frequencies = frequencies.slice(0, table.size);
      return { documents: a.documents + b.documents, ...table.tokens, frequencies };
    },

    result(total) {
      return { terms: vocabularyOf(total, params) };
    },
  };
}

/** Counts each term once a document. */
class DocumentCounter {
  readonly #table = new TokenTable();
  #frequencies: Int32Array = new Int32Array(1024);
  /** The document, + 1, in which a term was seen last. */
  #last: Int32Array = new Int32Array(1024);

  count(bytes: Uint8Array, start: number, end: number, document: number): void {
    const id = this.#table.add(bytes, start, end);
    if (id >= this.#last.length) {
      this.#frequencies = enlarged(this.#frequencies, 2 * id);
      this.#last = enlarged(this.#last, 2 * id);
    }
    if (this.#last[id] === document + 1) return;
    this.#last[id] = document + 1;
    this.#frequencies[id]!++;
  }

  frequencies(documents: number): DocumentFrequencies {
    const frequencies = this.#frequencies.slice(0, this.#table.size);
    return { documents, ...this.#table.tokens, frequencies };
  }
}

/** The terms within the bounds: those in the most documents first, equal ones by code units. */
function vocabularyOf(
  { documents, offsets, bytes, frequencies }: DocumentFrequencies,
  { minDF, maxDF, vocabularySize }: CountVectorizerAggregationParams,
): string[] {
  const [least, most] = [minDF, maxDF].map((bound) => (bound < 1 ? bound * documents : bound));
  if (most! < least!) {
    throw new InvalidParamError(
      `CountVectorizer.maxDF must not be below minDF, got ${maxDF} and ${minDF}, which of ` +
        `${documents} documents are ${most} and ${least}.`,
      { details: { minDF, maxDF, documents } },
    );
  }
  const texts = new Utf8Column(bytes, offsets);
  const terms: { readonly term: string; readonly frequency: number }[] = [];
  frequencies.forEach((frequency, i) => {
    if (frequency >= least! && frequency <= most!) terms.push({ term: texts.get(i)!, frequency });
  });
  terms.sort((a, b) => b.frequency - a.frequency || (a.term < b.term ? -1 : 1));
  return terms.slice(0, vocabularySize).map(({ term }) => term);
}
