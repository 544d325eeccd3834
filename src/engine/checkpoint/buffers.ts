/**
 * Memory for the parts of checkpoints. That of one checkpoint serves the next one: fresh pages cost
 * several times what it takes to copy a state into them, and the operators wait for it.
 */

/** Smaller ones come from a heap that is written already. */
const LEAST_BYTES = 1 << 17;

/** Whether it is worth to give such a buffer back. */
export const isReusable = ({ byteLength }: ArrayBuffer): boolean => byteLength >= LEAST_BYTES;

/** Room for a state that grows: at most an eighth more, and pages cost nothing until written. */
function withRoom(bytes: number): number {
  const step = 2 ** (Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

export class SnapshotBuffers {
  #spare: ArrayBuffer[] = [];

  /** The smallest one that is large enough, else a new one. */
  take(bytes: number): ArrayBuffer {
    if (bytes < LEAST_BYTES) return new ArrayBuffer(bytes);
    const fitting = this.#spare.filter(({ byteLength }) => byteLength >= bytes);
    if (fitting.length === 0) return new ArrayBuffer(withRoom(bytes));
    const smallest = fitting.reduce((a, b) => (b.byteLength < a.byteLength ? b : a));
    this.#spare.splice(this.#spare.indexOf(smallest), 1);
    return smallest;
  }

  giveBack(buffer: ArrayBuffer): void {
    if (isReusable(buffer)) this.#spare.push(buffer);
  }

  /** A checkpoint has taken what it needs: the rest is of a state that was larger. */
  trim(): void {
    this.#spare = [];
  }
}
