/**
 * How a value travels between threads: a flat, 8-byte aligned form that is written straight into a
 * ring or a segment, without an intermediate buffer.
 *
 * ```text
 * cell      i32 tag | i32 aux
 * number    cell NUMBER, f64
 * string    cell STRING (aux = bytes of UTF-8), bytes padded to 8
 * typed     cell TYPED (aux = kind), f64 length, elements padded to 8
 * array     cell ARRAY (aux = length), values
 * object    cell OBJECT (aux = keys), then key string and value by turns
 * table     cell TABLE (aux = columns), then per column its name and parts
 * other     cell OTHER (aux = bytes), the structured clone as node:v8 writes it
 * ```
 *
 * Plain objects, arrays, typed arrays, numbers, strings, booleans, null and undefined, tables and
 * vectors take the fast forms; Date, Map, Set, BigInt and the like go through node:v8. Functions
 * and instances of other classes do not travel.
 */
import { deserialize, serialize } from 'node:v8';
import { PlanError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Region } from '../memory/ring.js';
import type { Column } from '../table/column.js';
import { type ColumnParts, columnFromParts, columnToParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import { DenseVector, SparseVector } from '../table/vector.js';

const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const INT = 4;
const NUMBER = 5;
const STRING = 6;
const TYPED = 7;
const ARRAY = 8;
const OBJECT = 9;
const TABLE = 10;
const DENSE = 11;
const SPARSE = 12;
const OTHER = 13;

type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | BigInt64Array
  | BigUint64Array;

const TYPED_CLASSES = [
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Uint8Array,
  Int8Array,
  Int16Array,
  Uint16Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const typedKind = (value: TypedArray): number =>
  TYPED_CLASSES.findIndex((Class) => value instanceof Class);

const pad8 = (bytes: number): number => (bytes + 7) & ~7;

const isTyped = (value: object): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A value prepared for writing: node:v8's bytes are made once, by {@link measure}. */
interface Prepared {
  readonly other: Map<object | bigint, Buffer>;
}

function otherBytes(value: object | bigint | symbol, prepared: Prepared): Buffer {
  if (typeof value === 'symbol') throw untransferable(value);
  const known = prepared.other.get(value);
  if (known !== undefined) return known;
  if (typeof value === 'object' && !(value instanceof Date || value instanceof Map)) {
    const name = value.constructor?.name;
    const cloneable = ['Set', 'RegExp', 'ArrayBuffer', 'DataView', 'Error', 'Buffer'];
    if (!cloneable.includes(name)) throw untransferable(value);
  }
  const bytes = serialize(value);
  prepared.other.set(value, bytes);
  return bytes;
}

function untransferable(value: unknown): PlanError {
  return new PlanError(
    `A record must be plain data to reach another thread, got ${showValue(value)}: use plain ` +
      'objects, arrays, typed arrays, tables or vectors, or keep its operators on one subtask.',
    { details: { got: showValue(value) } },
  );
}

/** Bytes that {@link write} will use for the value: a multiple of 8. */
function measure(value: unknown, prepared: Prepared): number {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      return 8;
    case 'number':
      return Number.isInteger(value) && (value | 0) === value && !Object.is(value, -0) ? 8 : 16;
    case 'string':
      return 8 + pad8(Buffer.byteLength(value));
    case 'bigint':
      return 8 + pad8(otherBytes(value, prepared).length);
    case 'object':
      return value === null ? 8 : measureObject(value, prepared);
    default:
      throw untransferable(value);
  }
}

function measureObject(value: object, prepared: Prepared): number {
  if (isTyped(value)) return 16 + pad8(value.byteLength);
  if (Array.isArray(value)) {
    return value.reduce((sum: number, item) => sum + measure(item, prepared), 8);
  }
  if (isPlain(value)) {
    let bytes = 8;
    for (const key in value) bytes += measure(key, prepared) + measure(value[key], prepared);
    return bytes;
  }
  if (value instanceof Table) {
    let bytes = 8;
    for (const name of value.columnNames) {
      bytes += measure(name, prepared) + measure(columnToParts(value.column(name)), prepared);
    }
    return bytes;
  }
  if (value instanceof DenseVector) return 8 + measure(value.values, prepared);
  if (value instanceof SparseVector) {
    return 16 + measure(value.indices, prepared) + measure(value.values, prepared);
  }
  return 8 + pad8(otherBytes(value, prepared).length);
}

/** Writes one value; a fresh one for each, since sizes and bytes are found once. */
export class Encoder {
  readonly #prepared: Prepared = { other: new Map() };
  readonly #value: unknown;
  /** Bytes that {@link writeTo} uses. */
  readonly bytes: number;
  #region!: Region;
  #at = 0;

  constructor(value: unknown) {
    this.#value = value;
    this.bytes = measure(value, this.#prepared);
  }

  /** Writes the value at a byte offset that is a multiple of 8. */
  writeTo(region: Region, offset: number): void {
    this.#region = region;
    this.#at = offset;
    this.#write(this.#value);
  }

  #cell(tag: number, aux: number): void {
    const { i32 } = this.#region;
    i32[this.#at >> 2] = tag;
    i32[(this.#at >> 2) + 1] = aux;
    this.#at += 8;
  }

  #number(value: number): void {
    this.#region.f64[this.#at >> 3] = value;
    this.#at += 8;
  }

  #raw(bytes: Uint8Array): void {
    this.#region.bytes.set(bytes, this.#at);
    this.#at += pad8(bytes.length);
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.#cell(UNDEFINED, 0);
        return;
      case 'boolean':
        this.#cell(value ? TRUE : FALSE, 0);
        return;
      case 'number':
        if ((value | 0) === value && !Object.is(value, -0)) {
          this.#cell(INT, value);
        } else {
          this.#cell(NUMBER, 0);
          this.#number(value);
        }
        return;
      case 'string':
        this.#string(value);
        return;
      case 'object':
        if (value === null) this.#cell(NULL, 0);
        else this.#object(value);
        return;
      default:
        this.#other(value as bigint);
    }
  }

  #string(value: string): void {
    const length = Buffer.byteLength(value);
    this.#cell(STRING, length);
    this.#region.bytes.write(value, this.#at, length, 'utf8');
    this.#at += pad8(length);
  }

  #other(value: object | bigint): void {
    const bytes = otherBytes(value, this.#prepared);
    this.#cell(OTHER, bytes.length);
    this.#raw(bytes);
  }

  #object(value: object): void {
    if (isTyped(value)) {
      this.#cell(TYPED, typedKind(value));
      this.#number(value.length);
      this.#raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (Array.isArray(value)) {
      this.#cell(ARRAY, value.length);
      for (const item of value) this.#write(item);
    } else if (isPlain(value)) {
      let keys = 0;
      for (const _ in value) keys++;
      this.#cell(OBJECT, keys);
      for (const key in value) {
        this.#string(key);
        this.#write(value[key]);
      }
    } else if (value instanceof Table) {
      this.#table(value);
    } else if (value instanceof DenseVector) {
      this.#cell(DENSE, 0);
      this.#write(value.values);
    } else if (value instanceof SparseVector) {
      this.#cell(SPARSE, 0);
      this.#number(value.size);
      this.#write(value.indices);
      this.#write(value.values);
    } else {
      this.#other(value);
    }
  }

  #table(table: Table): void {
    this.#cell(TABLE, table.columnNames.length);
    for (const name of table.columnNames) {
      this.#string(name);
      this.#write(columnToParts(table.column(name)));
    }
  }
}

