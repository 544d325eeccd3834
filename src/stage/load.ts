/**
 * Loading stages. Nothing in the folder is executed, and nothing it says is trusted: which files
 * are read is fixed here, sizes and checksums are compared before anything is parsed, and params
 * pass the same checks as in a constructor.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Table } from '../table/table.js';
import { DATA_FILE, FORMAT_VERSION, METADATA_FILE, type StageMetadata, sha256 } from './save.js';

/** Metadata of any stage of this library is far below. */
const MAX_METADATA_BYTES = 1 << 20;

/** A class whose stages can be loaded. */
export interface LoadableClass<S> {
  readonly className: string;
  /** Makes the stage from what was saved. */
  fromSaved(params: never, data: Table | null): S;
}

function broken(path: string, what: string, details: Record<string, unknown> = {}): FormatError {
  return new FormatError(`${path}: ${what}`, { details: { path, ...details } });
}

/** The bytes of a file whose size was looked at; what the system refuses is a broken stage too. */
async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FormatError(`${path}: it cannot be read: ${(cause as Error).message}.`, {
      details: { path },
      cause,
    });
  }
}

async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch((cause) => {
    throw new FormatError(`${path}: there is no such file; expected a saved stage.`, {
      details: { path },
      cause,
    });
  });
  if (!info.isFile()) throw broken(path, 'it must be a file.');
  return info.size;
}

/** Reads and checks `metadata.json` of a saved stage. */
export async function readMetadata(folder: string): Promise<StageMetadata> {
  const path = join(folder, METADATA_FILE);
  const size = await sizeOf(path);
  if (size > MAX_METADATA_BYTES) {
    throw broken(path, `it must have at most ${MAX_METADATA_BYTES} bytes, got ${size}.`);
  }
  const metadata = parse(path, (await bytesOf(path)).toString());
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
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object') return value as StageMetadata;
  } catch (cause) {
    throw new FormatError(`${path}: it must be JSON.`, { details: { path }, cause });
  }
  throw broken(path, 'it must be a JSON object.');
}

async function readData(folder: string, { data }: StageMetadata): Promise<Table | null> {
  if (data === null) return null;
  const path = join(folder, DATA_FILE);
  const size = await sizeOf(path);
  if (size !== data.bytes) {
    throw broken(path, `it must have ${data.bytes} bytes, got ${size}.`, { size });
  }
  const bytes = await bytesOf(path);
  if (sha256(bytes) !== data.sha256) throw broken(path, 'its checksum differs from metadata.json.');
  try {
    const { tableFromIPC } = await import('apache-arrow');
    const table = Table.fromArrow(tableFromIPC(bytes));
    // Stages read the typed arrays of their data as they are, and save none with null.
    const column = table.columnNames.find((name) => table.column(name).nullCount > 0);
    if (column === undefined) return table;
    throw broken(path, `column "${column}" must not have null.`, { column });
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${path}: it must be an Arrow IPC file.`, { details: { path }, cause });
  }
}

/**
 * Loads a stage of one class.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when the folder holds another one, or a broken one.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for params that the class refuses.
 */
export async function loadAs<S>(Class: LoadableClass<S>, folder: string): Promise<S> {
  const metadata = await readMetadata(folder);
  if (metadata.className !== Class.className) {
    throw broken(
      join(folder, METADATA_FILE),
      `className must be ${Class.className}, got ${showValue(metadata.className)}.`,
    );
  }
  const data = await readData(folder, metadata);
  try {
    return Class.fromSaved(metadata.params as never, data);
  } catch (cause) {
    if (data === null || cause instanceof InvalidParamError || cause instanceof FormatError) {
      throw cause;
    }
    // Whatever else the class finds wrong is wrong with the data.
    const path = join(folder, DATA_FILE);
    throw new FormatError(`${path}: it does not fit: ${(cause as Error).message}`, {
      details: { path },
      cause,
    });
  }
}
