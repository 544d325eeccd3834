/** Work that is so light that it would take longer to send the rows to other threads. */
import { setImmediate } from 'node:timers/promises';
import { abortError } from '../core/errors.js';
import type { StageOptions } from '../stage/stage.js';

/** About a millisecond of work. */
const BLOCK_ROWS = 1 << 19;

/**
 * Runs `block` over all rows on the calling thread; between blocks other events are handled.
 *
 * @throws AbortError `ERR_GYRE_ABORTED` when the signal was aborted.
 */
export async function inRowBlocks(
  who: string,
  rows: number,
  { signal }: StageOptions,
  block: (start: number, end: number) => void,
): Promise<void> {
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    await setImmediate();
    if (signal?.aborted) throw abortError(who, signal);
    block(start, Math.min(start + BLOCK_ROWS, rows));
  }
}
