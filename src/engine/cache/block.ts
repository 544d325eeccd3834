/**
 * A run of encoded records, back to back, in one place: a segment of the arena, a buffer on its way
 * to the file, or the file.
 *
 * ```text
 *   ┌─────────────┬──────────────┬─────────┬─────────────┬───────────┬────
 *   │ i32 words   │ i32 ENCODED  │ value   │ i32 0       │ i32       │ …
 *   │ of 8 bytes  │              │ (wire)  │             │ REFERENCE │
 *   └─────────────┴──────────────┴─────────┴─────────────┴───────────┴────
 * ```
 *
 * The n-th REFERENCE stands for `references[n]`.
 */
import type { Segment } from '../../memory/arena.js';
import type { Region } from '../../memory/ring.js';

export const HEADER_BYTES = 8;
export const ENCODED = 0;
export const REFERENCE = 1;

export interface Block {
  records: number;
  /** Bytes written. */
  bytes: number;
  /** The records and room for more, unless they are in the file. */
  region: Region | null;
  /** What `region` lies in, unless that is a buffer. */
  segment: Segment | null;
  /** Position in the file, when they are there. */
  position: number;
  readonly references: unknown[];
  next: Block | null;
}
