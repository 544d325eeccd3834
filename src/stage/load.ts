/**
 * Loading stages. Nothing in the folder is executed, and nothing it says is trusted: which files
 * are read is fixed here, links are not followed, sizes and checksums are compared before anything
 * is parsed, lengths are held against the bytes that are there, and params pass the same checks as
 * in a constructor.
 */
import { join } from 'node:path';
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Table } from '../table/table.js';
import { readArrowFile } from './arrow-file.js';
import { parseMetadataText } from './metadata-json.js';
import {
  DATA_FILE,
  FORMAT_VERSION,
  MAX_METADATA_BYTES,
  METADATA_FILE,
  type StageMetadata,
  sha256,
} from './save.js';
import { broken, SavedFolder } from './saved-folder.js';

/** What can be hashed in one call, and written in the first place. */
const MAX_DATA_BYTES = 2 ** 31 - 1;

/** A class whose stages can be loaded. */
export interface LoadableClass<S> {
  readonly className: string;
  /** Makes the stage from what was saved. */
  fromSaved(params: never, data: Table | null): S;
}

/** Reads and checks `metadata.json` of a saved stage. */
export async function readMetadata(folder: SavedFolder): Promise<StageMetadata> {
  const bytes = await folder.read(METADATA_FILE, (path, size) => {
    if (size <= MAX_METADATA_BYTES) return;
    throw broken(path, `it must have at most ${MAX_METADATA_BYTES} bytes, got ${size}.`);
  });
  const path = join(folder.path, METADATA_FILE);
  const metadata = parse(path, bytes.toString());
  const { className, params, formatVersion, data } = metadata;
  if (typeof className !== 'string') {
    throw broken(path, `className must be a string, got ${showValue(className)}.`);
  }
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    throw broken(path, `params must be an object, got ${showValue(params)}.`);
  }
  if (!Number.isInteger(formatVersion) || formatVersion < 1 || formatVersion > FORMAT_VERSION) {
    throw broken(
      path,
      `formatVersion must be at most ${FORMAT_VERSION}, got ${showValue(formatVersion)}; ` +
        'it may come from a later version of gyre.',
    );
  }
  if (data !== null && (typeof data !== 'object' || typeof data.sha256 !== 'string')) {
    throw broken(path, 'data must be null or { bytes, sha256 }.');
  }
  return metadata;
}

function parse(path: string, text: string): StageMetadata {
  let value: unknown;
  try {
    value = parseMetadataText(text);
  } catch (cause) {
    throw broken(path, 'it must be JSON.', { cause });
  }
  if (value !== null && typeof value === 'object') return value as StageMetadata;
  throw broken(path, 'it must be a JSON object.');
}

async function readData(folder: SavedFolder, { data }: StageMetadata): Promise<Table | null> {
  if (data === null) return null;
  const bytes = await folder.read(DATA_FILE, (path, size) => {
    if (size > MAX_DATA_BYTES) {
      throw broken(path, `it must have at most ${MAX_DATA_BYTES} bytes, got ${size}.`, { size });
    }
    if (size === data.bytes) return;
    throw broken(path, `it must have ${data.bytes} bytes, got ${size}.`, { size });
  });
  const path = join(folder.path, DATA_FILE);
  if (sha256(bytes) !== data.sha256) throw broken(path, 'its checksum differs from metadata.json.');
  try {
    return readArrowFile(bytes);
  } catch (cause) {
    throw broken(path, `it must be an Arrow IPC file of a model: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Loads a stage of one class.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when the folder holds another one, or a broken one.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for params that the class refuses.
 */
export async function loadAs<S>(Class: LoadableClass<S>, path: string): Promise<S> {
  const folder = new SavedFolder(path);
  const metadata = await readMetadata(folder);
  checkClass(Class, folder, metadata);
  return loadContents(Class, folder, metadata);
}

/** Throws unless the metadata are of a stage of the class. */
export function checkClass(
  { className }: { readonly className: string },
  folder: SavedFolder,
  metadata: StageMetadata,
): void {
  if (metadata.className === className) return;
  throw broken(
    join(folder.path, METADATA_FILE),
    `className must be ${className}, got ${showValue(metadata.className)}.`,
  );
}

/** The stage of a folder whose metadata have been read. */
export async function loadContents<S>(
  Class: LoadableClass<S>,
  folder: SavedFolder,
  metadata: StageMetadata,
): Promise<S> {
  const data = await readData(folder, metadata);
  try {
    return Class.fromSaved(metadata.params as never, data);
  } catch (cause) {
    if (cause instanceof InvalidParamError || cause instanceof FormatError) throw cause;
    // Whatever else the class finds wrong is wrong with the data.
    const path = join(folder.path, data === null ? METADATA_FILE : DATA_FILE);
    throw broken(path, `it does not fit: ${(cause as Error).message}`, { cause });
  }
}
