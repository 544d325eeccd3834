/**
 * Every error that Gyre throws on purpose: a stable `code`, the facts in `details`, and a message
 * of one form: who, what was wrong, what was got, what would be right.
 *
 * Match on `error.code`: classes do not survive copies of the package or `structuredClone`; codes do.
 */

/** A stable error code. Codes are part of the public API and never change meaning. */
export type ErrorCode =
  | 'ERR_GYRE_INVALID_PARAM'
  | 'ERR_GYRE_SCHEMA'
  | 'ERR_GYRE_DATA'
  | 'ERR_GYRE_DIMENSION'
  | 'ERR_GYRE_FORMAT'
  | 'ERR_GYRE_PLAN'
  | 'ERR_GYRE_ITERATION'
  | 'ERR_GYRE_CHECKPOINT'
  | 'ERR_GYRE_OPERATOR'
  | 'ERR_GYRE_MEMORY'
  | 'ERR_GYRE_KERNEL'
  | 'ERR_GYRE_POOL'
  | 'ERR_GYRE_WORKER'
  | 'ERR_GYRE_ABORTED'
  | 'ERR_GYRE_CLOSED'
  | 'ERR_GYRE_MODEL'
  | 'ERR_GYRE_PACKAGE'
  | 'ERR_GYRE_INTERNAL';

/** The facts behind an error, as plain values that survive a structured clone. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** What crosses a thread: an error as plain data. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly details?: ErrorDetails;
  readonly cause?: ErrorRecord;
}

/** Options of every error: the facts, and what led to it. */
export interface ErrorOptionsWithDetails {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** The base of all errors of this library. */
export class GyreError extends Error {
  /** Stable, for programs: `'ERR_GYRE_SCHEMA'`. */
  readonly code: ErrorCode;
  /** The values that the message names. */
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: ErrorOptionsWithDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }

  /** This error as plain data; {@link errorFromRecord} is the way back. */
  toJSON(): ErrorRecord {
    return errorToRecord(this);
  }
}

/** A parameter has a value outside its range, or is not known. */
export class InvalidParamError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_INVALID_PARAM', message, options);
  }
}

/** A column is missing or has another type than the stage reads. */
export class SchemaError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_SCHEMA', message, options);
  }
}

/** The values of a column cannot be used: NaN, null, too few rows. */
export class DataError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_DATA', message, options);
  }
}

/** Two things that should have the same length or dimension do not. */
export class DimensionMismatchError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_DIMENSION', message, options);
  }
}

/** A file or a saved stage is not what its name says: truncated, corrupt, of another version. */
export class FormatError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_FORMAT', message, options);
  }
}

/** A dataflow graph is built wrongly. */
export class PlanError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_PLAN', message, options);
  }
}

/** An iteration broke one of its rules while running. */
export class IterationError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_ITERATION', message, options);
  }
}

/** A checkpoint cannot be written, or none of those that exist can be read. */
export class CheckpointError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_CHECKPOINT', message, options);
  }
}

/** A user's operator or source threw something that is not a {@link GyreError}; see `cause`. */
export class OperatorError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_OPERATOR', message, options);
  }
}

/** An optional package is not installed, or does not run here. */
export class MissingPackageError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_PACKAGE', message, options);
  }
}

/** The memory limit is reached. */
export class MemoryLimitError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_MEMORY', message, options);
  }
}

/** A kernel build cannot be used here, or a kernel trapped. */
export class KernelError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_KERNEL', message, options);
  }
}

/** A worker pool cannot run what is asked of it. */
export class PoolError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_POOL', message, options);
  }
}

/** A worker thread ended without an answer: `process.exit`, out of memory. */
export class WorkerFailedError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_WORKER', message, options);
  }
}

/** The caller's signal was aborted; `cause` is the signal's reason. */
export class AbortError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_ABORTED', message, options);
  }
}

/** The session, stream or model was closed before. */
export class ClosedError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_CLOSED', message, options);
  }
}

/** A model has no data yet, or its data does not fit its params. */
export class ModelDataError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_MODEL', message, options);
  }
}

/** A rule inside the library is broken: a bug of ours. */
export class InternalError extends GyreError {
  constructor(message: string, options?: ErrorOptionsWithDetails) {
    super('ERR_GYRE_INTERNAL', message, options);
  }
}

const CLASSES = {
  ERR_GYRE_INVALID_PARAM: InvalidParamError,
  ERR_GYRE_SCHEMA: SchemaError,
  ERR_GYRE_DATA: DataError,
  ERR_GYRE_DIMENSION: DimensionMismatchError,
  ERR_GYRE_FORMAT: FormatError,
  ERR_GYRE_PLAN: PlanError,
  ERR_GYRE_ITERATION: IterationError,
  ERR_GYRE_CHECKPOINT: CheckpointError,
  ERR_GYRE_OPERATOR: OperatorError,
  ERR_GYRE_PACKAGE: MissingPackageError,
  ERR_GYRE_MEMORY: MemoryLimitError,
  ERR_GYRE_KERNEL: KernelError,
  ERR_GYRE_POOL: PoolError,
  ERR_GYRE_WORKER: WorkerFailedError,
  ERR_GYRE_ABORTED: AbortError,
  ERR_GYRE_CLOSED: ClosedError,
  ERR_GYRE_MODEL: ModelDataError,
  ERR_GYRE_INTERNAL: InternalError,
} as const;

/** Causes of causes beyond this are left out: a chain may be a circle. */
const MAX_CAUSES = 16;

/** Any thrown value as plain data: name, message, code, details, stack and causes are kept. */
export function errorToRecord(error: unknown, causes: number = MAX_CAUSES): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'Error', message: textOf(error) };
  const { code, details } = error as { code?: unknown; details?: ErrorDetails };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error instanceof GyreError && { details }),
    ...(error.cause !== undefined &&
      causes > 0 && { cause: errorToRecord(error.cause, causes - 1) }),
  };
}

/** Not every value has a text: `Object.create(null)` does not. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return typeof thrown;
  }
}

/** The error of a record: a {@link GyreError} of its class where the code is one of ours. */
export function errorFromRecord(record: ErrorRecord): Error {
  const cause = record.cause === undefined ? undefined : errorFromRecord(record.cause);
  // A code may be anything, also the name of something that every object has.
  const known = Object.hasOwn(CLASSES, record.code ?? '');
  const Class = known ? CLASSES[record.code as ErrorCode] : undefined;
  const error =
    Class === undefined
      ? Object.assign(
          new Error(record.message, cause && { cause }),
          record.code !== undefined && { code: record.code },
        )
      : new Class(record.message, { details: record.details ?? {}, cause });
  error.name = record.name;
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
}

/** Throws {@link InternalError} when a rule of the library does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** The {@link AbortError} of an aborted signal. `who` is the call that stops: `'KMeans.fit'`. */
export function abortError(who: string, signal: AbortSignal): AbortError {
  return new AbortError(`${who} was aborted.`, { cause: signal.reason });
}
