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
}

const inRange = (value: number, { min, above, max }: Range): boolean =>
  (min === undefined || value >= min) &&
  (above === undefined || value > above) &&
  (max === undefined || value <= max);

const rangeWords = ({ min, above, max }: Range): string => {
  const bounds = [
    ...(min === undefined ? [] : [`>= ${min}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(max === undefined ? [] : [`<= ${max}`]),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
};

const outside = ({ min, above, max }: Range): number[] => [
  ...(min === undefined ? [] : [min - 1]),
  ...(above === undefined ? [] : [above]),
  ...(max === undefined ? [] : [max + 1]),
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
    const value = given === undefined ? param.default : given;
    if (!param.accepts(value)) {
      throw new InvalidParamError(
        `${owner}.${name} must be ${param.expected}, got ${showValue(value)}.`,
        { details: { owner, param: name, expected: param.expected, got: value } },
      );
    }
    values[name] = Array.isArray(value) ? Object.freeze([...value]) : value;
  }
  return Object.freeze(values) as Readonly<V>;
}
