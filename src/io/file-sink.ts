/** Records of a job to files, each record exactly once. */
import * as nodeFs from 'node:fs/promises';
import type { FileSystem } from '../core/durable-fs.js';
import { ClosedError, FormatError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { checkSchema, type Schema } from '../table/schema.js';
import { Table } from '../table/table.js';
import { pathOf } from './byte-source.js';
import { PartFile } from './part-file.js';
import { PartFolder, type PartInfo } from './part-folder.js';
import {
  csvFormat,
  jsonLinesFormat,
  PartColumns,
  type PartEncoder,
  type PartFormat,
  parquetFormat,
} from './part-formats.js';
import type { CsvWriteOptions } from './write-csv.js';
import type { ParquetWriteOptions } from './write-parquet.js';

/** The formats of a {@link FileSink}. */
export type FileFormat = 'jsonl' | 'csv' | 'parquet';

/** Options of {@link FileSink}. */
export interface FileSinkOptions {
  /** A path or a `file:` URL; it is made when it is not there. */
  readonly folder: string | URL;
  /**
   * `jsonl`: any plain records, one a line; a table as its rows. `csv`: tables, or rows given the
   * `schema`. `parquet`: tables, at least one row group each.
   */
  readonly format: FileFormat;
  /** The schema of CSV and Parquet parts. **Default:** that of the first table. */
  readonly schema?: Schema;
  /** How CSV is written. */
  readonly csv?: CsvWriteOptions;
  /** How Parquet is written. */
  readonly parquet?: ParquetWriteOptions;
}

/** What a checkpoint has of a sink. */
interface SinkState {
  readonly format: string;
  /** The last part that it covers. */
  readonly part: number;
  /** Of those, the parts from the last on that was committed before. */
  readonly recent: readonly PartInfo[];
  readonly schema: Schema | null;
}

interface OpenPart {
  readonly file: PartFile;
  readonly encoder: PartEncoder;
}

/**
 * Writes the records of a stream to the files `part-00000001.jsonl`, `part-00000002.jsonl`, ... of a
 * folder: one for each checkpoint of the job that has new records, or one in all where it has none.
 *
 * A part gets its name when a checkpoint covers it, or the job is complete; until then it is hidden
 * (`.part-00000002.jsonl.tmp`). A job that goes on from a checkpoint removes what was written after
 * it. So who reads the parts in order sees whole files only, and each record exactly once. Parts may
 * be taken away from the folder, but for the newest one, and those that an older checkpoint, which
 * is used when the newest is broken, does not cover.
 *
 * One sink is of one job at a time, and so is its folder. In a job with checkpoints memory is that
 * of a buffer of 256 KiB and of one record; Parquet encodes a whole table at a time, and keeps the
 * metadata of all row groups of a part.
 *
 * Errors of the file system are `ERR_GYRE_OPERATOR` with the path and the system's code in
 * `details`: a job tries again after them. `ERR_GYRE_FORMAT` is a folder that has the parts of
 * another run, or lacks some of its own; `ERR_GYRE_SCHEMA` and `ERR_GYRE_DATA` are records that the
 * format cannot hold.
 *
 * @example
 * ```ts
 * const session = new Session({ threads: 0 });
 * const job = session.job('squares', { checkpoint: { folder: 'checkpoints', everyMs: 10_000 } });
 * const squares = job.of([1, 2, 3]).map((x) => x * x);
 * squares.sinkTo(new FileSink({ folder: 'squares', format: 'jsonl' }));
 * await job.run(); // squares/part-00000001.jsonl has the lines 1, 4 and 9
 * ```
 */
export class FileSink {
  readonly #folder: PartFolder;
  readonly #format: PartFormat;
  readonly #schema: Schema | null;
  #columns: PartColumns;
  #part: OpenPart | null = null;
  /** The last part that is whole. */
  #last = 0;
  /** The last part that is committed. */
  #committed = 0;
  /** The whole parts from that one on. */
  #recent: PartInfo[] = [];
  /** Whether what is in the folder is of this sink's job. */
  #owns = false;
  /** Why nothing can be written any more: what was written before it may be lost. */
  #failure: { readonly error: unknown } | null = null;

  /**
   * @param fs For tests.
   * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for an unknown format or a path that
   *   is none, {@link SchemaError} `ERR_GYRE_SCHEMA` for an unknown column type.
   */
  constructor(options: FileSinkOptions, fs: FileSystem = nodeFs) {
    const path = pathOf('FileSink', options.folder);
    this.#format = formatOf(options);
    this.#schema = options.schema === undefined ? null : checkSchema('FileSink', options.schema);
    if (this.#schema !== null && !this.#format.isTabular) {
      throw new InvalidParamError(
        'FileSink.schema is of the formats csv and parquet, not of jsonl.',
      );
    }
    this.#columns = new PartColumns(this.#schema);
    this.#folder = new PartFolder(path, this.#format.extension, fs);
  }

  /** Before the first record, and when the job goes on: makes the folder what `state` says. */
  async open(state: unknown): Promise<void> {
    await this.#abandon();
    const checkpoint = state === undefined ? null : this.#stateOf(state);
    await this.#folder.make();
    const { committed, hidden } = await this.#folder.list();
    if (checkpoint === null && !this.#owns) this.#checkEmpty(committed);
    this.#owns = true;
    const { part: last, recent, schema } = checkpoint ?? { part: 0, recent: [], schema: null };
    const newest = committed.at(-1) ?? 0;
    // Parts are committed in order, so a later one tells that a part was, and was taken away since.
    for (const info of recent) await this.#folder.commit(info, info.part < newest);
    const kept = new Set(recent.map(({ part }) => part));
    const later = committed.filter((part) => part > last).reverse();
    const left = hidden.filter((part) => !kept.has(part));
    await this.#folder.remove(later.map((part) => this.#folder.committedPath(part)));
    await this.#folder.remove(left.map((part) => this.#folder.hiddenPath(part)));
    await this.#folder.sync();
    this.#last = last;
    this.#committed = last;
    this.#recent = recent.slice(-1);
    this.#columns = new PartColumns(this.#schema ?? schema);
    this.#failure = null;
  }

  /** Adds a record to the part that is being written. */
  write(value: unknown): Promise<void> {
    return this.#doing(async () => {
      // A part of no rows would be an empty one.
      if (value instanceof Table && value.numRows === 0) return;
      this.#part ??= await this.#begin();
      const { encoder, file } = this.#part;
      await addAll(file, await encoder.encode(value));
    });
  }

  /** Completes the part that is being written. When this is done, it is on the disk. */
  prepare(): Promise<unknown> {
    return this.#doing(async () => {
      if (this.#part !== null) await this.#complete(this.#part);
      const { extension: format } = this.#format;
      const { schema } = this.#columns;
      const state: SinkState = { format, part: this.#last, recent: [...this.#recent], schema };
      return state;
    });
  }

  /** Gives the parts that a state covers their names. */
  async commit(state: unknown): Promise<void> {
    const { part, recent } = this.#stateOf(state);
    for (const info of recent) await this.#folder.commit(info, info.part <= this.#committed);
    await this.#folder.sync();
    this.#committed = Math.max(this.#committed, part);
    this.#recent = this.#recent.filter((info) => info.part >= this.#committed);
  }

  /** The job is over: the part that is being written will not be used. */
  async close(): Promise<void> {
    await this.#abandon();
    this.#owns = false;
  }

  async #begin(): Promise<OpenPart> {
    const file = await PartFile.open(this.#folder.fs, this.#folder.hiddenPath(this.#last + 1));
    return { file, encoder: this.#format.begin(this.#columns) };
  }

  async #complete({ encoder, file }: OpenPart): Promise<void> {
    await addAll(file, await encoder.finish());
    await file.finish();
    await this.#folder.sync();
    this.#part = null;
    this.#last++;
    this.#recent.push({ part: this.#last, bytes: file.bytes });
  }

  async #abandon(): Promise<void> {
    if (this.#part === null) return;
    const { file } = this.#part;
    this.#part = null;
    await file.abandon();
    // If it stays, whoever opens the folder removes it.
    await this.#folder.remove([file.path]).catch(() => {});
  }

  async #doing<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#owns) throw new ClosedError('FileSink: it is not open.');
    if (this.#failure !== null) throw this.#failure.error;
    try {
      return await call();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #checkEmpty(committed: readonly number[]): void {
    const [first] = committed;
    if (first === undefined) return;
    const { path } = this.#folder;
    throw new FormatError(
      `FileSink: ${path} must have no parts when a job begins, got ${committed.length} of another ` +
        'run; remove them, give another folder, or go on from the checkpoint of that run (resume).',
      {
        details: {
          folder: path,
          parts: committed.length,
          first: this.#folder.committedPath(first),
        },
      },
    );
  }

  #stateOf(state: unknown): SinkState {
    const { format } = (state ?? {}) as Partial<SinkState>;
    if (format === this.#format.extension) return state as SinkState;
    throw new FormatError(
      `FileSink: a checkpoint must be of a sink of the format ${this.#format.extension}, got ` +
        `${format ?? showValue(state)}; build the job as it was, or begin anew.`,
      { details: { expected: this.#format.extension, got: format } },
    );
  }
}

async function addAll(file: PartFile, pieces: Iterable<string | Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    const written = file.add(piece);
    if (written !== undefined) await written;
  }
}

function formatOf({ format, csv = {}, parquet = {} }: FileSinkOptions): PartFormat {
  switch (format) {
    case 'jsonl':
      return jsonLinesFormat;
    case 'csv':
      return csvFormat(csv);
    case 'parquet':
      return parquetFormat(parquet);
    default:
      throw new InvalidParamError(
        `FileSink.format must be "jsonl", "csv" or "parquet", got ${showValue(format)}.`,
        { details: { got: format } },
      );
  }
}
