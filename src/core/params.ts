/**
 * Params as constraint tables: one entry gives a param's type, default, validity and the invalid
 * values that tests try. What a param means stands on the interface of the stage's params.
 */
import { InvalidParamError } from './errors.js';

/** One parameter of a stage. `T` is the type of its values. */
export interface Param<T> {
  /** What a value must be, as words that complete "must be ...": `'an integer >= 2'`. */
  readonly expected: string;
  readonly default: T;
  readonly accepts: (value: unknown) => boolean;
  /** The value that another form stands for: JSON, clones and short forms have no classes. */
  readonly read?: (value: unknown) => unknown;
  /** Values that `accepts` refuses; tests construct the stage with each and expect an error. */
  readonly invalid: readonly unknown[];
}

/** The params of a stage by name; `V` has the type of each value. */
export type ParamTable<V> = { readonly [K in keyof V]: Param<V[K]> };

/** What a constructor takes: any subset of the params. */
export type ParamOptions<V> = { readonly [K in keyof V]?: V[K] | undefined };

interface Range {
  /** Smallest value allowed. */
  readonly min?: number;
  /** Bound that is itself not allowed. */
  readonly above?: number;
  /** Largest value allowed. */
  readonly max?: number;
  /** Upper bound that is itself not allowed. */
  readonly below?: number;
}

const inRange = (value: number, { min, above, max, below }: Range): boolean =>
  (min === undefined || value >= min) &&
  (above === undefined || value > above) &&
  (max === undefined || value <= max) &&
  (below === undefined || value < below);

