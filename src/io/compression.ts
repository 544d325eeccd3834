/** Compressed files of text: gzip, and Zstandard where Node has it. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';

/**
 * How a file is compressed: `'auto'` goes by the end of its name, `.gz` or `.zst`. Zstandard needs
 * Node 22.15 or later.
 */
export type Compression = 'auto' | 'none' | 'gzip' | 'zstd';

/** Decompressed at a time. */
const PIECE_BYTES = 1 << 18;

type Codec = Exclude<Compression, 'auto'>;

const CHOICES: readonly Compression[] = ['auto', 'none', 'gzip', 'zstd'];

// The types are those of the oldest Node; later ones have more.
const { createZstdCompress, createZstdDecompress } = zlib as {
  createZstdCompress?: () => Transform;
  createZstdDecompress?: () => Transform;
};

/** Checks the option of a reader or a writer. */
export function checkCompression(who: string, compression: Compression): Compression {
  if (CHOICES.includes(compression)) return compression;
  throw new InvalidParamError(
    `${who}: compression must be "auto", "none", "gzip" or "zstd", got ${showValue(compression)}.`,
    { details: { got: compression } },
  );
}

/** What a file of this name is compressed with. */
export function codecOf(path: string, compression: Compression): Codec {
  if (compression !== 'auto') return compression;
  if (path.endsWith('.gz')) return 'gzip';
  return path.endsWith('.zst') ? 'zstd' : 'none';
}

/** What decompresses a file; null when it is not compressed. */
export function decompressor(who: string, path: string, codec: Codec): Transform | null {
  if (codec === 'none') return null;
  return codec === 'gzip'
    ? zlib.createGunzip({ chunkSize: PIECE_BYTES })
    : zstd(who, path, createZstdDecompress)();
}

/** What compresses a file; null when it is not to be. */
export function compressor(who: string, path: string, codec: Codec): Transform | null {
  if (codec === 'none') return null;
  return codec === 'gzip' ? zlib.createGzip() : zstd(who, path, createZstdCompress)();
}

function zstd(who: string, path: string, make: (() => Transform) | undefined): () => Transform {
  if (make !== undefined) return make;
  throw new FormatError(
    `${who}: ${path} is of Zstandard, which Node has from 22.15 on, got ${process.version}; use gzip.`,
    { details: { file: path, node: process.version } },
  );
}
