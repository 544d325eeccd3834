/** What the data sets of `gyre demo kmeans` have in common. */
import type { DenseVector, Table } from '../../index.js';
import type { TextTable } from '../terminal.js';

/** What a clustering found. */
export interface Clusters {
  readonly k: number;
  /** The cluster of each point. */
  readonly assigned: Int32Array;
  readonly centroids: readonly DenseVector[];
}

/** A data set that can be clustered. */
export interface ClusterDemo {
  readonly title: string;
  /** Points in the column `features`. */
  readonly points: Table;
  /** The clusters for people: a row each, and lines to print above them. */
  describe(clusters: Clusters): { readonly notes: readonly string[]; readonly table: TextTable };
}
