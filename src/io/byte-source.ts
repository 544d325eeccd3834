import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';

/** Where bytes are read from: a path, a `file:` URL, or the bytes of the whole file. */
export type FileLike = string | URL | Uint8Array;

/** A file of known size that is read in ranges. */
export interface ByteSource {
  /** What to call it in a message. */
  readonly name: string;
  readonly byteLength: number;
  /** Bytes `start` to `end` in memory of their own. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
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
  if (file instanceof Uint8Array) return bytesInMemory(file);
  const path = pathOf(who, file);
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    name: path,
    byteLength: size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) {
          throw new FormatError(
            `${who}: ${path} ends at byte ${start + at}, expected it to go on to ${end}.`,
            { details: { file: path, got: start + at, expected: end } },
          );
        }
        at += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

function bytesInMemory(bytes: Uint8Array): ByteSource {
  return {
    name: `${bytes.length} bytes in memory`,
    byteLength: bytes.length,
    read: (start, end) => Promise.resolve(new Uint8Array(bytes.subarray(start, end))),
    close: () => Promise.resolve(),
  };
}

/** Read from a file at a time. */
const PIECE_BYTES = 1 << 18;

/**
 * The bytes of a file from `start` on, piece by piece. A missing file is Node's own error.
 *
 * @throws {@link FormatError} `ERR_GYRE_FORMAT` for a file that ends before `start`.
 */
export async function* readPieces(
  who: string,
  path: string,
  start: number,
): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size < start) {
      throw new FormatError(
        `${who}: ${path} ends at byte ${size}, expected ${start} or more: reading goes on from there; ` +
          'it must be the file that was read before.',
        { details: { file: path, got: size, expected: start } },
      );
    }
    const options = { start, highWaterMark: PIECE_BYTES, autoClose: false };
    yield* handle.createReadStream(options) as AsyncIterable<Buffer>;
  } finally {
    await handle.close();
  }
}
