/** Which files a reader reads: a path, several, a folder, a pattern. */
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type FileLike, pathOf } from './byte-source.js';

/**
 * The files that a reader reads as one: a path, a `file:` URL, a folder, a pattern, or an array of
 * such, in its order.
 *
 * Of a folder the files are read whose names have an ending of the format (compressed or not) and do
 * not begin with a dot; folders in it are not. A pattern has `*`, `?`, `**` for folders at any depth,
 * `[...]` or `{a,b}`; of a pattern names that begin with a dot are left out too. Both are sorted by
 * path, by code units. A path with such characters that is there is that file.
 */
export type FilesLike = string | URL | readonly (string | URL)[];

/** A file as a reader names it: a path, or its bytes. */
export type FileItem = string | Uint8Array;

const MAGIC = /[*?[\]{}]/;
const COMPRESSED = ['', '.gz', '.zst'];

/** Checks what a reader was given; nothing is looked up yet. */
export function checkFiles(who: string, files: FilesLike): string[];
export function checkFiles(who: string, files: FileLike | readonly FileLike[]): FileItem[];
export function checkFiles(who: string, files: FileLike | readonly FileLike[]): FileItem[] {
  const items = Array.isArray(files) ? (files as readonly FileLike[]) : [files as FileLike];
  if (items.length === 0) {
    throw new InvalidParamError(`${who}: there must be one file or more, got an empty array.`);
  }
  return items.map((item) => (item instanceof Uint8Array ? item : pathOf(who, item)));
}

/**
 * The files of checked items, as they are now.
 *
 * @param extensions Endings of the format's files, without the dot.
 * @throws {@link FormatError} `ERR_GYRE_FORMAT` for a folder or a pattern without files.
 */
export async function listFiles<T extends FileItem>(
  who: string,
  items: readonly T[],
  extensions: readonly string[],
): Promise<T[]> {
  const lists = await Promise.all(
    items.map(async (item) =>
      typeof item === 'string' ? ((await filesAt(who, item, extensions)) as T[]) : [item],
    ),
  );
  return lists.flat();
}

async function filesAt(
  who: string,
  path: string,
  extensions: readonly string[],
): Promise<string[]> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && MAGIC.test(path)) return null;
    throw error;
  });
  if (info === null) {
    return found(who, path, 'matches no file', await matches(path));
  }
  if (!info.isDirectory()) return [path];
  const endings = extensions.flatMap((name) => COMPRESSED.map((more) => `.${name}${more}`));
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && endings.some((ending) => name.endsWith(ending)));
  const what = `has no file whose name ends in .${extensions.join(', .')}`;
  return found(
    who,
    path,
    what,
    names.map((name) => join(path, name)),
  );
}

function found(who: string, path: string, otherwise: string, paths: readonly string[]): string[] {
  if (paths.length > 0) return [...paths].sort((a, b) => (a < b ? -1 : 1));
  throw new FormatError(`${who}: ${path} ${otherwise}.`, { details: { path } });
}

async function matches(pattern: string): Promise<string[]> {
  // Loaded when a pattern is given.
  const { glob } = await import('tinyglobby');
  // In a pattern the backslash is an escape.
  const portable = sep === '\\' ? pattern.replaceAll('\\', '/') : pattern;
  return glob(portable, { expandDirectories: false });
}

/** What to call a file in a message. */
export function nameOf(file: FileItem | undefined): string {
  if (typeof file === 'string') return file;
  return file === undefined ? showValue(file) : `${file.length} bytes in memory`;
}
