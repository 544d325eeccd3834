/**
 * The folder of a {@link FileSink}: names, and what makes them last.
 *
 * ```text
 * <folder>/
 *   part-00000001.jsonl          committed: it has this name since all of it is on the disk
 *   .part-00000002.jsonl.tmp     being written, or waiting for its checkpoint: never to be read
 * ```
 */
import { join, resolve } from 'node:path';
import { type FileSystem, makeFolder, syncFolder } from '../core/durable-fs.js';
import { FormatError, OperatorError } from '../core/errors.js';

/** A part that is whole and on the disk. */
export interface PartInfo {
  readonly part: number;
  readonly bytes: number;
}

/** The parts that a folder has, in ascending order. */
export interface PartNumbers {
  readonly committed: readonly number[];
  readonly hidden: readonly number[];
}

const MIN_DIGITS = 8;

/** What went wrong with a file. An {@link OperatorError}, so that a job tries again. */
export function fileError(what: string, path: string, cause: unknown): OperatorError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new OperatorError(`FileSink: ${path} ${what}: ${message}.`, {
    details: { path, code },
    cause,
  });
}

export class PartFolder {
  readonly path: string;
  readonly fs: FileSystem;
  readonly #extension: string;
  readonly #name: RegExp;

  constructor(path: string, extension: string, fs: FileSystem) {
    this.path = resolve(path);
    this.fs = fs;
    this.#extension = extension;
    this.#name = new RegExp(`^(\\.)?part-(\\d{${MIN_DIGITS},15})\\.${extension}(\\.tmp)?$`);
  }

  /** Where a part is once it is committed. */
  committedPath(part: number): string {
    return join(this.path, this.#nameOf(part));
  }

  /** Where it is before. Names that begin with a dot are hidden from patterns such as `*.csv`. */
  hiddenPath(part: number): string {
    return join(this.path, `.${this.#nameOf(part)}.tmp`);
  }

  /** Makes the folder, and those on the way to it. */
  async make(): Promise<void> {
    await this.#run('cannot be made', this.path, () => makeFolder(this.fs, this.path));
  }

  /** What is there and ours by its name. */
  async list(): Promise<PartNumbers> {
    const names = await this.#run('cannot be read', this.path, () => this.fs.readdir(this.path));
    const committed: number[] = [];
    const hidden: number[] = [];
    for (const name of names) {
      const [, dot, digits, ending] = this.#name.exec(name) ?? [];
      const part = Number(digits);
      // Other names for the same number are not ours.
      if (digits === undefined || String(part).padStart(MIN_DIGITS, '0') !== digits) continue;
      if (dot === undefined && ending === undefined) committed.push(part);
      if (dot !== undefined && ending !== undefined) hidden.push(part);
    }
    const ascending = (a: number, b: number): number => a - b;
    return { committed: committed.sort(ascending), hidden: hidden.sort(ascending) };
  }

  /** Makes names last. */
  async sync(): Promise<void> {
    await this.#run('cannot be synced', this.path, () => syncFolder(this.fs, this.path));
  }

  /**
   * Gives a part its name, unless it has it.
   *
   * @throws {@link FormatError} for a part that is not of its size, and for one that is not there,
   *   unless `mayBeGone`.
   */
  async commit(info: PartInfo, mayBeGone: boolean): Promise<void> {
    const [from, to] = [this.hiddenPath(info.part), this.committedPath(info.part)];
    if (await this.#isWhole(from, info)) {
      await this.#run(`cannot be renamed to ${to}`, from, () => this.fs.rename(from, to));
    } else if (!(await this.#isWhole(to, info)) && !mayBeGone) {
      throw new FormatError(
        `FileSink: a checkpoint covers ${to}, so it or ${from} must be there, but neither is; put ` +
          'it back, or begin anew.',
        { details: { path: to, part: info.part } },
      );
    }
  }

  /** Removes files of parts, where they are there. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this.#run('cannot be removed', path, () => this.fs.rm(path, { force: true }));
    }
  }

  #nameOf(part: number): string {
    return `part-${String(part).padStart(MIN_DIGITS, '0')}.${this.#extension}`;
  }

  async #isWhole(path: string, { part, bytes }: PartInfo): Promise<boolean> {
    let got: number;
    try {
      got = (await this.fs.stat(path)).size;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw fileError('cannot be read', path, cause);
    }
    if (got === bytes) return true;
    throw new FormatError(
      `FileSink: ${path} must have the ${bytes} bytes that a checkpoint covers, got ${got}.`,
      { details: { path, part, got, expected: bytes } },
    );
  }

  async #run<T>(what: string, path: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      throw fileError(what, path, cause);
    }
  }
}
