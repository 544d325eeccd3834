/**
 * The messages of an Arrow IPC stream.
 *
 * ```text
 * FF FF FF FF | length    before 0.15 the length alone
 * metadata                a flatbuffer: schema, dictionary or record batch; says how long the body is
 * body
 * ...                     again and again
 * FF FF FF FF | 0         or the end of the bytes
 * ```
 */
import type { ArrowLibrary } from '../table/arrow-out.js';
import type { ByteSource } from './byte-source.js';

const CONTINUATION = -1;

/**
 * Schema, dictionaries and record batches, each as one piece for the metadata and one for the body.
 * Of the record batches before number `from` the metadata alone is read, and they are left out. A
 * body is in memory of its own, so that columns can be views of it.
 *
 * @throws {@link FormatError} `ERR_GYRE_FORMAT` for a stream that is cut short.
 */
export async function* arrowMessages(
  { Message, MessageHeader }: ArrowLibrary,
  source: ByteSource,
  from: number,
): AsyncGenerator<Uint8Array> {
  for (let at = 0, batch = 0; at < source.byteLength; ) {
    const { bytes, metadataBytes } = await prefixAt(source, at);
    if (metadataBytes === 0) return;
    const bodyAt = at + bytes + metadataBytes;
    const head = await source.view(at, bodyAt);
    const message = Message.decode(head.subarray(bytes));
    at = bodyAt + message.bodyLength;
    const isBatch = message.headerType === MessageHeader.RecordBatch;
    if (isBatch && batch++ < from) continue;
    yield head;
    if (message.bodyLength > 0) yield await source.view(bodyAt, at);
  }
}

async function prefixAt(
  source: ByteSource,
  at: number,
): Promise<{ readonly bytes: number; readonly metadataBytes: number }> {
  const end = Math.min(at + 8, source.byteLength);
  const bytes = await source.read(at, end);
  if (bytes.length < 4) return { bytes: bytes.length, metadataBytes: 0 };
  const words = new DataView(bytes.buffer);
  const first = words.getInt32(0, true);
  if (first !== CONTINUATION) return { bytes: 4, metadataBytes: Math.max(0, first) };
  return { bytes: 8, metadataBytes: bytes.length < 8 ? 0 : Math.max(0, words.getInt32(4, true)) };
}
