/** Checks of what `fit` and `transform` are called with, before anything is done. */
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Session } from '../engine/session.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';

/** What an input may be. */
export type InputKind = 'table' | 'table or stream' | 'tables' | 'table or tables' | 'any';

/** Each kind in words, and whether an array of tables, a table alone and a stream are of it. */
const KINDS: Readonly<Record<InputKind, readonly [string, boolean, boolean, boolean]>> = {
  table: ['a Table', false, true, false],
  'table or stream': ['a Table or a TableStream', false, true, true],
  tables: ['an array of Tables', true, false, false],
  'table or tables': ['a Table or an array of Tables', true, true, false],
  any: ['a Table, an array of Tables or a TableStream', true, true, true],
};

/** Options that every call knows. */
const COMMON_OPTIONS = ['session', 'signal', 'onProgress'] as const;

/**
 * @param who The call, for messages: `'KMeans.fit'`.
 * @param more Options that this call has beside the common ones.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for another input, an unknown option or one
 *   of another kind.
 */
export function checkCall(
  who: string,
  input: unknown,
  kind: InputKind,
  options: object,
  more: readonly string[] = [],
): void {
  const isStream = input instanceof TableStream;
  const [expected, takesArray, takesTable, takesStream] = KINDS[kind];
  const isTaken =
    (takesTable && input instanceof Table) ||
    (takesStream && isStream) ||
    (takesArray && Array.isArray(input) && input.every((table) => table instanceof Table));
  if (!isTaken) {
    const hint = isStream ? '; await stream.collect() makes a Table' : '; see Table.fromRows';
    throw new InvalidParamError(`${who} takes ${expected}, got ${showValue(input)}${hint}.`, {
      details: { who, expected, got: showValue(input) },
    });
  }
  const known: readonly string[] = [...COMMON_OPTIONS, ...more];
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new InvalidParamError(
      `${who} has no option ${JSON.stringify(name)}; it has ${known.join(', ')}.`,
      { details: { who, option: name, known } },
    );
  }
  const { session, signal, onProgress } = options as Record<
    (typeof COMMON_OPTIONS)[number],
    unknown
  >;
  checkOption(who, 'session', session, 'a Session', session instanceof Session);
  checkOption(who, 'signal', signal, 'an AbortSignal', signal instanceof AbortSignal);
  checkOption(who, 'onProgress', onProgress, 'a function', typeof onProgress === 'function');
}

function checkOption(
  who: string,
  name: string,
  value: unknown,
  expected: string,
  isGood: boolean,
): void {
  if (value === undefined || isGood) return;
  throw new InvalidParamError(`${who}: ${name} must be ${expected}, got ${showValue(value)}.`, {
    details: { who, option: name, expected },
  });
}
