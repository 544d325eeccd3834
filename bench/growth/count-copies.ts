/**
 * Counts the bytes that JavaScript copies from array to array: `set`, `slice`, `copyWithin`, arrays
 * made of arrays, and Node's copies of buffers. What kernels write is their result and no copy; what
 * a kernel reads in place is not copied.
 */

type Copying = (this: ArrayBufferView, ...args: unknown[]) => unknown;

/** Bytes that calls of some work copy. */
export async function copiedBytes(work: () => unknown): Promise<number> {
  let bytes = 0;
  const restored: (() => void)[] = [];
  const wrap = (
    target: object,
    name: string,
    count: (self: unknown, args: unknown[]) => number,
  ) => {
    const descriptor = Object.getOwnPropertyDescriptor(target, name)!;
    const own = descriptor.value as Copying;
    const value: Copying = function (this, ...args) {
      bytes += count(this, args);
      return own.apply(this, args);
    };
    Object.defineProperty(target, name, { ...descriptor, value });
    restored.push(() => Object.defineProperty(target, name, descriptor));
  };
  const arrays = Object.getPrototypeOf(Uint8Array.prototype) as object;
  wrap(arrays, 'set', (self, [source]) => {
    const { length } = source as ArrayLike<number>;
    return length * (self as Uint8Array).BYTES_PER_ELEMENT;
  });
  wrap(arrays, 'slice', (self, [start, end]) => rangeBytes(self as Uint8Array, start, end));
  wrap(arrays, 'copyWithin', (self, [, start, end]) => rangeBytes(self as Uint8Array, start, end));
  wrap(Buffer, 'concat', (_, [list]) =>
    (list as readonly Uint8Array[]).reduce((sum, { length }) => sum + length, 0),
  );
  wrap(Buffer.prototype, 'copy', (self, [, , start, end]) =>
    rangeBytes(self as Uint8Array, start, end),
  );
  try {
    await work();
  } finally {
    for (const restore of restored) restore();
  }
  return bytes;
}

function rangeBytes(array: Uint8Array, start: unknown, end: unknown): number {
  const { length, BYTES_PER_ELEMENT } = array;
  const at = (index: unknown, missing: number): number => {
    const i = index === undefined ? missing : Math.trunc(Number(index));
    return i < 0 ? Math.max(0, length + i) : Math.min(i, length);
  };
  return Math.max(0, at(end, length) - at(start, 0)) * BYTES_PER_ELEMENT;
}
