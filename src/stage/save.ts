/**
 * Saving stages. A saved stage is a folder:
 *
 * ```text
 * metadata.json      class name, params, versions, size and checksum of the data
 * data/model.arrow   the model's data, one table, as an Arrow IPC file
 * stages/<index>/    of pipelines and graphs: the stages that they are made of
 * ```
 *
 * It is written beside its place and renamed, so it is there as a whole or not at all.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder, syncFolder, writeDurably } from '../core/durable-fs.js';
import { FormatError, GyreError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import type { Table } from '../table/table.js';
import { metadataText } from './metadata-json.js';

/** Version of the saved form; a reader refuses later ones. */
export const FORMAT_VERSION = 1;
/** Names in a saved folder. */
export const METADATA_FILE = 'metadata.json';
/** A reader refuses more, so that a hostile folder costs little; a vector of a million entries fits. */
export const MAX_METADATA_BYTES: number = 1 << 25;
export const DATA_FILE: string = join('data', 'model.arrow');

/** What metadata.json holds. */
export interface StageMetadata {
  readonly className: string;
  readonly params: object;
  readonly formatVersion: number;
  readonly gyreVersion: string;
  readonly data: { readonly bytes: number; readonly sha256: string } | null;
  /** Of pipelines: how many stages there are. */
  readonly numStages?: unknown;
  /** Of graphs: how the stages are connected. */
  readonly graph?: unknown;
}

/** What there is to write of a stage. */
export interface StageContents {
  readonly className: string;
  readonly params: object;
  readonly data: Table | null;
  /** Fields of the metadata beside those that every stage has. */
  readonly fields?: Pick<StageMetadata, 'numStages' | 'graph'>;
  /** Stages that this one is made of, by the folder that each is saved to. */
  readonly children?: ReadonlyMap<string, { save(path: string): Promise<void> }>;
}

/** The folder of the stage `index` of `count`, in the folder of what is made of them. */
export function childFolder(index: number, count: number): string {
  return join('stages', String(index).padStart(String(count).length, '0'));
}

async function exists(path: string): Promise<boolean> {
  return (await fs.stat(path).catch(() => null)) !== null;
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

/** The text of the metadata. What could not be loaded again is refused here. */
function checkedText(className: string, metadata: StageMetadata): string {
  const text = metadataText(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_METADATA_BYTES) return text;
  throw new FormatError(
    `${className}.save: the params must take at most ${MAX_METADATA_BYTES} bytes, got ${bytes}.`,
    { details: { className, bytes, expected: MAX_METADATA_BYTES } },
  );
}

/**
 * Writes a stage.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when there is something at the path already, the path cannot
 *   be written, or the params are more than is read again; nothing is left behind then.
 */
export async function writeStage(
  path: string,
  { className, params, data, fields, children = new Map() }: StageContents,
): Promise<void> {
  const target = resolve(path);
  if (await exists(target)) throw taken(className, path);
  const bytes = data === null ? null : await arrowBytes(data);
  let draft: string | null = null;
  try {
    await makeFolder(fs, dirname(target));
    draft = await fs.mkdtemp(join(dirname(target), `.${basename(target)}-`));
    if (bytes !== null) {
      await fs.mkdir(dirname(join(draft, DATA_FILE)));
      await writeDurably(fs, join(draft, DATA_FILE), bytes);
      await syncFolder(fs, dirname(join(draft, DATA_FILE)));
    }
    const metadata: StageMetadata = {
      className,
      params,
      formatVersion: FORMAT_VERSION,
      gyreVersion: VERSION,
      data: bytes === null ? null : { bytes: bytes.length, sha256: sha256(bytes) },
      ...fields,
    };
    for (const [folder, child] of children) await child.save(join(draft, folder));
    await writeDurably(fs, join(draft, METADATA_FILE), checkedText(className, metadata));
    await syncFolder(fs, draft);
    await fs.rename(draft, target);
  } catch (cause) {
    if (draft !== null) await fs.rm(draft, { recursive: true, force: true });
    // Another save was faster.
    if (await exists(target)) throw taken(className, path, cause);
    // What a stage says of itself, such as a model that failed to learn, is to be heard.
    if (cause instanceof GyreError) throw cause;
    throw new FormatError(
      `${className}.save: ${path} cannot be written: ${(cause as Error).message}.`,
      { details: { path }, cause },
    );
  }
}
