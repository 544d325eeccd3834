/**
 * Keys: where the key of a record comes from, and the hash by which keys choose among subtasks.
 * The hash is a function of the key alone, the same on every machine and in every process.
 */
import { DataError, GyreError, OperatorError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Key } from './operator.js';

/** A selector of keys, for `keyBy`: an exported class with `static module`. */
export interface KeySelector<T = never> {
  /** The key of a record: always the same for the same record, on any thread. */
  key(value: T): Key;
}

/** Gives the key of a record, checked. */
export type KeyOf = (value: unknown) => Key;

/** Reads the key from a field of the record. `who` names the keyBy and its operator in errors. */
export function keyOfField(who: string, field: string): KeyOf {
  return (value) => {
    if (typeof value === 'object' && value !== null) {
      return checkKey(who, (value as Readonly<Record<string, unknown>>)[field]);
    }
    throw new DataError(`${who}: a record must be an object, got ${showValue(value)}.`, {
      details: { operator: who, field, got: showValue(value) },
    });
  };
}

/** Asks a selector for the key. What it throws becomes an {@link OperatorError}. */
export function keyOfSelector(who: string, selector: KeySelector): KeyOf {
  return (value) => {
    let key: unknown;
    try {
      key = selector.key(value as never);
    } catch (error) {
      throw selectorFailure(who, error);
    }
    return checkKey(who, key);
  };
}

/** What goes wrong in a selector, said in our words; our own errors stay what they are. */
export function selectorFailure(who: string, error: unknown): GyreError {
  if (error instanceof GyreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OperatorError(`${who} threw: ${message}`, {
    details: { operator: who },
    cause: error,
  });
}

function checkKey(who: string, key: unknown): Key {
  switch (typeof key) {
    case 'number':
      // -0 and 0 are one key, as they are in a Map.
      return key + 0;
    case 'string':
    case 'boolean':
      return key;
    default:
      if (key === null) return key;
  }
  throw new DataError(
    `${who}: a key must be a string, a number, a boolean or null, got ${showValue(key)}.`,
    { details: { operator: who, key: showValue(key) } },
  );
}

// Keys of different types are different keys: each type starts from a seed of its own. Any
// constants would do; they must never change, or keys would move between subtasks.
const NUMBER_SEED = 0x6e756d62;
const STRING_SEED = 0x73747269;
const TRUE_HASH = mixed(0x74727565);
const FALSE_HASH = mixed(0x66616c73);
const NULL_HASH = mixed(0x6e756c6c);
const NAN_HASH = mixed(0x6e616e21);

const number = new DataView(new ArrayBuffer(8));

/**
 * The hash of a key, an unsigned 32-bit integer: MurmurHash3 of a number's eight bytes or a
 * string's UTF-16 code units, both little-endian. -0 is 0, and all NaN are one key.
 *
 * @see Austin Appleby, MurmurHash3_x86_32, https://github.com/aappleby/smhasher
 */
export function hashKey(key: Key): number {
  switch (typeof key) {
    case 'number':
      return hashNumber(key);
    case 'string':
      return hashString(key);
    case 'boolean':
      return key ? TRUE_HASH : FALSE_HASH;
    default:
      return NULL_HASH;
  }
}

function hashNumber(value: number): number {
  // The bits of a NaN are not fixed.
  if (Number.isNaN(value)) return NAN_HASH;
  number.setFloat64(0, value + 0, true);
  const low = withBlock(NUMBER_SEED, number.getInt32(0, true));
  return mixed(withBlock(low, number.getInt32(4, true)) ^ 8);
}

function hashString(text: string): number {
  const { length } = text;
  const pairs = length & ~1;
  let hash = STRING_SEED;
  for (let i = 0; i < pairs; i += 2) {
    hash = withBlock(hash, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  }
  if (pairs < length) hash ^= scrambled(text.charCodeAt(pairs));
  return mixed(hash ^ (length * 2));
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function withBlock(hash: number, block: number): number {
  const next = hash ^ scrambled(block);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

/** The finaliser: every bit of the argument changes about half of the result's. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
