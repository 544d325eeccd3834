import * as assert from 'uvu/assert';
import { GyreError } from '../../src/core/errors.js';

function check(error: unknown, code: string, message: RegExp): GyreError {
  if (!(error instanceof GyreError)) throw error;
  assert.is(error.code, code);
  assert.match(error.message, message);
  return error;
}

/** Asserts that a call throws a {@link GyreError} of this code and message, and returns it. */
export function throwsError(call: () => unknown, code: string, message: RegExp): GyreError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return check(error, code, message);
  }
  throw new assert.Assertion({
    message: `expected an error ${code}, got ${String(result)}`,
    generated: true,
    operator: 'throws',
    expects: code,
    actual: result,
  } as never);
}

/** {@link throwsError} for a promise. */
export async function rejectsError(
  promise: PromiseLike<unknown>,
  code: string,
  message: RegExp,
): Promise<GyreError> {
  const [outcome] = await Promise.allSettled([promise]);
  return throwsError(
    () => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    },
    code,
    message,
  );
}
