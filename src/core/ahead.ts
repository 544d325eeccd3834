/** Asking for the next before it is needed. */

/** The items, each asked for when the one before is given. */
export async function* ahead<T>(items: AsyncIterable<T>): AsyncGenerator<T, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return undefined;
      next = iterator.next();
      // It is awaited later, or nobody wants it any more.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await iterator.return?.();
  }
}
