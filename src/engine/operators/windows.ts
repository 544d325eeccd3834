/** Windows: how `windowAll` cuts a stream into pieces, as plain data. */
import { InvalidParamError } from '../../core/errors.js';
import { int, oneOf, type ParamTable, required, resolveParams } from '../../core/params.js';

/** One window: the whole stream. */
export interface GlobalWindows {
  readonly kind: 'GlobalWindows';
}

/** Windows of so many records. */
export interface CountWindows {
  readonly kind: 'CountTumblingWindows';
  /** Records of a window. */
  readonly size: number;
  /** What becomes of fewer records than that at the end of the stream. */
  readonly partial: 'drop' | 'emit';
}

/** Windows [n * sizeMs, (n + 1) * sizeMs), for any integer n. */
export interface TumblingWindows {
  readonly kind: 'EventTimeTumblingWindows' | 'ProcessingTimeTumblingWindows';
  readonly sizeMs: number;
}

/** Windows of records that follow each other within a gap. */
export interface SessionWindows {
  readonly kind: 'EventTimeSessionWindows' | 'ProcessingTimeSessionWindows';
  readonly gapMs: number;
}

/**
 * How a stream is cut into windows. Made by {@link globalWindow}, {@link countWindow},
 * {@link eventTimeTumbling}, {@link processingTimeTumbling}, {@link eventTimeSession} and
 * {@link processingTimeSession}; plain data, so it can be a param and be saved.
 *
 * `kind` is the name of Flink ML's class.
 */
export type Windows = GlobalWindows | CountWindows | TumblingWindows | SessionWindows;

/** Options of {@link countWindow}. */
export interface CountWindowOptions {
  /**
   * What becomes of the last records when they do not fill a window: `'drop'`, as in Flink ML, the
   * default, or `'emit'`: they are a window of their own.
   */
  readonly partial?: 'drop' | 'emit';
}

const POSITIVE = required(int(0, { min: 1 }));
const TABLES: { readonly [K in Windows['kind']]: ParamTable<Record<string, unknown>> } = {
  GlobalWindows: {},
  CountTumblingWindows: { size: POSITIVE, partial: oneOf(['drop', 'emit'], 'drop') },
  EventTimeTumblingWindows: { sizeMs: POSITIVE },
  ProcessingTimeTumblingWindows: { sizeMs: POSITIVE },
  EventTimeSessionWindows: { gapMs: POSITIVE },
  ProcessingTimeSessionWindows: { gapMs: POSITIVE },
};

/**
 * Checks windows that may come from anywhere, and fills defaults in.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` when it does not describe windows.
 */
export function checkWindows(value: unknown): Windows {
  const { kind, ...options } = Object(value) as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Object.hasOwn(TABLES, kind)) {
    throw new InvalidParamError(
      `Windows must have a kind that is one of ${Object.keys(TABLES).join(', ')}, ` +
        `got ${String(kind)}; make them with countWindow(100), for one.`,
      { details: { kind, known: Object.keys(TABLES) } },
    );
  }
  const params = resolveParams(kind, TABLES[kind as Windows['kind']], options);
  return Object.freeze({ kind, ...params }) as Windows;
}

/**
 * One window with the whole stream; it fires when the stream ends, unless there was no record.
 *
 * In an iteration: in an operator that lives for one round, the records of the round.
 *
 * @example
 * ```ts
 * const job = new Session({ threads: 0 }).job('total');
 * const total = job.of([1, 2, 3]).windowAll(globalWindow(), (values: readonly number[], out) => {
 *   out.emit(values.reduce((a, b) => a + b));
 * });
 * console.log(await total.output().toArray()); // [ 6 ]
 * ```
 */
export function globalWindow(): GlobalWindows {
  return checkWindows({ kind: 'GlobalWindows' }) as GlobalWindows;
}

/**
 * Windows of `size` records (an integer >= 1), in the order in which they arrive. Records at the end
 * of the stream that do not fill one are dropped, unless `partial` is `'emit'`.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another size or option.
 * @example
 * ```ts
 * countWindow(100); // { kind: 'CountTumblingWindows', size: 100, partial: 'drop' }
 * countWindow(100, { partial: 'emit' });
 * ```
 */
export function countWindow(size: number, options: CountWindowOptions = {}): CountWindows {
  return checkWindows({ ...options, kind: 'CountTumblingWindows', size }) as CountWindows;
}

/**
 * Windows by event time, of `sizeMs` milliseconds (an integer >= 1), that begin at its multiples:
 * [0, sizeMs), [sizeMs, 2 * sizeMs), and so on in both directions. A window fires when no more
 * records before its end are expected, or when the stream ends.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another size.
 * @example
 * ```ts
 * eventTimeTumbling(60_000); // by the minute
 * ```
 */
export function eventTimeTumbling(sizeMs: number): TumblingWindows {
  return checkWindows({ kind: 'EventTimeTumblingWindows', sizeMs }) as TumblingWindows;
}

/**
 * As {@link eventTimeTumbling}, by the time at which records arrive. Windows that are open when the
 * stream ends fire then.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another size.
 * @example
 * ```ts
 * processingTimeTumbling(1000); // what came in each second
 * ```
 */
export function processingTimeTumbling(sizeMs: number): TumblingWindows {
  return checkWindows({ kind: 'ProcessingTimeTumblingWindows', sizeMs }) as TumblingWindows;
}

/**
 * Windows of records whose event times follow each other by at most `gapMs` milliseconds (an integer
 * >= 1). A window ends `gapMs` after its last record; a record that closes the gap between two makes
 * them one.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another gap.
 * @example
 * ```ts
 * eventTimeSession(30 * 60_000); // visits: over after half an hour of silence
 * ```
 */
export function eventTimeSession(gapMs: number): SessionWindows {
  return checkWindows({ kind: 'EventTimeSessionWindows', gapMs }) as SessionWindows;
}

/**
 * As {@link eventTimeSession}, by the time at which records arrive. A window that is open when the
 * stream ends fires then.
 *
 * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another gap.
 * @example
 * ```ts
 * processingTimeSession(5000); // bursts
 * ```
 */
export function processingTimeSession(gapMs: number): SessionWindows {
  return checkWindows({ kind: 'ProcessingTimeSessionWindows', gapMs }) as SessionWindows;
}
