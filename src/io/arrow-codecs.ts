/** Codecs of compressed record batches, which `apache-arrow` has none of. */
import * as zlib from 'node:zlib';
import type { ArrowLibrary } from '../table/arrow-out.js';
import { decompressLz4Frame } from './lz4-frame.js';

/** Adds the codecs to the library, unless the program has added some of its own. */
export async function addArrowCodecs({
  compressionRegistry: codecs,
  CompressionType: Type,
}: ArrowLibrary): Promise<void> {
  if (codecs.get(Type.LZ4_FRAME) === null) {
    codecs.set(Type.LZ4_FRAME, { decode: aligned(decompressLz4Frame) });
  }
  if (codecs.get(Type.ZSTD) === null) codecs.set(Type.ZSTD, { decode: aligned(await zstd()) });
}

/** Node has it from 22.15 on. */
async function zstd(): Promise<(bytes: Uint8Array) => Uint8Array> {
  // The types are those of the oldest Node; later ones have more.
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array };
  if (zstdDecompressSync !== undefined) return zstdDecompressSync;
  const { compressors } = await import('hyparquet-compressors');
  return (bytes) => compressors.ZSTD!(bytes, 0);
}

/** Columns are views of what is decompressed, so it must begin where 64-bit numbers can. */
function aligned(decode: (bytes: Uint8Array) => Uint8Array): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const decoded = decode(bytes);
    return decoded.byteOffset % 8 === 0 ? decoded : new Uint8Array(decoded);
  };
}
