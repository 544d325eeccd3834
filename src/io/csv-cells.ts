/** Text to scalars: the cells of CSV files. */
import type { ColumnType, ScalarType } from '../table/schema.js';

/** What a parser gives for text that is not a value of its type. */
export const NOT_A_VALUE: unique symbol = Symbol('not a value');

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+infinity': Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};
/** `02134` is a code, not a number. */
const LEADING_ZERO = /^\s*[-+]?0\d/;
const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[-+]\d\d:?\d\d)?)?$/i;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

/**
 * The type that all texts have: `float64`, `boolean` or else `string`. Numbers with leading zeros
 * are codes, and so strings.
 */
export function inferCellType(texts: readonly (string | null)[]): ColumnType {
  const given = texts.filter((text) => text !== null);
  if (given.length === 0) return 'string';
  if (given.every((text) => /^(?:true|false)$/i.test(text))) return 'boolean';
  return given.every((text) => isNumber(text) && !LEADING_ZERO.test(text)) ? 'float64' : 'string';
}

function isNumber(text: string): boolean {
  return NUMBER.test(text) || Object.hasOwn(SPECIAL_NUMBERS, text.trim().toLowerCase());
}

/** The parser of a type of scalars: text to a value, or {@link NOT_A_VALUE}. */
export function cellParser(type: ScalarType): (text: string) => unknown {
  switch (type) {
    case 'string':
      return (text) => text;
    case 'float64':
    case 'float32':
      return parseNumber;
    case 'int32':
      return (text) => {
        const value = parseNumber(text);
        return typeof value === 'number' && (value | 0) === value ? value : NOT_A_VALUE;
      };
    case 'int64':
      return parseInt64;
    case 'boolean':
      return (text) => BOOLEANS[text.trim().toLowerCase()] ?? NOT_A_VALUE;
    case 'timestamp':
      return parseTimestamp;
  }
}

function parseNumber(text: string): number | typeof NOT_A_VALUE {
  if (NUMBER.test(text)) return Number(text);
  return SPECIAL_NUMBERS[text.trim().toLowerCase()] ?? NOT_A_VALUE;
}

function parseInt64(text: string): number | bigint | typeof NOT_A_VALUE {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) return NOT_A_VALUE;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(text.trim().replace(/^\+/, ''));
  return BigInt.asIntN(64, exact) === exact ? exact : NOT_A_VALUE;
}

/** ISO 8601, as UTC where it names no zone (never the zone of the machine), or milliseconds. */
function parseTimestamp(text: string): number | typeof NOT_A_VALUE {
  const parts = ISO_TIME.exec(text.trim());
  if (parts === null) {
    return /^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : NOT_A_VALUE;
  }
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone = 'Z'] = parts;
  const at = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second);
  const date = new Date(at);
  const real = date.getUTCMonth() + 1 === +month! && date.getUTCDate() === +day! && +hour < 24;
  if (!real || +minute > 59 || +second > 59) return NOT_A_VALUE;
  const ms = +fraction.slice(0, 3).padEnd(3, '0');
  return at + ms - zoneMs(zone);
}

function zoneMs(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const [hours, minutes] = [+zone.slice(1, 3), +zone.slice(-2)];
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
