/** Distances between single vectors. KMeans and its like measure whole columns, by kernels. */
import { DataError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { BLAS, checkSizes } from './blas.js';
import type { Vector } from './vector.js';

/** The names of the measures, as params have them. */
export type DistanceMeasureName = 'euclidean' | 'manhattan' | 'cosine';

/**
 * A way to measure how far apart two vectors are, dense or sparse:
 *
 * - `euclidean`: √Σ (a - b)²
 * - `manhattan`: Σ |a - b|
 * - `cosine`: 1 - a·b / (|a| |b|); a vector of zeros is `ERR_GYRE_DATA`
 *
 * Sizes that differ are `ERR_GYRE_DIMENSION`, NaN gives NaN.
 *
 * @see DistanceMeasure of Flink ML, which takes vectors with their norms. Here the euclidean
 *   distance is summed over differences, which does not cancel.
 *
 * @example
 * ```ts
 * const measure = DistanceMeasure.of('euclidean');
 * const [a, b] = [Vectors.dense(0, 0), Vectors.dense(3, 4)];
 * console.log(measure.distance(a, b)); // 5
 * console.log(measure.findClosest([a, b], Vectors.dense(2, 2))); // 1
 * ```
 */
export class DistanceMeasure {
  readonly name: DistanceMeasureName;
  readonly #measure: (a: Vector, b: Vector) => number;

  private constructor(name: DistanceMeasureName, measure: (a: Vector, b: Vector) => number) {
    this.name = name;
    this.#measure = measure;
  }

  /** @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for another name. */
  static of(name: DistanceMeasureName): DistanceMeasure {
    if (Object.hasOwn(MEASURES, name)) return new DistanceMeasure(name, MEASURES[name]);
    throw new InvalidParamError(
      `DistanceMeasure.of: the name must be one of ${Object.keys(MEASURES).join(', ')}, got ${showValue(name)}.`,
      { details: { got: name } },
    );
  }

  /** The distance of two vectors of one size. */
  distance(a: Vector, b: Vector): number {
    checkSizes(`DistanceMeasure.${this.name}`, a, b);
    return this.#measure(a, b);
  }

  /** The index of the closest centroid, the first of several; -1 when all distances are NaN. */
  findClosest(centroids: readonly Vector[], point: Vector): number {
    let [closest, least] = [-1, Number.POSITIVE_INFINITY];
    centroids.forEach((centroid, i) => {
      const distance = this.distance(centroid, point);
      if (distance < least || (closest < 0 && distance === least)) [closest, least] = [i, distance];
    });
    return closest;
  }
}

const MEASURES: Readonly<Record<DistanceMeasureName, (a: Vector, b: Vector) => number>> = {
  euclidean: (a, b) => Math.sqrt(sumOver(a, b, (difference) => difference * difference)),
  manhattan: (a, b) => sumOver(a, b, Math.abs),
  cosine(a, b) {
    const norms = [BLAS.norm2(a), BLAS.norm2(b)] as const;
    if (norms.includes(0)) {
      throw new DataError('DistanceMeasure.cosine: a vector must not be all zeros.');
    }
    return 1 - BLAS.dot(a, b) / norms[0] / norms[1];
  },
};

/** Σ term(a - b) over all entries. */
function sumOver(a: Vector, b: Vector, term: (difference: number) => number): number {
  const [x, y] = [a.toArray(), b.toArray()];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += term(x[i]! - y[i]!);
  return sum;
}
