/** Params that go together: one entry for each input column. */
import { InvalidParamError } from '../core/errors.js';

/**
 * @param owner The stage's class name, for the message.
 * @param params Lists that must be as long as `inputCols`, by name.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for lists of different lengths, and for an
 *   output column that is named twice.
 */
export function requireOneForEach(
  owner: string,
  inputCols: readonly string[],
  params: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [name, list] of Object.entries(params)) {
    if (list.length === inputCols.length) continue;
    throw new InvalidParamError(
      `${owner}.${name} must have one entry for each of inputCols, got ${list.length} for ` +
        `${inputCols.length}.`,
      { details: { owner, param: name, got: list.length, expected: inputCols.length } },
    );
  }
  const { outputCols = [] } = params;
  const repeated = outputCols.find((name, i) => outputCols.indexOf(name) < i);
  if (repeated === undefined) return;
  throw new InvalidParamError(
    `${owner}.outputCols must be different names, got ${JSON.stringify(repeated)} twice.`,
    { details: { owner, param: 'outputCols', got: repeated } },
  );
}
