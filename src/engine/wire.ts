/**
 * How a value travels between threads: a flat, 8-byte aligned form that is written straight into a
 * ring or a segment, without an intermediate buffer; see encoder.ts and decoder.ts.
 *
 * ```text
 * cell      i32 tag | i32 aux
 * number    cell INT (aux = value), or cell NUMBER, f64
 * string    cell STRING (aux = bytes of UTF-8), bytes padded to 8
 * typed     cell TYPED (aux = kind), f64 length, elements padded to 8
 * array     cell ARRAY (aux = length), values
 * object    cell OBJECT (aux = keys), then key string and value by turns
 * map, set  cell MAP or SET (aux = size), then keys and values by turns, or values
 * table     cell TABLE (aux = columns), then per column its name and parts
 * vector    cell DENSE, values; or cell SPARSE, f64 size, indices, values
 * shard     cell SHARD (aux = its node), f64 index; only in checkpoints, see shard.ts
 * other     cell OTHER (aux = bytes), the structured clone as node:v8 writes it
 * ```
 *
 * Date, BigInt, RegExp, ArrayBuffer, DataView and Error go through node:v8. Functions, symbols and
 * instances of other classes do not travel.
 */

export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
export const INT = 4;
export const NUMBER = 5;
export const STRING = 6;
export const TYPED = 7;
export const ARRAY = 8;
export const OBJECT = 9;
export const MAP = 10;
export const SET = 11;
export const TABLE = 12;
export const DENSE = 13;
export const SPARSE = 14;
export const OTHER = 15;
export const SHARD = 16;

/** A typed array that travels as it is; its kind is its class's place in {@link TYPED_CLASSES}. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | BigInt64Array
  | BigUint64Array
  | Uint8ClampedArray;

export interface TypedClass {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
}

export const TYPED_CLASSES: readonly TypedClass[] = [
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
  Uint8ClampedArray,
];

/** Texts up to this long are written and read by plain loops, which beats a call out of JS. */
export const SHORT_TEXT = 32;

export const pad8 = (bytes: number): number => Math.ceil(bytes / 8) * 8;
