/**
 * What makes files and names outlast a loss of power: a file is on the disk after its own fsync, its
 * name after one of the folder that has it.
 */
import type * as promises from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is used of node:fs/promises. Tests give one that fails. */
export type FileSystem = Pick<
  typeof promises,
  'mkdir' | 'open' | 'readdir' | 'rename' | 'rm' | 'stat'
>;

/** Writes a new file and does not return before it is on the disk. */
export async function writeDurably(
  fs: Pick<FileSystem, 'open'>,
  path: string,
  bytes: Uint8Array | string,
): Promise<void> {
  const file = await fs.open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder last: of files made in it, or renamed there. */
export async function syncFolder(fs: Pick<FileSystem, 'open'>, path: string): Promise<void> {
  // Windows cannot open folders, and needs no such call.
  if (process.platform === 'win32') return;
  const folder = await fs.open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems, mostly over networks, have no such call for folders.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}

/** Makes a folder, and those on the way to it. @param path An absolute one. */
export async function makeFolder(
  fs: Pick<FileSystem, 'mkdir' | 'open'>,
  path: string,
): Promise<void> {
  const first = await fs.mkdir(path, { recursive: true });
  if (first === undefined) return;
  // A new folder outlasts a loss of power only when the one that names it is on the disk.
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await syncFolder(fs, dirname(made));
  }
}
