/** How far apart clusters of points are. */

/** The names of the linkages, as params have them. */
export const LINKAGES = ['ward', 'complete', 'average', 'single'] as const;

/** How far apart two clusters are, by the distances of their points. */
export type Linkage = (typeof LINKAGES)[number];

/** The linkages that are kept up to date on a matrix of distances; single linkage needs none. */
export type MatrixLinkage = Exclude<Linkage, 'single'>;

/** A linkage as a number: a `switch` over it in an inner loop costs nothing. */
export const LINKAGE_CODES: Readonly<Record<MatrixLinkage, number>> = {
  ward: 0,
  complete: 1,
  average: 2,
};

/**
 * The distance of a cluster i to the union of clusters x and y, by the formula of Lance and Williams.
 *
 * The order of the operations is SciPy's: heights agree with its to the bit, and so ties do.
 *
 * @param dxi Distance of x and i; `dyi`, `dxy` accordingly.
 * @param nx Points of x; `ny`, `ni` accordingly.
 */
export function distanceToUnion(
  code: number,
  dxi: number,
  dyi: number,
  dxy: number,
  nx: number,
  ny: number,
  ni: number,
): number {
  switch (code) {
    case 0: {
      const share = 1 / (nx + ny + ni);
      return Math.sqrt(
        (ni + nx) * share * dxi * dxi + (ni + ny) * share * dyi * dyi - ni * share * dxy * dxy,
      );
    }
    case 1:
      return dxi > dyi ? dxi : dyi;
    default:
      return (nx * dxi + ny * dyi) / (nx + ny);
  }
}

/** Merges of clusters, each named by one of its points; in any order. */
export interface Merges {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** The distance of the two clusters. */
  readonly heights: Float64Array;
}

/** Room for the merges of `points` points. */
export function newMerges(points: number): Merges {
  const length = Math.max(0, points - 1);
  return {
    first: new Int32Array(length),
    second: new Int32Array(length),
    heights: new Float64Array(length),
  };
}
