import { GyreError } from '../../src/index.js';

/** uvu takes the `details` of an error for text, and ours are facts: it gets a plain error. */
export function readable(body: () => void | Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await body();
    } catch (cause) {
      if (!(cause instanceof GyreError)) throw cause;
      throw new Error(`${cause.code}: ${cause.stack}`, { cause });
    }
  };
}
