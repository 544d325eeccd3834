/**
 * A column as plain data: its typed arrays and a few scalars. What travels between threads, is
 * placed in kernel memory, and is saved.
 */
import { FormatError } from '../core/errors.js';
import { BooleanColumn } from './boolean-column.js';
import { int32 } from './buffers.js';
import type { Column } from './column.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { DictionaryColumn } from './dictionary-column.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { NumericColumn } from './numeric-column.js';
import { SparseVectorColumn } from './sparse-vector-column.js';
import { TimestampColumn, type TimeUnit } from './timestamp-column.js';
import { Utf8Column } from './utf8-column.js';

/** Any array of a column. */
export type PartArray = Float64Array | Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** A column as plain data. */
export interface ColumnParts {
  readonly layout: Column['layout'];
  readonly length: number;
  readonly arrays: Readonly<Record<string, PartArray>>;
  /** `dim`, `size`, `unit` or `labels`, where the layout has them. */
  readonly dim?: number;
  readonly size?: number;
  readonly unit?: TimeUnit;
  readonly labels?: readonly string[];
  readonly child?: ColumnParts;
}

/** Offsets of a slice, counted from zero. The array itself when they are. */
function rebased(offsets: Int32Array): Int32Array {
  const first = offsets[0]!;
  if (first === 0) return offsets;
  const fromZero = int32(offsets.length);
  copyOffsets(offsets, fromZero);
  return fromZero;
}

/** Copies offsets such that they count from zero. */
export function copyOffsets(offsets: Int32Array, fromZero: Int32Array): void {
  const first = offsets[0]!;
  // A plain loop: `map` calls a function an entry.
  for (let i = 0; i < offsets.length; i++) fromZero[i] = offsets[i]! - first;
}

/**
 * The parts of a column, without what a slice does not show: offsets start at zero and the arrays
 * behind them are cut. Zero-copy but for the offsets of a slice.
 */
export function columnToParts(column: Column): ColumnParts {
  return rebasedParts(columnViews(column));
}

function rebasedParts({ arrays, child, ...rest }: ColumnParts): ColumnParts {
  const offsets = arrays.offsets as Int32Array | undefined;
  return {
    ...rest,
    arrays: offsets === undefined ? arrays : { ...arrays, offsets: rebased(offsets) },
    ...(child && { child: rebasedParts(child) }),
  };
}

/** {@link columnToParts} without any copy: `offsets` count from their first, which may be any. */
export function columnViews(column: Column): ColumnParts {
  const { layout, length } = column;
  const validity = column.validity === null ? null : { validity: column.validity };
  switch (column.layout) {
    case 'numeric':
    case 'int64':
    case 'boolean':
      return { layout, length, arrays: { values: column.values, ...validity } };
    case 'timestamp':
      return { layout, length, unit: column.unit, arrays: { values: column.values, ...validity } };
    case 'dense':
      return { layout, length, dim: column.dim, arrays: { values: column.values, ...validity } };
    case 'dictionary':
      return {
        layout,
        length,
        labels: column.labels,
        arrays: { codes: column.codes, ...validity },
      };
    case 'utf8': {
      const [start, end] = [column.offsets[0]!, column.offsets[length]!];
      const bytes = column.bytes.subarray(start, end);
      return { layout, length, arrays: { bytes, offsets: column.offsets, ...validity } };
    }
    case 'sparse': {
      const [start, end] = [column.offsets[0]!, column.offsets[length]!];
      const arrays = {
        offsets: column.offsets,
        indices: column.indices.subarray(start, end),
        values: column.values.subarray(start, end),
        ...validity,
      };
      return { layout, length, size: column.size, arrays };
    }
    case 'list': {
      const child = column.child.slice(column.offsets[0]!, column.offsets[length]!) as Column;
      const arrays = { offsets: column.offsets, ...validity };
      return { layout, length, arrays, child: columnViews(child) };
    }
  }
}

/** The column of its parts. The arrays are taken as they are. */
export function columnFromParts(parts: ColumnParts): Column {
  const { arrays, length } = parts;
  const validity = (arrays.validity as Uint8Array | undefined) ?? null;
  const values = arrays.values;
  const offsets = arrays.offsets as Int32Array;
  switch (parts.layout) {
    case 'numeric':
      return new NumericColumn(values as Float64Array, validity) as Column;
    case 'int64':
      return new Int64Column(values as BigInt64Array, validity);
    case 'boolean':
      return new BooleanColumn(values as Uint8Array, length, validity);
    case 'timestamp':
      return new TimestampColumn(values as BigInt64Array, parts.unit!, validity);
    case 'dense':
      return new DenseVectorColumn(values as Float64Array, parts.dim!, length, validity);
    case 'dictionary':
      return new DictionaryColumn(arrays.codes as Int32Array, parts.labels!, validity);
    case 'utf8':
      return new Utf8Column(arrays.bytes as Uint8Array, offsets, validity);
    case 'sparse': {
      const indices = arrays.indices as Int32Array;
      return new SparseVectorColumn(
        parts.size!,
        offsets,
        indices,
        values as Float64Array,
        validity,
      );
    }
    case 'list':
      return new ListColumn(offsets, columnFromParts(parts.child!), validity);
    default:
      throw new FormatError(`A column has the unknown layout ${JSON.stringify(parts.layout)}.`);
  }
}
