/**
 * The manifest of a checkpoint. The file is
 *
 * ```text
 * {"crc32": "89abcdef", "manifest": { "formatVersion": 1, ... }}
 * ```
 *
 * where the checksum is of the bytes of the inner object. A later format may change that object in
 * any way but its `formatVersion` and `gyreVersion`, and nothing around it: so a version is believed
 * only when the checksum holds, and a flipped bit is not taken for a later version.
 *
 * `data.bin` holds the parts in the order of the manifest; each begins at a multiple of 8, and
 * zeros fill it up to the next.
 */
import { crc32 } from 'node:zlib';
import { CheckpointError, FormatError } from '../../core/errors.js';
import { showValue } from '../../core/params.js';
import { VERSION } from '../../core/version.js';
import { alignUp } from '../../memory/layout.js';

/** Version of the written form; a reader refuses later ones. */
export const FORMAT_VERSION = 1;
/** Parts begin at multiples of this, in the file and in memory: any typed array can view them. */
const PART_ALIGNMENT = 8;
/** Room for some hundred thousand parts; what is larger is no manifest. */
export const MAX_MANIFEST_BYTES: number = 1 << 26;

/** What a checkpoint says about itself: plain JSON. All but these two belongs to the engine. */
export interface CheckpointMeta {
  readonly job: string;
  readonly parallelism: number;
  readonly [key: string]: unknown;
}

/** A part of `data.bin`. */
export interface Part {
  readonly key: string;
  readonly offset: number;
  readonly bytes: number;
  /** Of the bytes and the zeros behind them. */
  readonly crc32: number;
}

export interface Manifest {
  readonly formatVersion: number;
  readonly gyreVersion: string;
  readonly id: number;
  readonly meta: CheckpointMeta;
  readonly parts: readonly Part[];
}

/** Where the next part begins, behind one that ends at `end`. */
export function partBoundary(end: number): number {
  return alignUp(end, PART_ALIGNMENT);
}

/** Bytes of `data.bin`. */
export function dataBytes(parts: readonly Part[]): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : partBoundary(last.offset + last.bytes);
}

/** The file around an inner object. */
function sealed(inner: Uint8Array): Buffer {
  const checksum = crc32(inner).toString(16).padStart(8, '0');
  return Buffer.concat([
    Buffer.from(`{"crc32": "${checksum}", "manifest": `),
    inner,
    Buffer.from('}\n'),
  ]);
}

const HEAD_BYTES = sealed(new Uint8Array()).length - 2;

/** The bytes of `manifest.json`. */
export function encodeManifest(id: number, meta: CheckpointMeta, parts: readonly Part[]): Buffer {
  const manifest: Manifest = {
    formatVersion: FORMAT_VERSION,
    gyreVersion: VERSION,
    id,
    meta,
    parts,
  };
  const bytes = sealed(Buffer.from(JSON.stringify(manifest, null, 2)));
  if (bytes.length <= MAX_MANIFEST_BYTES) return bytes;
  throw new FormatError(
    `${parts.length} parts and their meta must fit in ${MAX_MANIFEST_BYTES} bytes, ` +
      `got ${bytes.length}.`,
  );
}

/**
 * The manifest of checkpoint `id`, with a place for each part that overlaps no other.
 *
 * @throws FormatError `ERR_GYRE_FORMAT` when it is broken.
 * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when it is intact, and of a later version.
 */
export function decodeManifest(path: string, bytes: Uint8Array, id: number): Manifest {
  const inner = bytes.subarray(HEAD_BYTES, bytes.length - 2);
  if (!sealed(inner).equals(bytes)) throw broken('its checksum does not hold');
  const manifest = JSON.parse(new TextDecoder().decode(inner)) as Manifest;
  if (!isObject(manifest)) throw broken(`it must be an object, got ${showValue(manifest)}`);
  checkVersion(path, manifest);
  if (manifest.id !== id) throw broken(`id must be ${id}, got ${showValue(manifest.id)}`);
  checkMeta(manifest.meta);
  checkParts(manifest.parts);
  return manifest;
}

const broken = (what: string): FormatError => new FormatError(`manifest.json: ${what}.`);

const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Number.isSafeInteger does not say that what it lets through is a number. */
const isInteger = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

function checkVersion(path: string, { formatVersion, gyreVersion }: Manifest): void {
  if (!isInteger(formatVersion, 1)) {
    throw broken(`formatVersion must be an integer >= 1, got ${showValue(formatVersion)}`);
  }
  if (formatVersion <= FORMAT_VERSION) return;
  throw new CheckpointError(
    `${path}: its format version must be at most ${FORMAT_VERSION}, which gyre ${VERSION} reads, ` +
      `got ${formatVersion}, written by gyre ${showValue(gyreVersion)}; use that gyre or a later one.`,
    { details: { path, formatVersion, gyreVersion, supported: FORMAT_VERSION } },
  );
}

function checkMeta(meta: CheckpointMeta): void {
  if (!isObject(meta)) throw broken(`meta must be an object, got ${showValue(meta)}`);
  if (typeof meta.job !== 'string') {
    throw broken(`meta.job must be a string, got ${showValue(meta.job)}`);
  }
  if (!isInteger(meta.parallelism, 1)) {
    throw broken(`meta.parallelism must be an integer >= 1, got ${showValue(meta.parallelism)}`);
  }
}

function checkParts(parts: readonly Part[]): void {
  if (!Array.isArray(parts)) throw broken(`parts must be an array, got ${showValue(parts)}`);
  const keys = new Set<string>();
  let offset = 0;
  for (const [i, part] of (parts as readonly Part[]).entries()) {
    const fits =
      isObject(part) &&
      typeof part.key === 'string' &&
      part.offset === offset &&
      isInteger(part.bytes, 0) &&
      isInteger(part.crc32, 0);
    if (!fits) throw broken(`part ${i} must be { key, offset: ${offset}, bytes, crc32 }`);
    if (keys.has(part.key)) throw broken(`parts must differ in their keys, got ${part.key} twice`);
    keys.add(part.key);
    offset = partBoundary(offset + part.bytes);
  }
}
