/**
 * Reading a checkpoint. Nothing that is read is trusted: which files are read is fixed here, and
 * sizes, places and checksums are compared before anything is used. Whatever is thrown, other than
 * `ERR_GYRE_CHECKPOINT`, means that the checkpoint is broken.
 */
import { readFileSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FormatError } from '../../core/errors.js';
import { DATA_FILE, type JobFolder, MANIFEST_FILE, PIECE_BYTES } from './folder.js';
import {
  type CheckpointMeta,
  dataBytes,
  decodeManifest,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type Part,
  partBoundary,
} from './manifest.js';

/** A checkpoint that is whole. */
export interface StoredCheckpoint {
  readonly id: number;
  readonly meta: CheckpointMeta;
  /** Each in an `ArrayBuffer` of its own, from its start. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

/** Reads and checks a manifest, at once: it is small. */
export function readManifest(folder: JobFolder, id: number): Manifest {
  const path = join(folder.wholePath(id), MANIFEST_FILE);
  const info = statSync(path);
  if (!info.isFile() || info.size > MAX_MANIFEST_BYTES) {
    throw new FormatError(
      `${MANIFEST_FILE} must be a file of at most ${MAX_MANIFEST_BYTES} bytes, got ${info.size}.`,
    );
  }
  return decodeManifest(path, readFileSync(path), id);
}

/** Reads and checks a checkpoint. */
export async function readCheckpoint(folder: JobFolder, id: number): Promise<StoredCheckpoint> {
  const { meta, parts } = readManifest(folder, id);
  const path = join(folder.wholePath(id), DATA_FILE);
  // To open something that is not a file may take for ever.
  const info = await folder.fs.stat(path);
  const bytes = dataBytes(parts);
  if (!info.isFile() || info.size !== bytes) {
    throw new FormatError(`${DATA_FILE} must be a file of ${bytes} bytes, got ${info.size}.`);
  }
  const data = await folder.fs.open(path, 'r');
  try {
    const read = new Map<string, Uint8Array>();
    for (const part of parts) read.set(part.key, await readPart(data, part));
    return { id, meta, parts: read };
  } finally {
    await data.close();
  }
}

async function readPart(data: FileHandle, part: Part): Promise<Uint8Array> {
  const stored = new Uint8Array(partBoundary(part.bytes));
  let sum = 0;
  for (let at = 0; at < stored.length; ) {
    const piece = stored.subarray(at, at + PIECE_BYTES);
    const { bytesRead } = await data.read(piece, 0, piece.length, part.offset + at);
    if (bytesRead === 0) throw new FormatError(`${DATA_FILE} ends in the part "${part.key}".`);
    sum = crc32(piece.subarray(0, bytesRead), sum);
    at += bytesRead;
  }
  if (sum !== part.crc32) {
    throw new FormatError(`${DATA_FILE}: the checksum of the part "${part.key}" does not hold.`);
  }
  return new Uint8Array(stored.buffer, 0, part.bytes);
}
