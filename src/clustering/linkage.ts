/** How far apart clusters of points are. */

/** The names of the linkages, as params have them. */
export const LINKAGES = ['ward', 'complete', 'average', 'single'] as const;

/** How far apart two clusters are, by the distances of their points. */
export type Linkage = (typeof LINKAGES)[number];

/** The linkages that are kept up to date on a matrix of distances; single linkage needs none. */
export type MatrixLinkage = Exclude<Linkage, 'single'>;

/** The linkages as the kernels know them. */
export const LINKAGE_CODES: Readonly<Record<MatrixLinkage, number>> = {
  ward: 0,
  complete: 1,
  average: 2,
};

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
