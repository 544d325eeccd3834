/** The data of {@link OnlineKMeansModel}: their checks, and their form as a table. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { KMeansModelData } from './kmeans-model.js';
import type { Clusters } from './online-kmeans-rows.js';

/** What `OnlineKMeans` learns of all batches so far. */
export interface OnlineKMeansModelData extends KMeansModelData {
  /** Rows that each cluster has had, the older ones decayed. */
  readonly weights: DenseVector;
  /** 1 for the model that learning starts from, then one more a batch. **Default:** 1. */
  readonly version?: number | undefined;
}

/** The data as a model has them. */
export interface OnlineKMeansVersion extends OnlineKMeansModelData {
  readonly version: number;
}

/** The version of a model that does not say. */
const FIRST_VERSION = 1;

/**
 * The data with the default filled in.
 *
 * @param k The most centroids that there may be.
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
 */
export function checkedVersion(
  who: string,
  data: OnlineKMeansModelData,
  k: number,
): OnlineKMeansVersion {
  const { centroids, weights } = data;
  const version = Number(data.version ?? FIRST_VERSION);
  if (!Array.isArray(centroids) || centroids.length < 1 || centroids.length > k) {
    const got = Array.isArray(centroids) ? centroids.length : showValue(centroids);
    throw new ModelDataError(`${who}: there must be 1 to k = ${k} centroids, got ${got}.`, {
      details: { k, got },
    });
  }
  const stranger = [...centroids, weights].find((vector) => !(vector instanceof DenseVector));
  if (stranger !== undefined || weights === undefined) {
    throw new ModelDataError(
      `${who}: centroids and weights must be DenseVectors, see Vectors.dense, got ` +
        `${showValue(stranger)}.`,
    );
  }
  const { size } = centroids[0]!;
  const other = centroids.find((centroid) => centroid.size !== size);
  if (other !== undefined || weights.size !== centroids.length) {
    throw new DimensionMismatchError(
      `${who}: centroids must have one size and one weight each, got sizes ${size} and ` +
        `${other?.size ?? size}, ${weights.size} weights for ${centroids.length}.`,
    );
  }
  checkNumbers(who, data);
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new ModelDataError(
      `${who}: version must be an integer >= 0, got ${showValue(data.version)}.`,
    );
  }
  return { centroids, weights, version };
}

function checkNumbers(who: string, { centroids, weights }: OnlineKMeansModelData): void {
  const isGood = (value: number) => Number.isFinite(value);
  const bad = centroids.findIndex(({ values }) => !values.every(isGood));
  if (bad >= 0) {
    throw new ModelDataError(`${who}: centroids must be finite, got ${centroids[bad]} as ${bad}.`);
  }
  const weight = weights.values.find((value) => !isGood(value) || value < 0);
  if (weight !== undefined) {
    throw new ModelDataError(`${who}: weights must be numbers >= 0, got ${weight}.`);
  }
}

/** A version in the form that learners take. */
export function clustersOf({ centroids, weights }: OnlineKMeansVersion): Clusters {
  const [k, dim] = [centroids.length, centroids[0]!.size];
  const rows = new Float64Array(k * dim);
  centroids.forEach(({ values }, j) => {
    rows.set(values, j * dim);
  });
  return { k, dim, centroids: rows, weights: weights.values };
}

/** What learners have learned, as a version. */
export function versionOf(
  { k, dim, centroids, weights }: Clusters,
  version: number,
): OnlineKMeansVersion {
  const row = (j: number) => new DenseVector(centroids.slice(j * dim, (j + 1) * dim));
  return {
    centroids: Array.from({ length: k }, (_, j) => row(j)),
    weights: new DenseVector(weights),
    version,
  };
}

/** A version as a table: a row for each centroid. */
export function versionTable({ centroids, weights, version }: OnlineKMeansVersion): Table {
  return Table.fromColumns(
    {
      centroid: [...centroids],
      weight: weights.values,
      version: new Float64Array(centroids.length).fill(version),
    },
    { centroid: 'vector' },
  );
}

/** The data of {@link versionTable}. @throws FormatError `ERR_GYRE_FORMAT`. */
export function tableVersion(who: string, table: Table): OnlineKMeansModelData {
  const { centroid, weight, version } = table.schema;
  if (centroid !== 'vector' || weight !== 'float64' || version !== 'float64' || !table.numRows) {
    throw new FormatError(
      `${who}: the data must be rows of centroid, weight and version, at least one.`,
      { details: { schema: table.schema, rows: table.numRows } },
    );
  }
  return {
    centroids: table.column('centroid', 'vector').toArray() as DenseVector[],
    weights: new DenseVector(table.column('weight', 'float64').values),
    version: table.column('version', 'float64').get(0)!,
  };
}
