import * as zlib from 'node:zlib';
import type { CompressionCodec, Compressors, FileMetaData } from 'hyparquet';

/** Codecs that hyparquet needs no help with. */
const BUILT_IN: ReadonlySet<CompressionCodec> = new Set(['UNCOMPRESSED']);

/**
 * What decompresses the pages of a file: Node's own zlib where it has the codec (Zstandard from
 * Node 22.15 on), else `hyparquet-compressors`, which is loaded only when a file needs it.
 */
export async function parquetCompressors({
  row_groups: groups,
}: FileMetaData): Promise<Compressors> {
  const codecs = new Set(
    groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec)),
  );
  const native = nativeCompressors();
  const missing = [...codecs].filter(
    (codec) => codec !== undefined && !BUILT_IN.has(codec) && !(codec in native),
  );
  if (missing.length === 0) return native;
  const { compressors } = await import('hyparquet-compressors');
  return { ...compressors, ...native };
}

function nativeCompressors(): Compressors {
  // The types are those of the oldest Node; later ones have more.
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array };
  return {
    GZIP: (bytes) => zlib.gunzipSync(bytes),
    BROTLI: (bytes) => zlib.brotliDecompressSync(bytes),
    ...(zstdDecompressSync && { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) }),
  };
}
