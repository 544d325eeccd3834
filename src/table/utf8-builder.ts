/** JavaScript strings to UTF-8 bytes and offsets. */
import { DataError } from '../core/errors.js';
import { asBuffer, int32, uint8 } from './buffers.js';

/** Strings joined before they are encoded: long enough to pay, short enough to stay in cache. */
const RUN = 1024;

/**
 * Encodes strings end to end; what is not a string has no bytes.
 *
 * Runs of pure ASCII, the usual case, are measured and written in one call each.
 *
 * @throws {@link DataError} `ERR_GYRE_DATA` beyond 2 GiB of text.
 */
export function encodeStrings(values: ArrayLike<unknown>): {
  bytes: Uint8Array;
  offsets: Int32Array;
} {
  const n = values.length;
  const offsets = int32(n + 1);
  const runs: (string | null)[] = [];
  let total = 0;
  for (let start = 0; start < n; start += RUN) {
    const end = Math.min(start + RUN, n);
    const run = joinRun(values, start, end);
    const ascii = Buffer.byteLength(run) === run.length;
    for (let i = start; i < end; i++) {
      const value = values[i];
      if (typeof value === 'string') total += ascii ? value.length : Buffer.byteLength(value);
      if (total > 0x7fffffff) throw tooLong();
      offsets[i + 1] = total;
    }
    runs.push(ascii ? run : null);
  }
  const bytes = uint8(total);
  const text = asBuffer(bytes);
  runs.forEach((run, r) => {
    const start = r * RUN;
    if (run !== null) {
      text.write(run, offsets[start]!, 'latin1');
      return;
    }
    for (let i = start; i < Math.min(start + RUN, n); i++) {
      const value = values[i];
      if (typeof value === 'string') text.write(value, offsets[i]!, 'utf8');
    }
  });
  return { bytes, offsets };
}

function joinRun(values: ArrayLike<unknown>, start: number, end: number): string {
  let run = '';
  for (let i = start; i < end; i++) {
    const value = values[i];
    if (typeof value === 'string') run += value;
  }
  return run;
}

function tooLong(): DataError {
  return new DataError(
    'A string column holds at most 2 GiB of text, got more; use a TableStream of smaller batches.',
  );
}
