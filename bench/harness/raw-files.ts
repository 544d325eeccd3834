/** Arrays as files of raw little-endian numbers, which a process in another language can map. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { asBuffer } from '../../src/table/buffers.js';

/** A temporary folder. It is gone when the process ends, however it ends by itself. */
export class RawFiles {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'gyre-bench-'));

  constructor() {
    if (endianness() !== 'LE') throw new Error('raw files need a little-endian machine');
    process.once('exit', () => this.remove());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => process.exit(1));
    }
  }

  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes the bytes of an array. Returns the path. */
  write(name: string, array: ArrayBufferView): string {
    const path = this.pathOf(name);
    const { buffer, byteOffset, byteLength } = array;
    writeFileSync(path, asBuffer(new Uint8Array(buffer, byteOffset, byteLength)));
    return path;
  }

  /** Writes JSON, for labels. Returns the path. */
  writeJson(name: string, value: unknown): string {
    const path = this.pathOf(name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  }

  delete(name: string): void {
    rmSync(this.pathOf(name), { force: true });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
