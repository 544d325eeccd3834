/** The data of {@link OnlineStandardScalerModel}, and their checks. */
import { DimensionMismatchError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { DenseVector } from '../table/vector.js';

/** What `OnlineStandardScaler` learns of all windows so far. */
export interface OnlineStandardScalerModelData {
  /** The mean of each entry. */
  readonly mean: DenseVector;
  /** The sample standard deviation (divisor rows - 1); 0 where an entry is constant. */
  readonly std: DenseVector;
  /** 0, 1, 2, ...: one more a window. **Default:** 0. */
  readonly version?: number | undefined;
  /** Last millisecond of the last window by event time; else infinity. **Default:** infinity. */
  readonly timestamp?: number | undefined;
  /** Rows of all windows: to go on learning; not needed to scale. */
  readonly rows?: number | undefined;
  /** Σ(x - mean)² of each entry, likewise. */
  readonly squares?: DenseVector | undefined;
}

/** The data as a model has them. */
export interface OnlineStandardScalerVersion extends OnlineStandardScalerModelData {
  readonly version: number;
  readonly timestamp: number;
}

/**
 * The data with defaults filled in.
 *
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
 */
export function checkedVersion(data: OnlineStandardScalerModelData): OnlineStandardScalerVersion {
  const who = 'OnlineStandardScalerModel.setModelData';
  const { mean, std, rows, squares } = data;
  const version = Number(data.version ?? 0);
  const timestamp = Number(data.timestamp ?? Number.POSITIVE_INFINITY);
  const vectors = [mean, std, ...(squares === undefined ? [] : [squares])];
  if (!vectors.every((vector) => vector instanceof DenseVector)) {
    throw new ModelDataError(`${who}: mean, std and squares must be dense vectors.`);
  }
  if (vectors.some(({ size }) => size !== mean.size)) {
    const sizes = vectors.map(({ size }) => size);
    throw new DimensionMismatchError(
      `${who}: mean, std and squares must have one size, got ${sizes.join(', ')}.`,
      { details: { sizes } },
    );
  }
  const below = std.values.find((value) => value < 0);
  if (below !== undefined) {
    throw new ModelDataError(`${who}: std must not be below 0, got ${below}.`);
  }
  if (!Number.isSafeInteger(version) || version < 0 || Number.isNaN(timestamp)) {
    throw new ModelDataError(
      `${who}: version must be an integer >= 0 and timestamp a number, got ` +
        `${showValue(data.version)} and ${showValue(data.timestamp)}.`,
    );
  }
  if ((rows === undefined) !== (squares === undefined) || (rows !== undefined && !(rows >= 1))) {
    throw new ModelDataError(
      `${who}: rows must be a number >= 1, given together with squares, got ${showValue(rows)}.`,
    );
  }
  return { ...data, version, timestamp };
}
