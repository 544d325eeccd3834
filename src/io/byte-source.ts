import { type FileHandle, open } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { uint8 } from '../table/buffers.js';
import { type Compression, codecOf, decompressor } from './compression.js';

/** Where bytes are read from: a path, a `file:` URL, or the bytes of the whole file. */
export type FileLike = string | URL | Uint8Array;

/** A file of known size that is read in ranges. */
export interface ByteSource {
  /** What to call it in a message. */
  readonly name: string;
  readonly byteLength: number;
  /** All of them, where they are in memory. */
  readonly bytes: Uint8Array | null;
  /** Bytes `start` to `end` in memory of their own. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes `start` to `end`, in memory that threads share, or where they are. */
  view(start: number, end: number): Promise<Uint8Array>;
  /** The bytes from `start` on into an array, as many as it has. */
  fill(bytes: Uint8Array, start: number): Promise<void>;
  close(): Promise<void>;
}

/** The path of a file, for those who read it by other means. */
export function pathOf(who: string, file: string | URL): string {
  if (typeof file === 'string' && file !== '') return file;
  if (file instanceof URL && file.protocol === 'file:') return fileURLToPath(file);
  throw new InvalidParamError(
    `${who}: the file must be a path or a file: URL, got ${file instanceof URL ? file.href : showValue(file)}.`,
    { details: { who } },
  );
}

/** Opens a file for reading in ranges. A missing one is Node's own error (`code: 'ENOENT'`). */
export async function openBytes(who: string, file: FileLike): Promise<ByteSource> {
  if (file instanceof Uint8Array) return bytesInMemory(who, file);
  const path = pathOf(who, file);
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const fill = async (bytes: Uint8Array, start: number): Promise<void> => {
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0) throw endsEarly(who, path, start + at, start + bytes.length);
      at += bytesRead;
    }
  };
  const check = (end: number): void => {
    // A broken file may say that it goes on for gigabytes.
    if (end > size) throw endsEarly(who, path, size, end);
  };
  return {
    name: path,
    byteLength: size,
    bytes: null,
    async read(start, end) {
      check(end);
      const bytes = new Uint8Array(end - start);
      await fill(bytes, start);
      return bytes;
    },
    async view(start, end) {
      check(end);
      const bytes = uint8(end - start);
      await fill(bytes, start);
      return bytes;
    },
    fill,
    close: () => handle.close(),
  };
}

function endsEarly(who: string, file: string, got: number, expected: number): FormatError {
  return new FormatError(
    `${who}: ${file} ends at byte ${got}, expected it to go on to ${expected}.`,
    { details: { file, got, expected } },
  );
}

function bytesInMemory(who: string, bytes: Uint8Array): ByteSource {
  const name = `${bytes.length} bytes in memory`;
  const view = async (start: number, end: number): Promise<Uint8Array> => {
    if (end > bytes.length) throw endsEarly(who, name, bytes.length, end);
    return bytes.subarray(start, end);
  };
  return {
    name,
    byteLength: bytes.length,
    bytes,
    read: async (start, end) => new Uint8Array(await view(start, end)),
    view,
    fill: async (into, start) => into.set(await view(start, start + into.length)),
    close: () => Promise.resolve(),
  };
}

/** Read from a file at a time. */
const PIECE_BYTES = 1 << 18;

/**
 * The bytes of a file from `start` on, piece by piece; of a compressed one those that were
 * compressed, which are read from the beginning whatever `start` is. A missing file is Node's own
 * error.
 *
 * @throws {@link FormatError} `ERR_GYRE_FORMAT` for a file that ends before `start`, or whose
 *   compressed bytes are broken or cut short.
 */
export async function* readPieces(
  who: string,
  path: string,
  start: number,
  compression: Compression = 'none',
): AsyncGenerator<Buffer> {
  const unpack = decompressor(who, path, codecOf(path, compression));
  const handle = await open(path, 'r');
  try {
    if (unpack === null) yield* plainPieces(who, path, handle, start);
    else yield* unpackedPieces(who, path, handle, unpack, start);
  } finally {
    unpack?.destroy();
    await handle.close();
  }
}

async function* plainPieces(
  who: string,
  path: string,
  handle: FileHandle,
  start: number,
): AsyncGenerator<Buffer> {
  const { size } = await handle.stat();
  if (size < start) throw tooShort(who, path, size, start);
  const options = { start, highWaterMark: PIECE_BYTES, autoClose: false };
  yield* handle.createReadStream(options) as AsyncIterable<Buffer>;
}

async function* unpackedPieces(
  who: string,
  path: string,
  handle: FileHandle,
  unpack: Transform,
  start: number,
): AsyncGenerator<Buffer> {
  const packed = handle.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false });
  // Its failure is that of `unpack`, too.
  const moved = pipeline(packed, unpack).catch(() => {});
  let end = 0;
  try {
    for await (const piece of unpack as AsyncIterable<Buffer>) {
      end += piece.length;
      if (end > start) yield piece.subarray(Math.max(0, piece.length - (end - start)));
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw cause;
    throw new FormatError(
      `${who}: ${path} cannot be decompressed beyond byte ${end}: ${(cause as Error).message}.`,
      { details: { file: path, byte: end }, cause },
    );
  } finally {
    unpack.destroy();
    await moved;
  }
  if (end < start) throw tooShort(who, path, end, start);
}

function tooShort(who: string, path: string, size: number, start: number): FormatError {
  return new FormatError(
    `${who}: ${path} ends at byte ${size}, expected ${start} or more: reading goes on from there; ` +
      'it must be the file that was read before.',
    { details: { file: path, got: size, expected: start } },
  );
}
