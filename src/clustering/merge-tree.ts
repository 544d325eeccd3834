/** Merges in the order of their distances, and the clusters at any height. */
import type { Merges } from './linkage.js';

/** The tree of clusters: points are clusters 0 to n - 1, and merge i makes cluster n + i. */
export interface MergeTree {
  readonly points: number;
  /** The smaller id of the two clusters of each merge, and the larger one. */
  readonly firstIds: Int32Array;
  readonly secondIds: Int32Array;
  /** Their distance, ascending. */
  readonly heights: Float64Array;
  /** Points of the union. */
  readonly sizes: Int32Array;
}

/** Sorts merges, those of one distance as they were made, and gives clusters their ids. */
export function mergeTree({ first, second, heights }: Merges): MergeTree {
  const merges = heights.length;
  const points = merges + 1;
  const order = Int32Array.from(heights.keys()).sort((a, b) => heights[a]! - heights[b]! || a - b);
  const clusters = new Clusters(2 * points - 1);
  const sizes = new Int32Array(2 * points - 1).fill(1);
  const tree = {
    points,
    firstIds: new Int32Array(merges),
    secondIds: new Int32Array(merges),
    heights: new Float64Array(merges),
    sizes: new Int32Array(merges),
  };
  order.forEach((merge, i) => {
    const a = clusters.rootOf(first[merge]!);
    const b = clusters.rootOf(second[merge]!);
    tree.firstIds[i] = Math.min(a, b);
    tree.secondIds[i] = Math.max(a, b);
    tree.heights[i] = heights[merge]!;
    tree.sizes[i] = sizes[points + i] = sizes[a]! + sizes[b]!;
    clusters.join(a, points + i);
    clusters.join(b, points + i);
  });
  return tree;
}

/** The merges up to a distance. */
export function mergesWithin({ heights }: MergeTree, distance: number): number {
  const first = heights.findIndex((height) => height > distance);
  return first < 0 ? heights.length : first;
}

/** The cluster of each point after the first merges: 0, 1, 2, ... as they first appear. */
export function clustersAfter(tree: MergeTree, merges: number): Int32Array {
  const { points, firstIds, secondIds } = tree;
  const clusters = new Clusters(2 * points - 1);
  for (let i = 0; i < merges; i++) {
    clusters.join(firstIds[i]!, points + i);
    clusters.join(secondIds[i]!, points + i);
  }
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: points }, (_, point) => {
    const root = clusters.rootOf(point);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}

/** A forest of clusters, in which each knows what it is a part of. */
class Clusters {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  join(part: number, whole: number): void {
    this.#parents[part] = whole;
  }

  rootOf(cluster: number): number {
    const parents = this.#parents;
    let root = cluster;
    while (parents[root] !== root) root = parents[root]!;
    // All on the way are nearer to the root from now on.
    for (let at = cluster; at !== root; ) {
      const next = parents[at]!;
      parents[at] = root;
      at = next;
    }
    return root;
  }
}
