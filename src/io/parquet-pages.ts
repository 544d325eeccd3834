/** The pages of a column chunk, found and decompressed. */
import type { ColumnMetaData, Compressors } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { decodeHybrid, decodeLevels } from './parquet-hybrid.js';

/** A data page: its values are yet to be decoded. */
export interface DataPage {
  readonly encoding: string;
  /** Rows, null ones included. */
  readonly rows: number;
  /** Values: rows that are not null. */
  readonly values: number;
  /** For each row 1 when it has a value; `null`: all have. */
  readonly levels: Uint8Array | null;
  /** The encoded values, from `start` to the end. */
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** The pages of one column chunk. */
export interface Pages {
  readonly dictionary: { readonly bytes: Uint8Array; readonly values: number } | null;
  readonly data: readonly DataPage[];
}

/**
 * Splits and decompresses a chunk of a column that is not nested.
 *
 * @throws Error when the chunk is broken; callers say which file.
 */
export function readPages(
  chunk: Uint8Array,
  { codec }: ColumnMetaData,
  compressors: Compressors,
  optional: boolean,
): Pages {
  const reader = {
    view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength),
    offset: 0,
  };
  const inflate = (body: Uint8Array, size: number): Uint8Array =>
    size === 0 ? body.subarray(0, 0) : decompressPage(body, size, codec, compressors);
  let dictionary: Pages['dictionary'] = null;
  const data: DataPage[] = [];
  while (reader.offset < chunk.length) {
    const header = parquetHeader(reader);
    const end = reader.offset + header.compressed_page_size;
    if (!(header.compressed_page_size >= 0) || end > chunk.length) {
      throw new Error(`a page ends at byte ${end} of a chunk of ${chunk.length} bytes`);
    }
    const body = chunk.subarray(reader.offset, end);
    reader.offset = end;
    if (header.dictionary_page_header !== undefined) {
      const values = header.dictionary_page_header.num_values;
      dictionary = { bytes: inflate(body, header.uncompressed_page_size), values };
    } else if (header.data_page_header_v2 !== undefined) {
      const { num_values: rows, num_nulls: nulls, encoding, ...v2 } = header.data_page_header_v2;
      const levelStart = v2.repetition_levels_byte_length;
      const levelEnd = levelStart + v2.definition_levels_byte_length;
      const size = header.uncompressed_page_size - levelEnd;
      const packed = body.subarray(levelEnd);
      data.push({
        encoding,
        rows,
        values: rows - nulls,
        levels: optional && nulls > 0 ? decodeLevels(body, levelStart, levelEnd, 1, rows) : null,
        bytes: v2.is_compressed === false ? packed : inflate(packed, size),
        start: 0,
      });
    } else if (header.data_page_header !== undefined) {
      const { num_values: rows, encoding } = header.data_page_header;
      const bytes = inflate(body, header.uncompressed_page_size);
      data.push(optional ? withLevels(bytes, rows, encoding) : plainPage(bytes, rows, encoding));
    }
  }
  return { dictionary, data };
}

function plainPage(bytes: Uint8Array, rows: number, encoding: string): DataPage {
  return { encoding, rows, values: rows, levels: null, bytes, start: 0 };
}

/** A version 1 page of an optional column: its levels come first, after their length. */
function withLevels(bytes: Uint8Array, rows: number, encoding: string): DataPage {
  if (bytes.length < 4) throw new Error('a page ends before its definition levels');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = 4 + length;
  if (start > bytes.length) throw new Error('definition levels go beyond their page');
  const levels = decodeLevels(bytes, 4, start, 1, rows);
  let values = rows;
  if (levels !== null) for (const level of levels) values -= 1 - level;
  return { encoding, rows, values, levels, bytes, start };
}

/** The dictionary codes of a page, checked to be below `limit`. */
export function pageCodes(page: DataPage, limit: number): Int32Array {
  const codes = new Int32Array(page.values);
  decodeCodes(page, limit, codes, 0);
  return codes;
}

/** {@link pageCodes} to `out[at..]`. */
export function decodeCodes(page: DataPage, limit: number, out: Int32Array, at: number): void {
  const { bytes, start, values } = page;
  if (values === 0) return;
  if (start >= bytes.length) throw new Error('a page ends before its values');
  decodeHybrid(bytes, start + 1, bytes.length, bytes[start]!, out, at, values);
  let bad = 0;
  for (let i = at; i < at + values; i++) bad |= (limit - 1 - out[i]!) | out[i]!;
  if (bad < 0) throw new Error(`a page refers beyond its dictionary of ${limit} entries`);
}
