/** One column of the rows of several of one type. */
import { DataError, DimensionMismatchError } from '../core/errors.js';
import { bitmap, copyBits, setBits } from './bitmap.js';
import { BooleanColumn } from './boolean-column.js';
import { float32, float64, int32, int64, uint8 } from './buffers.js';
import type { Column } from './column.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { DictionaryColumn } from './dictionary-column.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { type NumericArray, NumericColumn } from './numeric-column.js';
import { SparseVectorColumn } from './sparse-vector-column.js';
import { TIME_UNITS, TimestampColumn } from './timestamp-column.js';
import { encodeStrings } from './utf8-builder.js';
import { Utf8Column } from './utf8-column.js';

/**
 * Joins columns of one type end to end in new memory; a single one is returned as it is.
 *
 * Strings stay dictionary codes when all parts are: different dictionaries are merged. Timestamps
 * take the finest unit of the parts, dense vectors 64-bit floats if any part has them.
 *
 * @param name The column's name, for messages.
 * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for vectors of different sizes.
 */
export function concatColumns(parts: readonly Column[], name: string): Column {
  const filled = parts.filter((part) => part.length > 0);
  const first = filled[0] ?? parts[0]!;
  if (filled.length < 2) return first;
  const validity = concatValidity(filled);
  switch (first.layout) {
    case 'numeric':
      return new NumericColumn(concatNumbers(filled as NumericColumn[]), validity);
    case 'int64':
      return new Int64Column(concatInt64((filled as Int64Column[]).map((p) => p.values)), validity);
    case 'timestamp':
      return concatTimestamps(filled as TimestampColumn[], validity);
    case 'boolean':
      return concatBooleans(filled as BooleanColumn[], validity);
    case 'utf8':
    case 'dictionary':
      return filled.every((part) => part.layout === 'dictionary')
        ? concatDictionaries(filled as DictionaryColumn[], validity)
        : concatText(filled as (Utf8Column | DictionaryColumn)[], validity);
    case 'dense':
      return concatDense(filled as DenseVectorColumn[], validity, name);
    case 'sparse':
      return concatSparse(filled as SparseVectorColumn[], validity, name);
    case 'list':
      return concatLists(filled as ListColumn[], validity, name);
  }
}

function rowsOf(parts: readonly Column[]): number {
  let rows = 0;
  for (const part of parts) rows += part.length;
  return rows;
}

function concatValidity(parts: readonly Column[]): Uint8Array | null {
  if (parts.every((part) => part.nullCount === 0)) return null;
  const bits = bitmap(rowsOf(parts));
  let at = 0;
  for (const part of parts) {
    if (part.validity === null) setBits(bits, at, at + part.length);
    else copyBits(part.validity, part.length, bits, at);
    at += part.length;
  }
  return bits;
}

