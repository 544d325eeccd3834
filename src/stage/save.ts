/**
 * Saving stages. A saved stage is a folder:
 *
 * ```text
 * metadata.json      class name, params, versions, size and checksum of the data
 * data/model.arrow   the model's data, one table, as an Arrow IPC file
 * ```
 *
 * It is written beside its place and renamed, so it is there as a whole or not at all.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FormatError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import type { Table } from '../table/table.js';

/** Version of the saved form; a reader refuses later ones. */
export const FORMAT_VERSION = 1;
/** Names in a saved folder. */
export const METADATA_FILE = 'metadata.json';
export const DATA_FILE: string = join('data', 'model.arrow');

/** What metadata.json holds. */
export interface StageMetadata {
  readonly className: string;
  readonly params: object;
  readonly formatVersion: number;
  readonly gyreVersion: string;
  readonly data: { readonly bytes: number; readonly sha256: string } | null;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** Writes a file and does not return before it is on the disk. */
async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function arrowBytes(table: Table): Promise<Uint8Array> {
  // apache-arrow takes a quarter of a second to load, so it is loaded when it is needed.
  const { tableToIPC } = await import('apache-arrow');
  return tableToIPC(table.toArrow(), 'file');
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function taken(className: string, path: string, cause?: unknown): FormatError {
  return new FormatError(`${className}.save: ${path} exists already; give a new path.`, {
    details: { path },
    cause,
  });
}

/**
 * Writes a stage.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when there is something at the path already, or the path
 *   cannot be written; nothing is left behind then.
 */
export async function writeStage(
  path: string,
  className: string,
  params: object,
  data: Table | null,
): Promise<void> {
  const target = resolve(path);
  if (await exists(target)) throw taken(className, path);
  const bytes = data === null ? null : await arrowBytes(data);
  let draft: string | null = null;
  try {
    await mkdir(dirname(target), { recursive: true });
    draft = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    if (bytes !== null) {
      await mkdir(join(draft, dirname(DATA_FILE)));
      await writeDurably(join(draft, DATA_FILE), bytes);
    }
    const metadata: StageMetadata = {
      className,
      params,
      formatVersion: FORMAT_VERSION,
      gyreVersion: VERSION,
      data: bytes === null ? null : { bytes: bytes.length, sha256: sha256(bytes) },
    };
    await writeDurably(join(draft, METADATA_FILE), `${JSON.stringify(metadata, null, 2)}\n`);
    await rename(draft, target);
  } catch (cause) {
    if (draft !== null) await rm(draft, { recursive: true, force: true });
    // Another save was faster.
    if (await exists(target)) throw taken(className, path, cause);
    throw new FormatError(
      `${className}.save: ${path} cannot be written: ${(cause as Error).message}.`,
      { details: { path }, cause },
    );
  }
}
