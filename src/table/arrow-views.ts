import type { ArrowData } from './arrow-types.js';
import { getBit } from './bitmap.js';
import { int32, uint8 } from './buffers.js';
import { Utf8Column } from './utf8-column.js';

/** Bytes of a view: length, then up to 12 bytes of text, or 4 of it, a buffer and an offset. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/** Arrow's string views, copied end to end. */
export function textOfViews(data: ArrowData, validity: Uint8Array | null): Utf8Column {
  const views = (data.values as Uint8Array | undefined) ?? new Uint8Array(0);
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength);
  const offsets = int32(data.length + 1);
  for (let i = 0; i < data.length; i++) {
    const present = validity === null || getBit(validity, i);
    offsets[i + 1] = offsets[i]! + (present ? view.getInt32(i * VIEW_BYTES, true) : 0);
  }
  const bytes = uint8(offsets[data.length]!);
  for (let i = 0; i < data.length; i++) {
    const length = offsets[i + 1]! - offsets[i]!;
    const at = i * VIEW_BYTES;
    const inline = length <= INLINE_BYTES;
    const source = inline ? views : data.variadicBuffers![view.getInt32(at + 8, true)]!;
    const start = inline ? at + 4 : view.getInt32(at + 12, true);
    bytes.set(source.subarray(start, start + length), offsets[i]);
  }
  return new Utf8Column(bytes, offsets, validity);
}