/** Copies arrays of numbers end to end into `all`. */
function join<A extends NumericArray | Uint8Array>(all: A, parts: readonly A[]): A {
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function concatNumbers(parts: readonly NumericColumn[]): NumericArray {
  const rows = rowsOf(parts);
  const allocate = { float64, float32, int32 }[parts[0]!.type];
  return join(
    allocate(rows) as NumericArray,
    parts.map((part) => part.values),
  );
}

function concatInt64(parts: readonly BigInt64Array[]): BigInt64Array {
  const all = int64(parts.reduce((rows, part) => rows + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function concatTimestamps(
  parts: readonly TimestampColumn[],
  validity: Uint8Array | null,
): TimestampColumn {
  const finest = Math.max(...parts.map((part) => TIME_UNITS.indexOf(part.unit)));
  const values = concatInt64(
    parts.map((part) => {
      const factor = 1000n ** BigInt(finest - TIME_UNITS.indexOf(part.unit));
      return factor === 1n ? part.values : part.values.map((value) => value * factor);
    }),
  );
  return new TimestampColumn(values, TIME_UNITS[finest]!, validity);
}

function concatBooleans(
  parts: readonly BooleanColumn[],
  validity: Uint8Array | null,
): BooleanColumn {
  const rows = rowsOf(parts);
  const bits = bitmap(rows);
  let at = 0;
  for (const part of parts) {
    copyBits(part.values, part.length, bits, at);
    at += part.length;
  }
  return new BooleanColumn(bits, rows, validity);
}

function concatDictionaries(
  parts: readonly DictionaryColumn[],
  validity: Uint8Array | null,
): DictionaryColumn {
  const codes = int32(rowsOf(parts));
  const shared = parts[0]!.labels;
  if (parts.every((part) => part.labels === shared)) {
    join(
      codes as Int32Array,
      parts.map((part) => part.codes),
    );
    return new DictionaryColumn(codes, shared, validity);
  }
  const codeOf = new Map<string, number>();
  let at = 0;
  for (const part of parts) {
    const recoded = Int32Array.from(part.labels, (label) => {
      const code = codeOf.get(label) ?? codeOf.size;
      codeOf.set(label, code);
      return code;
    });
    for (let i = 0; i < part.length; i++) codes[at++] = recoded[part.codes[i]!] ?? -1;
  }
  return new DictionaryColumn(codes, [...codeOf.keys()], validity);
}

/** Rows of offsets end to end: where each part's entries start, and the joined offsets. */
function concatOffsets(parts: readonly { readonly offsets: Int32Array }[]): Int32Array {
  const rows = parts.reduce((sum, { offsets }) => sum + offsets.length - 1, 0);
  const all = int32(rows + 1);
  let at = 0;
  let base = 0;
  for (const { offsets } of parts) {
    const start = offsets[0]!;
    const n = offsets.length - 1;
    if (base + offsets[n]! - start > 0x7fffffff) {
      throw new DataError(
        'A column holds at most 2^31 - 1 bytes of text or entries of lists; keep the parts as a TableStream.',
      );
    }
    for (let i = 1; i <= n; i++) all[at + i] = base + offsets[i]! - start;
    at += n;
    base = all[at]!;
  }
  return all;
}

/** The entries of one part that its rows use. */
function used<A extends { subarray(start: number, end: number): A }>(
  { offsets }: { readonly offsets: Int32Array },
  entries: A,
): A {
  return entries.subarray(offsets[0]!, offsets[offsets.length - 1]!);
}

function concatText(
  parts: readonly (Utf8Column | DictionaryColumn)[],
  validity: Uint8Array | null,
): Utf8Column {
  const texts = parts.map((part) =>
    part.layout === 'utf8' ? part : encodeStrings(part.toArray()),
  );
  const offsets = concatOffsets(texts);
  const bytes = join(
    uint8(offsets[offsets.length - 1]!) as Uint8Array,
    texts.map((text) => used(text, text.bytes)),
  );
  return new Utf8Column(bytes, offsets, validity);
}

function concatDense(
  parts: readonly DenseVectorColumn[],
  validity: Uint8Array | null,
  name: string,
): DenseVectorColumn {
  const dim = sharedSize(
    parts.map((part) => [part, part.dim]),
    name,
  );
  const rows = rowsOf(parts);
  const wide = parts.some((part) => part.values instanceof Float64Array);
  const values = (wide ? float64 : float32)(rows * dim) as Float64Array | Float32Array;
  let at = 0;
  for (const part of parts) {
    if (part.dim === dim) values.set(part.values, at * dim);
    at += part.length;
  }
  return new DenseVectorColumn(values, dim, rows, validity);
}

function concatSparse(
  parts: readonly SparseVectorColumn[],
  validity: Uint8Array | null,
  name: string,
): SparseVectorColumn {
  const size = sharedSize(
    parts.map((part) => [part, part.size]),
    name,
  );
  const offsets = concatOffsets(parts);
  const entries = offsets[offsets.length - 1]!;
  const indices = join(
    int32(entries) as Int32Array,
    parts.map((part) => used(part, part.indices)),
  );
  const values = join(
    float64(entries) as Float64Array,
    parts.map((part) => used(part, part.values)),
  );
  return new SparseVectorColumn(size, offsets, indices, values, validity);
}

/** The size of all vectors. A part of nulls alone has none of its own: what it says is not asked. */
function sharedSize(parts: readonly (readonly [Column, number])[], name: string): number {
  const sized = parts.filter(([part]) => part.nullCount < part.length);
  const expected = (sized[0] ?? parts[0]!)[1];
  for (const [, got] of sized) {
    if (got === expected) continue;
    throw new DimensionMismatchError(
      `column ${JSON.stringify(name)} has vectors of ${got} entries in one table and of ${expected} in another.`,
      { details: { column: name, got, expected } },
    );
  }
  return expected;
}

function concatLists(
  parts: readonly ListColumn[],
  validity: Uint8Array | null,
  name: string,
): ListColumn {
  const children = parts.map(({ child, offsets }) =>
    child.slice(offsets[0]!, offsets[offsets.length - 1]!),
  );
  return new ListColumn(concatOffsets(parts), concatColumns(children, name), validity);
}
