/** A source that can begin again at an earlier record, as jobs with checkpoints need it. */
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RewindableSource } from 'gyre/engine';

const LINE_FEED = 10;

/**
 * The lines of a text file after its header, cut at commas.
 *
 * A position is whatever finds the next record again: here a number of bytes. The engine asks for
 * it after each record, keeps it in checkpoints, and calls `seek` before it reads again.
 */
export class Lines implements RewindableSource<readonly string[]> {
  readonly #path: string;
  readonly #pauseMs: number;
  #position = 0;

  /** @param pauseMs A pause after every hundred lines, as if they came by and by. */
  constructor(path: string, pauseMs = 0) {
    this.#path = path;
    this.#pauseMs = pauseMs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly string[]> {
    let count = 0;
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(this.#path, { start: this.#position })) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      // Bytes are counted, not characters; what has no line feed yet is not a line yet.
      for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
        const line = rest.toString('utf8', 0, end).replace(/\r$/, '');
        rest = rest.subarray(end + 1);
        const isHeader = this.#position === 0;
        this.#position += end + 1;
        if (isHeader) continue;
        if (++count % 100 === 0 && this.#pauseMs > 0) await sleep(this.#pauseMs);
        yield line.split(',');
      }
    }
  }

  position(): number {
    return this.#position;
  }

  seek(position: unknown): void {
    this.#position = position as number;
  }
}