/** Reads the value at an offset of a region. */
class Decoder {
  readonly #region: Region;
  readonly #inPlace: boolean;
  #at: number;

  constructor(region: Region, offset: number, inPlace: boolean) {
    this.#region = region;
    this.#inPlace = inPlace;
    this.#at = offset;
  }

  read(): unknown {
    const { i32 } = this.#region;
    const tag = i32[this.#at >> 2]!;
    const aux = i32[(this.#at >> 2) + 1]!;
    this.#at += 8;
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case INT:
        return aux;
      case NUMBER:
        return this.#number();
      case STRING:
        return this.#string(aux);
      case TYPED:
        return this.#typed(aux);
      case ARRAY:
        return Array.from({ length: aux }, () => this.read());
      case OBJECT:
        return this.#objectOf(aux);
      case TABLE:
        return this.#table(aux);
      case DENSE:
        return new DenseVector(this.read() as Float64Array);
      case SPARSE:
        return new SparseVector(
          this.#number(),
          this.read() as Int32Array,
          this.read() as Float64Array,
        );
      default:
        return this.#other(aux);
    }
  }

  #number(): number {
    const value = this.#region.f64[this.#at >> 3]!;
    this.#at += 8;
    return value;
  }

  #string(length: number): string {
    const text = this.#region.bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += pad8(length);
    return text;
  }

  #typed(kind: number): TypedArray {
    const Class = TYPED_CLASSES[kind]!;
    const length = this.#number();
    const { buffer, byteOffset } = this.#region.bytes;
    const view = new Class(buffer as ArrayBuffer, byteOffset + this.#at, length);
    this.#at += pad8(view.byteLength);
    // `slice` of a view of shared memory gives memory of its own, not shared.
    return this.#inPlace ? view : view.slice();
  }

  #objectOf(keys: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < keys; i++) {
      const key = this.read() as string;
      object[key] = this.read();
    }
    return object;
  }

  #table(columns: number): Table {
    const parts: [string, Column][] = [];
    for (let i = 0; i < columns; i++) {
      const name = this.read() as string;
      parts.push([name, columnFromParts(this.read() as ColumnParts)]);
    }
    return Table.fromColumns(new Map(parts));
  }

  #other(length: number): unknown {
    const bytes = Buffer.alloc(length);
    this.#region.bytes.copy(bytes, 0, this.#at, this.#at + length);
    this.#at += pad8(length);
    return deserialize(bytes);
  }
}

/**
 * Reads a value that an {@link Encoder} wrote.
 *
 * @param inPlace Typed arrays become views of the region's memory, valid only until the frame is
 *   released; otherwise they are copies.
 */
export function decode(region: Region, offset: number, inPlace = false): unknown {
  return new Decoder(region, offset, inPlace).read();
}
