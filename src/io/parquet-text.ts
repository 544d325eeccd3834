/** Chunks of strings: as dictionary codes when every page has them, else as bytes end to end. */
import { asBuffer, int32, uint8 } from '../table/buffers.js';
import { DictionaryColumn } from '../table/dictionary-column.js';
import { Utf8Column } from '../table/utf8-column.js';
import { type DataPage, decodeCodes, type Pages, pageCodes } from './parquet-pages.js';

/** The dictionary that a column had last: its encoded bytes, and the labels they are. */
export type LabelCache = Map<
  string,
  { readonly bytes: Uint8Array; readonly labels: readonly string[] }
>;

/** Text up to this length is copied byte by byte: a call for each costs more. */
const SHORT = 24;

/** The column of a chunk of strings. */
export function textColumn(
  name: string,
  pages: Pages,
  rows: number,
  validity: Uint8Array | null,
  cache: LabelCache,
): DictionaryColumn | Utf8Column {
  const { dictionary, data } = pages;
  if (dictionary === null || !data.every(isCoded)) return plainText(pages, rows, validity);
  const codes = int32(rows);
  let row = 0;
  for (const page of data) {
    if (page.levels === null) decodeCodes(page, dictionary.values, codes, row);
    else {
      const present = pageCodes(page, dictionary.values);
      for (let i = 0, k = 0; i < page.rows; i++) {
        codes[row + i] = page.levels[i] === 0 ? -1 : present[k++]!;
      }
    }
    row += page.rows;
  }
  return new DictionaryColumn(codes, labelsOf(name, dictionary, cache), validity);
}

const isCoded = ({ encoding }: DataPage): boolean => encoding.endsWith('_DICTIONARY');

/** The labels of a dictionary: the very array of the batch before when the bytes are the same. */
function labelsOf(
  name: string,
  { bytes, values }: NonNullable<Pages['dictionary']>,
  cache: LabelCache,
): readonly string[] {
  const last = cache.get(name);
  if (last !== undefined && Buffer.compare(last.bytes, bytes) === 0) return last.labels;
  const { starts, lengths } = byteArrays(bytes, 0, values);
  const text = asBuffer(bytes);
  const labels = Array.from({ length: values }, (_, i) =>
    text.toString('utf8', starts[i], starts[i]! + lengths[i]!),
  );
  cache.set(name, { bytes, labels });
  return labels;
}

interface ByteArrays {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
}

/** Where the values of PLAIN byte arrays are: each is a 32-bit length and then its bytes. */
function byteArrays(bytes: Uint8Array, start: number, count: number): ByteArrays {
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  let at = start;
  for (let i = 0; i < count; i++) {
    const length =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    starts[i] = at + 4;
    lengths[i] = length;
    at += 4 + length;
    if (length < 0 || at > bytes.length) throw new Error('a string goes beyond its page');
  }
  return { starts, lengths };
}

/** The values of one page: where each is in `bytes`. */
interface PageText extends ByteArrays {
  readonly bytes: Uint8Array;
  readonly codes: Int32Array | null;
}

function plainText(
  { dictionary, data }: Pages,
  rows: number,
  validity: Uint8Array | null,
): Utf8Column {
  const known = dictionary && byteArrays(dictionary.bytes, 0, dictionary.values);
  const texts = data.map((page): PageText => {
    if (!isCoded(page)) {
      if (page.encoding !== 'PLAIN') throw new Error(`unknown page encoding ${page.encoding}`);
      const { bytes } = page;
      return { bytes, codes: null, ...byteArrays(bytes, page.start, page.values) };
    }
    if (known === null) throw new Error('a page refers to a dictionary that is not there');
    return { bytes: dictionary!.bytes, codes: pageCodes(page, dictionary!.values), ...known };
  });
  const offsets = int32(rows + 1);
  let row = 0;
  data.forEach(({ rows: n, levels }, p) => {
    const { lengths, codes } = texts[p]!;
    for (let i = 0, k = 0; i < n; i++, row++) {
      const value = levels !== null && levels[i] === 0 ? -1 : k++;
      const length = value < 0 ? 0 : lengths[codes === null ? value : codes[value]!]!;
      offsets[row + 1] = offsets[row]! + length;
      if (offsets[row + 1]! < 0) throw new Error('it has more than 2 GiB of text');
    }
  });
  const bytes = uint8(offsets[rows]!);
  let at = 0;
  data.forEach(({ values }, p) => {
    at = copyTexts(texts[p]!, values, bytes, at);
  });
  return new Utf8Column(bytes, offsets, validity);
}

function copyTexts(from: PageText, count: number, to: Uint8Array, start: number): number {
  const { bytes, starts, lengths, codes } = from;
  let at = start;
  for (let k = 0; k < count; k++) {
    const value = codes === null ? k : codes[k]!;
    const first = starts[value]!;
    const length = lengths[value]!;
    if (length <= SHORT) for (let b = 0; b < length; b++) to[at + b] = bytes[first + b]!;
    else to.set(bytes.subarray(first, first + length), at);
    at += length;
  }
  return at;
}
