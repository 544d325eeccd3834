/** Room for the stored entries of sparse vectors. */
import { DataError } from '../core/errors.js';

/** Throws {@link DataError} when a sparse column would have more entries than offsets can count. */
export function requireEntries(who: string, entries: number): void {
  if (entries < 2 ** 31) return;
  throw new DataError(
    `${who}: the sparse vectors of one table must have less than 2^31 stored entries, got ` +
      `${entries}; transform it in batches.`,
    { details: { who, entries } },
  );
}
