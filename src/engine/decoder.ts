/** Reads values in the form of wire.ts. */
import { deserialize } from 'node:v8';
import { markAsUntransferable } from 'node:worker_threads';
import { invariant } from '../core/errors.js';
import type { Region } from '../memory/ring.js';
import { type ColumnParts, columnFromParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import { DenseVector, SparseVector } from '../table/vector.js';
import type { Shard, ShardRef } from './shard.js';
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
  type TypedClass,
  UNDEFINED,
} from './wire.js';

/** Arrays that share the memory of a slab. */
const ARRAYS_PER_SLAB = 8;
/** Typed arrays up to so many bytes are cut from the first slab that has them, see {@link Slab}. */
const SMALL_BYTES = 1024;
const MEDIUM_BYTES = 16_384;

/**
 * Memory of small typed arrays, shared as that of Node's small Buffers is: an ArrayBuffer of its
 * own for each would cost many times more than the rest of decoding it.
 */
class Slab {
  readonly #bytes: number;
  #words: Int32Array<ArrayBuffer> = new Int32Array(0);
  #next = 0;

  constructor(arrayBytes: number) {
    this.#bytes = arrayBytes * ARRAYS_PER_SLAB;
  }

  /** A copy of `bytes` bytes of a region, as an array of that class. */
  copy(Class: TypedClass, region: Region, at: number, bytes: number, length: number): TypedArray {
    const words = pad8(bytes) >>> 2;
    if (this.#next + words > this.#words.length) this.#renew();
    const start = this.#next;
    this.#next += words;
    const target = this.#words;
    const source = region.i32;
    const from = at >>> 2;
    if (words > 32) target.set(source.subarray(from, from + words), start);
    else for (let i = 0; i < words; i++) target[start + i] = source[from + i]!;
    return new Class(target.buffer, start * 4, length);
  }

  #renew(): void {
    this.#words = new Int32Array(this.#bytes / 4);
    this.#next = 0;
    // Whoever sends such an array on with a transfer list must not take the others away.
    markAsUntransferable(this.#words.buffer);
  }
}

/** Short texts seen before, most of all keys: found by their bytes. */
class TextCache {
  readonly #entries: ({ readonly words: Int32Array; readonly text: string } | undefined)[] =
    new Array<undefined>(512).fill(undefined);

  read({ i32, bytes }: Region, at: number, length: number): string {
    const first = at >>> 2;
    // The padding is whatever was there before: the last word is masked.
    const full = length >>> 2;
    const mask = (1 << ((length & 3) * 8)) - 1;
    let hash = length;
    for (let i = 0; i < full; i++) hash = Math.imul(hash ^ i32[first + i]!, 0x9e3779b1);
    const last = mask === 0 ? 0 : i32[first + full]! & mask;
    hash = Math.imul(hash ^ last, 0x9e3779b1);
    const index = (hash >>> 20) & 511;
    const known = this.#entries[index];
    if (known !== undefined && isSame(known.words, i32, first, full, last, length)) {
      return known.text;
    }
    const text = bytes.toString('utf8', at, at + length);
    const words = new Int32Array(full + 2);
    for (let i = 0; i < full; i++) words[i] = i32[first + i]!;
    words[full] = last;
    words[full + 1] = length;
    this.#entries[index] = { words, text };
    return text;
  }
}

/** Compares an entry of the cache: its full words, the masked last one, and the length. */
function isSame(
  words: Int32Array,
  i32: Int32Array,
  first: number,
  full: number,
  last: number,
  length: number,
): boolean {
  if (words.length !== full + 2 || words[full] !== last || words[full + 1] !== length) return false;
  for (let i = 0; i < full; i++) if (words[i] !== i32[first + i]) return false;
  return true;
}

const small = new Slab(SMALL_BYTES);
const medium = new Slab(MEDIUM_BYTES);
const texts = new TextCache();

class Decoder {
  readonly #region: Region;
  readonly #inPlace: boolean;
  readonly #shards: ((ref: ShardRef) => Shard) | null;
  #at: number;

