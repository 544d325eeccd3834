/** Writes values in the form of wire.ts. */
import { serialize } from 'node:v8';
import { PlanError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Region } from '../memory/ring.js';
import { type ColumnParts, columnToParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import { DenseVector, SparseVector } from '../table/vector.js';
import { residentRef, type ShardRef } from './shard.js';
import {
  ARRAY,
  DENSE,
  FALSE,
  INT,
  MAP,
  NULL,
  NUMBER,
  OBJECT,
  OTHER,
  pad8,
  SET,
  SHARD,
  SHORT_TEXT,
  SPARSE,
  STRING,
  TABLE,
  TRUE,
  TYPED,
  TYPED_CLASSES,
  type TypedArray,
  UNDEFINED,
} from './wire.js';

/** UTF-8 has no form for half a surrogate pair. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const isInt = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);

const typedKind = (value: TypedArray): number =>
  TYPED_CLASSES.findIndex((Class) => value instanceof Class);

const isTyped = (value: object): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Length of a short text that is pure ASCII, else -1. */
function asciiLength(text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT) return -1;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 0x7f) return -1;
  return length;
}

function untransferable(value: unknown): PlanError {
  return new PlanError(
    `A record must be plain data to reach another thread, got ${showValue(value)}: use plain ` +
      'objects, arrays, typed arrays, tables or vectors, or keep its operators on one subtask.',
    { details: { got: showValue(value) } },
  );
}

const CLONED = [Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView, Error];

function cloned(value: unknown): Buffer {
  const known = typeof value !== 'object' || CLONED.some((Class) => value instanceof Class);
  if (typeof value === 'symbol' || typeof value === 'function' || !known) {
    throw untransferable(value);
  }
  try {
    return serialize(value instanceof SharedArrayBuffer ? value.slice(0) : value);
  } catch {
    throw untransferable(value);
  }
}

/** One value, measured when it is made, to be written any number of times. */
export class Encoder {
  /** Bytes that {@link writeTo} uses: a multiple of 8. */
  readonly bytes: number;
  readonly #value: unknown;
  readonly #refs: ShardRef[] | null;
  /** What is made while measuring and needed again for writing, by value: clones and parts. */
  #prepared: Map<unknown, unknown> | null = null;
  #region!: Region;
  #at = 0;

  /**
   * @param refs For a checkpoint: shards that lie on this thread are written as references, which
   *   are added here.
   */
  constructor(value: unknown, refs: ShardRef[] | null = null) {
    this.#value = value;
    this.#refs = refs;
    this.bytes = this.#measure(value);
  }

  /** Writes the value at a byte offset that is a multiple of 8. */
  writeTo(region: Region, offset: number): void {
    this.#region = region;
    this.#at = offset;
    this.#write(this.#value);
  }

  #prepare<T>(value: unknown, make: () => T): T {
    this.#prepared ??= new Map();
    if (!this.#prepared.has(value)) this.#prepared.set(value, make());
    return this.#prepared.get(value) as T;
  }

