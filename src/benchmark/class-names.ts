/** Class names in benchmark files: Flink ML's with their packages, or plain ones. */
import { InvalidParamError } from '../core/errors.js';

const FLINK_PACKAGE = 'org.apache.flink.ml.';

/**
 * What a table has under a class name.
 *
 * @param what What is looked for, for the message: `'stage'`.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a name that is not in the table.
 */
export function classNamed<T>(
  table: Readonly<Record<string, T>>,
  className: string,
  what: string,
): T {
  const name = simpleName(className);
  if (name !== null && Object.hasOwn(table, name)) return table[name]!;
  throw new InvalidParamError(
    `There is no ${what} ${JSON.stringify(className)}; there are ${Object.keys(table).join(', ')}.`,
    { details: { className, known: Object.keys(table) } },
  );
}

/** The name without Flink ML's package; null in a package of anybody else. */
export function simpleName(className: string): string | null {
  if (!className.includes('.')) return className;
  if (!className.startsWith(FLINK_PACKAGE)) return null;
  return className.slice(className.lastIndexOf('.') + 1);
}