  constructor(
    region: Region,
    offset: number,
    inPlace: boolean,
    shards: ((ref: ShardRef) => Shard) | null,
  ) {
    this.#region = region;
    this.#inPlace = inPlace;
    this.#shards = shards;
    this.#at = offset;
  }

  read(): unknown {
    const { i32 } = this.#region;
    const word = this.#at >>> 2;
    const tag = i32[word]!;
    const aux = i32[word + 1]!;
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
        return this.#text(aux);
      case TYPED:
        return this.#typed(aux);
      case ARRAY:
        return this.#array(aux);
      case OBJECT:
        return this.#objectOf(aux);
      case MAP: {
        const keys = this.#array(aux);
        return new Map(keys.map((key) => [key, this.read()]));
      }
      case SET:
        return new Set(this.#array(aux));
      case TABLE: {
        const names = this.#array(aux) as string[];
        const columns = names.map((name) => [name, this.#column()] as const);
        return Table.fromColumns(new Map(columns));
      }
      case DENSE:
        return new DenseVector(this.read() as Float64Array);
      case SPARSE:
        return new SparseVector(
          this.#number(),
          this.read() as Int32Array,
          this.read() as Float64Array,
        );
      case SHARD:
        invariant(this.#shards !== null, 'a reference to a shard is only in checkpoints');
        return this.#shards({ node: aux, index: this.#number() });
      default:
        invariant(tag === OTHER, `a record has the unknown tag ${tag}`);
        return this.#other(aux);
    }
  }

  #column(): ReturnType<typeof columnFromParts> {
    return columnFromParts(this.read() as ColumnParts);
  }

  #number(): number {
    const value = this.#region.f64[this.#at >>> 3]!;
    this.#at += 8;
    return value;
  }

  #text(length: number): string {
    const at = this.#at;
    this.#at += pad8(length);
    if (length <= SHORT_TEXT) return texts.read(this.#region, at, length);
    return this.#region.bytes.toString('utf8', at, at + length);
  }

  #array(length: number): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < length; i++) values.push(this.read());
    return values;
  }

  #typed(kind: number): TypedArray {
    const Class = TYPED_CLASSES[kind]!;
    const length = this.#number();
    const at = this.#at;
    const bytes = length * Class.BYTES_PER_ELEMENT;
    this.#at += pad8(bytes);
    if (bytes <= MEDIUM_BYTES && !this.#inPlace) {
      const slab = bytes <= SMALL_BYTES ? small : medium;
      return slab.copy(Class, this.#region, at, bytes, length);
    }
    const { buffer, byteOffset } = this.#region.bytes;
    const view = new Class(buffer, byteOffset + at, length);
    // `slice` of a view of shared memory gives memory of its own, not shared.
    return this.#inPlace ? view : view.slice();
  }

  #objectOf(keys: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < keys; i++) {
      const key = this.read() as string;
      const value = this.read();
      if (key !== '__proto__') object[key] = value;
      else Object.defineProperty(object, key, { value, ...OWN });
    }
    return object;
  }

  #other(length: number): unknown {
    const bytes = Buffer.alloc(length);
    this.#region.bytes.copy(bytes, 0, this.#at, this.#at + length);
    this.#at += pad8(length);
    return deserialize(bytes);
  }
}

const OWN = { writable: true, enumerable: true, configurable: true };

/**
 * Reads a value that an encoder wrote.
 *
 * @param inPlace Typed arrays become views of the region's memory, valid only until the frame is
 *   released; otherwise they are copies, small ones as pieces of a larger buffer.
 * @param shards Finds the shards that a checkpoint refers to.
 */
export function decode(
  region: Region,
  offset: number,
  inPlace = false,
  shards: ((ref: ShardRef) => Shard) | null = null,
): unknown {
  return new Decoder(region, offset, inPlace, shards).read();
}
