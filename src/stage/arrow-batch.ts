/** The columns of one Arrow record batch, in memory of their own. See arrow-file.ts for the rules. */
import { DataError } from '../core/errors.js';
import { bitmapBytes } from '../table/bitmap.js';
import { BooleanColumn } from '../table/boolean-column.js';
import { float32, float64, int32, int64, uint8 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { checkOffsets, sortSparseRows } from '../table/column-check.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { Int64Column } from '../table/int64-column.js';
import { ListColumn } from '../table/list-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { TIME_UNITS, TimestampColumn } from '../table/timestamp-column.js';
import { Utf8Column } from '../table/utf8-column.js';
import { countAt, type FlatTable, type FlatVector } from './flatbuffer.js';

/** Numbers of Arrow's types in its flatbuffers. */
const ARROW = {
  int: 2,
  float: 3,
  utf8: 5,
  bool: 6,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixed: 16,
};
/** Nodes and buffers are two 64-bit integers each. */
const PAIR_BYTES = 16;
/** Sparse vectors are structs of lists of numbers: nothing is nested deeper. */
const MAX_DEPTH = 3;
/** Fields have one pair of metadata, and only if they are of sparse vectors. */
const MAX_METADATA = 16;

/** The type of a column, or of what it is made of. */
type FieldType =
  | { readonly kind: 'int32' | 'int64' | 'float32' | 'float64' | 'utf8' | 'bool' | 'list' }
  | { readonly kind: 'timestamp'; readonly unit: number }
  | { readonly kind: 'dense'; readonly dim: number }
  | { readonly kind: 'sparse'; readonly size: number };

/** A column as the schema declares it. */
export interface ArrowField {
  readonly name: string;
  readonly type: FieldType;
  /** The number of its dictionary; null: none. */
  readonly dictionary: number | null;
  readonly children: readonly ArrowField[];
}

/** A field of the schema. @throws DataError for a type that no saved table has. */
export function arrowField(field: FlatTable, depth = 0): ArrowField {
  const name = field.string(0);
  const children = depth < MAX_DEPTH - 1 ? field.vector(5, 4) : { length: 0 };
  if (children.length > 3) throw unknownType(name);
  const parts =
    children.length === 0 ? [] : field.tables(5).map((child) => arrowField(child, depth + 1));
  const type = typeOf(field, name, parts);
  const encoding = field.table(4);
  if (encoding !== null && (type.kind !== 'utf8' || !isInt32(encoding.table(1)))) {
    throw unknownType(name);
  }
  return { name, type, dictionary: encoding === null ? null : encoding.count(0), children: parts };
}

function typeOf(field: FlatTable, name: string, children: readonly ArrowField[]): FieldType {
  const type = field.table(3);
  const kinds = children.map((child) => child.type.kind).join();
  switch (type === null ? 0 : field.uint8(2)) {
    case ARROW.int:
      if (isInt32(type)) return { kind: 'int32' };
      if (type!.int32(0) === 64 && type!.bool(1)) return { kind: 'int64' };
      break;
    case ARROW.float:
      if (type!.int16(0) === 1) return { kind: 'float32' };
      if (type!.int16(0) === 2) return { kind: 'float64' };
      break;
    case ARROW.utf8:
      return { kind: 'utf8' };
    case ARROW.bool:
      return { kind: 'bool' };
    case ARROW.timestamp:
      if (TIME_UNITS[type!.int16(0)] !== undefined)
        return { kind: 'timestamp', unit: type!.int16(0) };
      break;
    case ARROW.list:
      if (/^(int32|int64|float32|float64|utf8|bool|timestamp)$/.test(kinds))
        return { kind: 'list' };
      break;
    case ARROW.fixed:
      if (/^float(32|64)$/.test(kinds) && type!.int32(0) >= 0) {
        return { kind: 'dense', dim: type!.int32(0) };
      }
      break;
    case ARROW.struct: {
      const names = children.map((child) => child.name).join();
      if (kinds !== 'int32,list,list' || names !== 'size,indices,values') break;
      const lists = children.slice(1).map((child) => child.children[0]!.type.kind);
      if (lists.join() === 'int32,float64') return { kind: 'sparse', size: sizeOf(field) };
    }
  }
  throw unknownType(name);
}

/** Sizes of sparse vectors are in the metadata, for tables without rows. */
function sizeOf(field: FlatTable): number {
  if (field.vector(6, 4).length > MAX_METADATA) throw new DataError('There is too much metadata.');
  const entry = field.tables(6).find((pair) => pair.string(0) === 'gyre.size');
  return entry === undefined ? 0 : Number(entry.string(1).slice(0, 16));
}

const isInt32 = (type: FlatTable | null): boolean =>
  type === null || (type.int32(0) === 32 && type.bool(1));

function unknownType(name: string): DataError {
  return new DataError(
    `Column ${JSON.stringify(name.slice(0, 60))} is of a type that no model has.`,
  );
}

type NumberArray = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** Reads columns in the order of the schema, each buffer once. */
export class BatchReader {
  readonly #view: DataView;
  readonly #body: Uint8Array;
  readonly #nodes: FlatVector;
  readonly #buffers: FlatVector;
  #node = 0;
  #buffer = 0;
  /** Where the buffer that was read last ends. */
  #end = 0;

  /** @param header The record batch, in the bytes of `view`. */
  constructor(header: FlatTable, view: DataView, body: Uint8Array) {
    this.#view = view;
    this.#body = body;
    this.#nodes = header.vector(1, PAIR_BYTES);
    this.#buffers = header.vector(2, PAIR_BYTES);
    if (header.table(3) !== null) throw new DataError('The columns must not be compressed.');
  }

  /** The next column, with the columns that it is made of. */
  column({ name, type, dictionary, children }: ArrowField): Column {
    if (dictionary !== null) throw unknownType(name);
    const rows = type.kind === 'utf8' ? 0 : this.#rows();
    switch (type.kind) {
      case 'utf8':
        return this.strings();
      case 'int32':
        return new NumericColumn(this.#numbers(int32, rows)) as Column;
      case 'int64':
        return new Int64Column(this.#numbers(int64, rows));
      case 'float32':
        return new NumericColumn(this.#numbers(float32, rows)) as Column;
      case 'float64':
        return new NumericColumn(this.#numbers(float64, rows)) as Column;
      case 'bool':
        return new BooleanColumn(this.#numbers(uint8, bitmapBytes(rows)), rows);
      case 'timestamp':
        return new TimestampColumn(this.#numbers(int64, rows), TIME_UNITS[type.unit]!);
      case 'list':
        return this.#list(rows, children[0]!);
      case 'dense':
        return this.#dense(rows, type.dim, children[0]!);
      case 'sparse':
        return this.#sparse(rows, type.size, children);
    }
  }

  /** The next column as codes of a dictionary. */
  codes(): Int32Array {
    return this.#numbers(int32, this.#rows());
  }

  /** The next column as strings. */
  strings(): Utf8Column {
    const offsets = this.#offsets(this.#rows());
    const bytes = this.#next();
    checkOffsets('A string', offsets, bytes.length, 'bytes');
    const copy = uint8(bytes.length);
    copy.set(bytes);
    return new Utf8Column(copy, offsets);
  }

  /** Throws when there is more than was read. */
  end(): void {
    if (this.#node === this.#nodes.length && this.#buffer === this.#buffers.length) return;
    throw new DataError('A batch has more columns than the schema.');
  }

  #list(rows: number, element: ArrowField): ListColumn {
    const offsets = this.#offsets(rows);
    const child = this.column(element);
    checkOffsets('A list', offsets, child.length, 'elements');
    return new ListColumn(offsets, child);
  }

  #dense(rows: number, dim: number, element: ArrowField): DenseVectorColumn {
    const { values } = this.column(element) as NumericColumn<Float64Array | Float32Array>;
    if (values.length === rows * dim) return new DenseVectorColumn(values, dim, rows);
    throw new DataError(`${rows} vectors of ${dim} entries cannot have ${values.length} in all.`);
  }

  #sparse(rows: number, size: number, children: readonly ArrowField[]): SparseVectorColumn {
    const [sizes, indices, entries] = children.map((child) => this.column(child)) as [
      NumericColumn,
      ListColumn,
      ListColumn,
    ];
    const { offsets } = indices;
    const isSame =
      sizes.length === rows &&
      indices.length === rows &&
      entries.length === rows &&
      sizes.values.every((got) => got === size) &&
      offsets.every((offset, i) => offset === entries.offsets[i]);
    if (!isSame) throw new DataError('The parts of sparse vectors do not fit together.');
    const [at, values] = [indices.child, entries.child] as [
      NumericColumn<Int32Array>,
      NumericColumn<Float64Array>,
    ];
    const sorted = sortSparseRows(size, offsets, at.values, values.values);
    return new SparseVectorColumn(size, offsets, sorted.indices, sorted.values);
  }

  /** Rows of the next column, which has no null; what marks null rows is passed over. */
  #rows(): number {
    if (this.#node >= this.#nodes.length) throw new DataError('A batch lacks a column.');
    const at = this.#nodes.at + PAIR_BYTES * this.#node++;
    if (countAt(this.#view, at + 8) > 0) throw new DataError('A column must not have null.');
    this.#next();
    return countAt(this.#view, at);
  }

  /** The next buffer, where it lies. Buffers do not overlap: that would multiply the work. */
  #next(): Uint8Array {
    if (this.#buffer >= this.#buffers.length) throw new DataError('A batch lacks a buffer.');
    const at = this.#buffers.at + PAIR_BYTES * this.#buffer++;
    const [start, length] = [countAt(this.#view, at), countAt(this.#view, at + 8)];
    if (length === 0) return new Uint8Array(0);
    if (start < this.#end || start + length > this.#body.length) {
      throw new DataError('A buffer does not lie inside the batch, behind the one before it.');
    }
    this.#end = start + length;
    return this.#body.subarray(start, start + length);
  }

  #numbers<A extends NumberArray>(allocate: (n: number) => A, n: number): A {
    const bytes = this.#next();
    const wanted = n * allocate(0).BYTES_PER_ELEMENT;
    if (wanted > bytes.length) {
      throw new DataError(`${n} values need ${wanted} bytes, got ${bytes.length}.`);
    }
    const copy = allocate(n);
    new Uint8Array(copy.buffer).set(bytes.subarray(0, wanted));
    return copy;
  }

  /** One offset more than there are rows; none need be written where there are no rows. */
  #offsets(rows: number): Int32Array {
    if (rows > 0) return this.#numbers(int32, rows + 1);
    this.#next();
    return int32(1);
  }
}
