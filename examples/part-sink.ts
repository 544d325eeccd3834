/**
 * A sink in two phases, written by its user: a folder of text files that shows each record once.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSink } from 'gyre/engine';

const NAME = /^part-(\d+)\.jsonl(\.tmp)?$/;

/**
 * Writes records as lines of JSON, for each checkpoint a file of its own.
 *
 * ```text
 *  write ─▶ part-7.jsonl.tmp ─ prepare: fsync ─▶ part-7.jsonl.tmp ─ commit: rename ─▶ part-7.jsonl
 *           may be lost                          on the disk                          to be read
 * ```
 *
 * The rename comes when the checkpoint is durable. So what can be read is covered by a checkpoint,
 * and what a checkpoint covers can be read, at the latest after the next `open`: a process that is
 * killed in between has left the file under its first name.
 */
export class PartSink implements JobSink<unknown> {
  readonly #folder: string;
  /** The part that is written next, or now. */
  #part = 0;
  #file: FileHandle | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param parts How many the checkpoint covers. Later ones were written by an attempt that failed.
   */
  async open(parts: unknown): Promise<void> {
    await this.close();
    await mkdir(this.#folder, { recursive: true });
    const covered = (parts as number | undefined) ?? 0;
    for (const { name, part } of await this.#parts()) {
      if (part >= covered) await rm(join(this.#folder, name));
    }
    await this.commit(covered);
    this.#part = covered;
  }

  async write(value: unknown): Promise<void> {
    this.#file ??= await open(join(this.#folder, `part-${this.#part}.jsonl.tmp`), 'w');
    await this.#file.write(`${JSON.stringify(value)}\n`);
  }

  /** Nothing is written to a part that a checkpoint covers. */
  async prepare(): Promise<number> {
    if (this.#file !== null) {
      await this.#file.sync();
      await this.close();
      this.#part++;
    }
    return this.#part;
  }

  /** May come again for the same parts, so those that have their last name stay as they are. */
  async commit(parts: unknown): Promise<void> {
    for (const { name, part, hidden } of await this.#parts()) {
      if (!hidden || part >= (parts as number)) continue;
      await rename(join(this.#folder, name), join(this.#folder, `part-${part}.jsonl`));
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #parts(): Promise<{ name: string; part: number; hidden: boolean }[]> {
    const found = (await readdir(this.#folder)).map((name) => NAME.exec(name));
    return found
      .filter((match) => match !== null)
      .map(([name, part, ending]) => ({ name, part: Number(part), hidden: ending !== undefined }));
  }
}