  #clone(value: unknown): Buffer {
    return this.#prepare(value, () => cloned(value));
  }

  #partsOf(table: Table): ColumnParts[] {
    return this.#prepare(table, () =>
      table.columnNames.map((name) => columnToParts(table.column(name))),
    );
  }

  #measure(value: unknown): number {
    switch (typeof value) {
      case 'undefined':
      case 'boolean':
        return 8;
      case 'number':
        return isInt(value) ? 8 : 16;
      case 'string':
        return this.#measureText(value);
      case 'object':
        return value === null ? 8 : this.#measureObject(value);
      default:
        return 8 + pad8(this.#clone(value).length);
    }
  }

  #measureText(text: string): number {
    const ascii = asciiLength(text);
    if (ascii >= 0) return 8 + pad8(ascii);
    const bytes = Buffer.byteLength(text);
    if (bytes > text.length && LONE_SURROGATE.test(text)) {
      return 8 + pad8(this.#clone(text).length);
    }
    return 8 + pad8(bytes);
  }

  #measureObject(value: object): number {
    if (isTyped(value)) {
      if (typedKind(value) < 0) throw untransferable(value);
      return 16 + pad8(value.byteLength);
    }
    if (Array.isArray(value)) return this.#measureAll(value);
    if (isPlain(value)) {
      const ref = this.#shardRef(value);
      if (ref !== undefined) {
        this.#refs!.push(ref);
        return 16;
      }
      let bytes = 8;
      for (const key in value) bytes += this.#measureText(key) + this.#measure(value[key]);
      return bytes;
    }
    if (value instanceof Map)
      return this.#measureAll(value.keys()) + this.#measureAll(value.values()) - 8;
    if (value instanceof Set) return this.#measureAll(value);
    if (value instanceof Table) {
      return this.#measureAll(value.columnNames) + this.#measureAll(this.#partsOf(value)) - 8;
    }
    if (value instanceof DenseVector) return 8 + this.#measure(value.values);
    if (value instanceof SparseVector) {
      return 16 + this.#measure(value.indices) + this.#measure(value.values);
    }
    return 8 + pad8(this.#clone(value).length);
  }

  #measureAll(values: Iterable<unknown>): number {
    let bytes = 8;
    for (const value of values) bytes += this.#measure(value);
    return bytes;
  }

  #cell(tag: number, aux: number): void {
    const { i32 } = this.#region;
    const word = this.#at >>> 2;
    i32[word] = tag;
    i32[word + 1] = aux;
    this.#at += 8;
  }

  #number(value: number): void {
    this.#region.f64[this.#at >>> 3] = value;
    this.#at += 8;
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
        if (isInt(value)) {
          this.#cell(INT, value);
          return;
        }
        this.#cell(NUMBER, 0);
        this.#number(value);
        return;
      case 'string':
        this.#text(value);
        return;
      case 'object':
        if (value === null) this.#cell(NULL, 0);
        else this.#object(value);
        return;
      default:
        this.#other(value);
    }
  }

  #text(text: string): void {
    const { bytes } = this.#region;
    const ascii = asciiLength(text);
    if (ascii >= 0) {
      this.#cell(STRING, ascii);
      for (let i = 0; i < ascii; i++) bytes[this.#at + i] = text.charCodeAt(i);
      this.#at += pad8(ascii);
      return;
    }
    if (this.#prepared?.has(text)) {
      this.#other(text);
      return;
    }
    const length = Buffer.byteLength(text);
    this.#cell(STRING, length);
    bytes.write(text, this.#at, length, 'utf8');
    this.#at += pad8(length);
  }

  #other(value: unknown): void {
    const bytes = this.#clone(value);
    this.#cell(OTHER, bytes.length);
    this.#region.bytes.set(bytes, this.#at);
    this.#at += pad8(bytes.length);
  }

  #object(value: object): void {
    if (isTyped(value)) {
      this.#typed(value);
    } else if (Array.isArray(value)) {
      this.#all(ARRAY, value.length, value);
    } else if (isPlain(value)) {
      this.#plain(value);
    } else if (value instanceof Map) {
      this.#all(MAP, value.size, value.keys());
      for (const item of value.values()) this.#write(item);
    } else if (value instanceof Set) {
      this.#all(SET, value.size, value);
    } else if (value instanceof Table) {
      this.#all(TABLE, value.columnNames.length, value.columnNames);
      for (const parts of this.#partsOf(value)) this.#write(parts);
    } else if (value instanceof DenseVector) {
      this.#cell(DENSE, 0);
      this.#typed(value.values);
    } else if (value instanceof SparseVector) {
      this.#cell(SPARSE, 0);
      this.#number(value.size);
      this.#typed(value.indices);
      this.#typed(value.values);
    } else {
      this.#other(value);
    }
  }

  #all(tag: number, length: number, values: Iterable<unknown>): void {
    this.#cell(tag, length);
    for (const value of values) this.#write(value);
  }

  #shardRef(value: object): ShardRef | undefined {
    return this.#refs === null ? undefined : residentRef(value);
  }

  #plain(value: Record<string, unknown>): void {
    const ref = this.#shardRef(value);
    if (ref !== undefined) {
      this.#cell(SHARD, ref.node);
      this.#number(ref.index);
      return;
    }
    const start = this.#at;
    this.#cell(OBJECT, 0);
    let keys = 0;
    for (const key in value) {
      this.#text(key);
      this.#write(value[key]);
      keys++;
    }
    this.#region.i32[(start >>> 2) + 1] = keys;
  }

  #typed(value: TypedArray): void {
    this.#cell(TYPED, typedKind(value));
    this.#number(value.length);
    const region = this.#region;
    if (value instanceof Float64Array) region.f64.set(value, this.#at >>> 3);
    else if (value instanceof Int32Array) region.i32.set(value, this.#at >>> 2);
    else
      region.bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), this.#at);
    this.#at += pad8(value.byteLength);
  }
}

/** One value for several consumers: measured at most once, and only when one is on another thread. */
export class SharedEncoder {
  readonly #value: unknown;
  #encoder: Encoder | null = null;

  constructor(value: unknown) {
    this.#value = value;
  }

  get encoder(): Encoder {
    this.#encoder ??= new Encoder(this.#value);
    return this.#encoder;
  }
}