const rangeWords = ({ min, above, max, below }: Range): string => {
  const bounds = [
    ...(min === undefined ? [] : [`>= ${min}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(max === undefined ? [] : [`<= ${max}`]),
    ...(below === undefined ? [] : [`< ${below}`]),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
};

const outside = ({ min, above, max, below }: Range): number[] => [
  ...(min === undefined ? [] : [min - 1]),
  ...(above === undefined ? [] : [above]),
  ...(max === undefined ? [] : [max + 1]),
  ...(below === undefined ? [] : [below]),
];

/** An integer that a double holds exactly. */
export function int(fallback: number, range: Range = {}): Param<number> {
  return {
    expected: `an integer${rangeWords(range)}`,
    default: fallback,
    accepts: (v) => Number.isSafeInteger(v) && inRange(v as number, range),
    invalid: [0.5, Number.NaN, '1', null, ...outside(range)],
  };
}

/** A finite number. */
export function double(fallback: number, range: Range = {}): Param<number> {
  return {
    expected: `a number${rangeWords(range)}`,
    default: fallback,
    accepts: (v) => typeof v === 'number' && Number.isFinite(v) && inRange(v, range),
    invalid: [Number.NaN, Number.POSITIVE_INFINITY, '1', null, ...outside(range)],
  };
}

/** Any number, NaN and infinities among them. */
export function number(fallback: number): Param<number> {
  return {
    expected: 'a number, which may be NaN',
    default: fallback,
    accepts: (v) => typeof v === 'number',
    invalid: ['1', true, 1n, null],
  };
}

/** A number, infinities among them. */
export function real(fallback: number): Param<number> {
  return {
    expected: 'a number, which may be infinite',
    default: fallback,
    accepts: (v) => typeof v === 'number' && !Number.isNaN(v),
    invalid: [Number.NaN, '1', true, null],
  };
}

/** `true` or `false`. */
export function boolean(fallback: boolean): Param<boolean> {
  return {
    expected: 'a boolean',
    default: fallback,
    accepts: (v) => typeof v === 'boolean',
    invalid: [0, 'true', null],
  };
}

/** A string; a column name must not be empty. */
export function string(fallback: string): Param<string> {
  return {
    expected: 'a string that is not empty',
    default: fallback,
    accepts: (v) => typeof v === 'string' && v !== '',
    invalid: [1, '', null],
  };
}

/** One of the given words. */
export function oneOf<const W extends readonly string[]>(
  words: W,
  fallback: W[number],
): Param<W[number]> {
  return {
    expected: `one of ${words.map((w) => `'${w}'`).join(', ')}`,
    default: fallback,
    accepts: (v) => words.includes(v as string),
    invalid: ['no such word', 1, null],
  };
}

/** A list of some of the given words, each at most once. */
export function someOf<const W extends readonly [string, ...string[]]>(
  words: W,
  fallback: readonly W[number][],
): Param<readonly W[number][]> {
  return {
    expected: `a list of distinct words out of ${words.map((w) => `'${w}'`).join(', ')}`,
    default: fallback,
    accepts: (v) =>
      Array.isArray(v) && v.every((w) => words.includes(w)) && new Set(v).size === v.length,
    invalid: [words[0], ['no such word'], [words[0], words[0]], [1], null],
  };
}

/** A list of strings. */
export function strings(
  fallback: readonly string[],
  options: { readonly nonEmpty?: boolean } = {},
): Param<readonly string[]> {
  const least = options.nonEmpty ? 1 : 0;
  return {
    expected: options.nonEmpty ? 'a list of at least one string' : 'a list of strings',
    default: fallback,
    accepts: (v) =>
      Array.isArray(v) && v.length >= least && v.every((s) => typeof s === 'string' && s !== ''),
    invalid: ['a', [1], [''], null, ...(options.nonEmpty ? [[]] : [])],
  };
}

/** A list of numbers, infinities among them. */
export function doubles(
  fallback: readonly number[],
  options: { readonly nonEmpty?: boolean } = {},
): Param<readonly number[]> {
  const least = options.nonEmpty ? 1 : 0;
  return {
    expected: options.nonEmpty ? 'a list of at least one number' : 'a list of numbers',
    default: fallback,
    accepts: (v) =>
      Array.isArray(v) &&
      v.length >= least &&
      v.every((x) => typeof x === 'number' && !Number.isNaN(x)),
    invalid: [1, ['1'], [Number.NaN], [null], null, ...(options.nonEmpty ? [[]] : [])],
  };
}

/** A list of integers, each in the range. */
export function ints(
  fallback: readonly number[],
  range: Range = {},
  options: { readonly nonEmpty?: boolean; readonly distinct?: boolean } = {},
): Param<readonly number[]> {
  const { nonEmpty = false, distinct = false } = options;
  const what = `${distinct ? 'different ' : ''}integers${rangeWords(range)}`;
  return {
    expected: nonEmpty ? `a list of one or more ${what}` : `a list of ${what}`,
    default: fallback,
    accepts: (v) =>
      Array.isArray(v) &&
      (!nonEmpty || v.length > 0) &&
      v.every((i) => Number.isSafeInteger(i) && inRange(i as number, range)) &&
      (!distinct || new Set(v).size === v.length),
    invalid: [
      ...[1, [0.5], ['1'], [null], null],
      ...outside(range).map((i) => [i]),
      ...(nonEmpty ? [[]] : []),
      ...(distinct ? [[(range.min ?? 0) + 1, (range.min ?? 0) + 1]] : []),
    ],
  };
}

/** The same param, where `null` is allowed and is the default. */
export function nullable<T>(param: Param<T>): Param<T | null> {
  return {
    ...param,
    expected: `${param.expected}, or null`,
    default: null,
    accepts: (v) => v === null || param.accepts(v),
    invalid: param.invalid.filter((v) => v !== null),
  };
}

/** The same param without a default: the constructor must be given a value. */
export function required<T>(param: Param<T>): Param<T> {
  return { ...param, default: undefined as T };
}

/** A value as it stands in a message: short, one line. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) {
    const shown = value.slice(0, 5).map(showValue).join(', ');
    return `[${shown}${value.length > 5 ? ', ...' : ''}]`;
  }
  if (value !== null && typeof value === 'object') return value.constructor?.name ?? 'object';
  return String(value);
}

/** Lists, also those in lists, as copies that nobody can change. */
function frozenCopy(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze(value.map(frozenCopy)) : value;
}

/**
 * Fills the defaults in and checks every value.
 *
 * @param owner The stage's class name, for the message.
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for an unknown name, a missing
 *   required param or a value outside the constraint.
 */
export function resolveParams<V>(
  owner: string,
  table: ParamTable<V>,
  options: ParamOptions<V>,
): Readonly<V> {
  const names = Object.keys(table);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(table, name)) continue;
    throw new InvalidParamError(
      `${owner} has no param ${JSON.stringify(name)}; it has ${names.join(', ')}.`,
      { details: { owner, param: name, known: names } },
    );
  }
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries<Param<unknown>>(table)) {
    const given: unknown = options[name as keyof V];
    const value = given === undefined ? param.default : (param.read?.(given) ?? given);
    if (!param.accepts(value)) {
      throw new InvalidParamError(
        `${owner}.${name} must be ${param.expected}, got ${showValue(value)}.`,
        { details: { owner, param: name, expected: param.expected, got: value } },
      );
    }
    values[name] = frozenCopy(value);
  }
  return Object.freeze(values) as Readonly<V>;
}
