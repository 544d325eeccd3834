/**
 * Clustering by chains of nearest neighbours, on rows of distances.
 *
 * A chain goes from a cluster to its nearest neighbour, from there to that one's, and so on, until two
 * are each other's; these are merged, and the chain goes on from what is left of it. For linkages by
 * which a union is never closer than the nearer of its parts, that gives the merges of the greedy
 * algorithm, in another order.
 *
 * Merges are SciPy's, ties included: a chain begins at the first cluster; the neighbour it came from
 * wins a tie, else the first; a union takes the place of its second part. But the two nearest
 * neighbours of each cluster are remembered, so that most merges leave one that is still known, and the
 * places of merged clusters are taken out from time to time.
 *
 * @see Murtagh, A survey of recent advances in hierarchical clustering algorithms, 1983; Müllner,
 *   Modern hierarchical, agglomerative clustering algorithms, 2011.
 */
import type { KernelScope } from '../algorithm/training.js';
import { ClusterRows } from './cluster-rows.js';
import { type Merges, newMerges } from './linkage.js';
import type { PointDistances } from './point-distances.js';
import type { Allocate } from './point-panels.js';
import { SIDE, tilesOf } from './tiled-distances.js';

/** Places are made fewer when fewer than this share of them has a cluster, */
const LEFT_SHARE = 0.6;
/** and they are more than so many. */
const MIN_COMPACTED = 64;
/** No neighbour is known. */
const NONE = -1;

export class NearestNeighbourChain {
  readonly #distances: PointDistances;
  readonly #rows: ClusterRows;
  readonly #scope: KernelScope;
  readonly #merges: Merges;
  /** Clusters, and the distance of each to the one before it. */
  readonly #chain: Int32Array;
  readonly #chainDistances: Float64Array;
  /** The nearest cluster of each, the first of several; {@link NONE} when it must be looked for. */
  readonly #nearest: Int32Array;
  readonly #nearestDistance: Float64Array;
  /**
   * The first of the next nearest, all others being behind it, by distance and then by place;
   * {@link NONE}: not known, but none of the others is nearer than `#secondDistance`.
   */
  readonly #second: Int32Array;
  readonly #secondDistance: Float64Array;
  /** What kernels find: distances and places of the nearest two, and clusters to look at. */
  readonly #foundDistances: Float64Array;
  readonly #found: Int32Array;
  /** The last point of each cluster, ascending. */
  readonly #points: Int32Array;
  #leftCount: number;
  /** No place before it has a cluster. */
  #firstLeft = 0;
  #chainLength = 0;
  #merged = 0;
  /** Rows of tiles that were looked at for nearest neighbours. */
  #rowsSeen = 0;

  /** @param linkage See `LINKAGE_CODES`. */
  constructor(distances: PointDistances, linkage: number, scope: KernelScope, allocate: Allocate) {
    const points = distances.count;
    this.#distances = distances;
    this.#rows = new ClusterRows(distances, linkage, scope, allocate);
    this.#scope = scope;
    this.#merges = newMerges(points);
    this.#chain = new Int32Array(points);
    this.#chainDistances = new Float64Array(points);
    const { arena } = scope;
    // Kernels read beyond the last place, up to a multiple of what they take at once.
    const { entries } = this.#rows;
    const f64 = (): Float64Array => arena.f64(allocate(entries * 8), entries);
    const i32 = (): Int32Array => arena.i32(allocate(entries * 4), entries);
    this.#nearest = i32().fill(NONE);
    this.#nearestDistance = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
    this.#second = i32().fill(NONE);
    this.#secondDistance = f64().fill(Number.POSITIVE_INFINITY);
    this.#foundDistances = arena.f64(allocate(2 * 8), 2);
    this.#found = i32();
    this.#points = Int32Array.from({ length: points }, (_, i) => i);
    this.#leftCount = points;
  }

  /**
   * Goes on, until about `budget` distances have been looked at.
   *
   * @returns All merges when they are complete; null before. Those after a distance that is not
   *   finite are missing: their height is NaN.
   */
  advance(budget: number): Merges | null {
    const { count } = this.#distances;
    let spent = 0;
    for (; this.#rowsSeen < tilesOf(count); this.#rowsSeen++) {
      if (spent >= budget) return null;
      spent += (count - this.#rowsSeen * SIDE) * SIDE;
      this.#seeTiles(this.#rowsSeen);
    }
    while (this.#leftCount > 1) {
      if (spent >= budget) return null;
      spent += this.#leftCount;
      if (!this.#step()) {
        this.#merges.heights.fill(Number.NaN, this.#merged);
        break;
      }
    }
    return this.#merges;
  }

  /** Nearest neighbours by the distances in a row of tiles, which are read in the order they lie in. */
  #seeTiles(row: number): void {
    const tiles = this.#distances.tileRow(row);
    const n = this.#distances.count;
    const first = row * SIDE;
    const last = Math.min(first + SIDE, n);
    let place = 0;
    for (let start = first; start < n; start += SIDE) {
      const end = Math.min(start + SIDE, n);
      for (let i = first; i < last; i++) {
        this.#seeLine(tiles, i, Math.max(start, i + 1), end, place - start);
        place += SIDE;
      }
      place += (first + SIDE - last) * SIDE;
    }
  }

  /** The distances of i to the points [start, end), which lie at `base + j`. */
  #seeLine(tiles: Float64Array, i: number, start: number, end: number, base: number): void {
    const secondDistance = this.#secondDistance;
    let bound = secondDistance[i]!;
    for (let j = start; j < end; j++) {
      const distance = tiles[base + j]!;
      if (distance < bound) {
        this.#see(i, j, distance);
        bound = secondDistance[i]!;
      }
      if (distance < secondDistance[j]!) this.#see(j, i, distance);
    }
  }

  /** Cluster j, at a distance of i below the second one, is one of the two nearest. */
  #see(i: number, j: number, distance: number): void {
    if (distance < this.#nearestDistance[i]!) {
      this.#second[i] = this.#nearest[i]!;
      this.#secondDistance[i] = this.#nearestDistance[i]!;
      this.#nearest[i] = j;
      this.#nearestDistance[i] = distance;
    } else {
      this.#second[i] = j;
      this.#secondDistance[i] = distance;
    }
  }

  /** Makes the chain longer, or merges its last two clusters. False: a distance is not finite. */
  #step(): boolean {
    const chain = this.#chain;
    if (this.#chainLength === 0) chain[this.#chainLength++] = this.#firstCluster();
    const top = this.#chainLength - 1;
    const x = chain[top]!;
    if (this.#nearest[x] === NONE) this.#seeRow(x, this.#rows.rowOf(x));
    const y = this.#nearest[x]!;
    const distance = this.#nearestDistance[x]!;
    const back = this.#chainDistances[top]!;
    if (top > 0 && back <= distance) {
      const before = chain[top - 1]!;
      this.#chainLength -= 2;
      this.#merge(Math.min(x, before), Math.max(x, before), back);
      return true;
    }
    if (y === NONE) return false;
    chain[this.#chainLength] = y;
    this.#chainDistances[this.#chainLength++] = distance;
    return true;
  }

  #firstCluster(): number {
    while (this.#rows.isEmpty(this.#firstLeft)) this.#firstLeft++;
    return this.#firstLeft;
  }

  /** Takes the nearest neighbours of x from its row. */
  #seeRow(x: number, row: number): void {
    const { entries, absent } = this.#rows;
    const [distances, places] = [this.#foundDistances, this.#found];
    const { nearestTwo } = this.#scope.kernels.exports;
    nearestTwo(entries, row, absent, distances.byteOffset, places.byteOffset);
    this.#nearest[x] = places[0]!;
    this.#nearestDistance[x] = distances[0]!;
    this.#second[x] = places[1]!;
    this.#secondDistance[x] = distances[1]!;
  }

  /** Merges x into y > x. */
  #merge(x: number, y: number, height: number): void {
    const { first, second, heights } = this.#merges;
    const at = this.#merged++;
    first[at] = this.#points[x]!;
    second[at] = this.#points[y]!;
    heights[at] = height;
    this.#leftCount--;
    const row = this.#rows.merge({ x, y, height });
    this.#nearest[x] = this.#second[x] = NONE;
    this.#noteUnion(x, y, row);
    this.#seeRow(y, row);
    const { slots } = this.#rows;
    if (slots > MIN_COMPACTED && this.#leftCount < slots * LEFT_SHARE) this.#compact();
  }

  /** What the others know when x and y have become y, whose distances are in a row. */
  #noteUnion(x: number, y: number, row: number): void {
    this.#nearest[y] = this.#second[y] = NONE;
    const changed = this.#scope.kernels.exports.changedNeighbours(
      this.#rows.entries,
      row,
      this.#secondDistance.byteOffset,
      this.#nearest.byteOffset,
      this.#second.byteOffset,
      x,
      y,
      this.#found.byteOffset,
    );
    const distances = this.#scope.arena.heap;
    for (let k = 0; k < changed; k++) {
      const i = this.#found[k]!;
      this.#note(i, distances[row / 8 + i]!, x, y);
    }
  }

  /** What is known of i when x and y have become y, at a new distance. */
  #note(i: number, distance: number, x: number, y: number): void {
    const near = this.#nearest[i]!;
    const next = this.#second[i]!;
    if (next === x || next === y) this.#second[i] = NONE;
    if (near === x || near === y) this.#takeSecond(i);
    if (distance <= this.#secondDistance[i]!) this.#insert(i, y, distance);
  }

  /** The nearest cluster of i is no more. */
  #takeSecond(i: number): void {
    this.#nearest[i] = this.#second[i]!;
    this.#nearestDistance[i] = this.#secondDistance[i]!;
    // Nobody else is nearer than that.
    this.#second[i] = NONE;
  }

  /** Cluster y has a new distance to i, which is at most that of the second one. */
  #insert(i: number, y: number, distance: number): void {
    const near = this.#nearest[i]!;
    const nearDistance = this.#nearestDistance[i]!;
    const next = this.#second[i]!;
    const nextDistance = this.#secondDistance[i]!;
    if (near === NONE) {
      // All others are at the second distance, or behind it.
      if (distance === nextDistance) return;
      this.#nearest[i] = y;
      this.#nearestDistance[i] = distance;
    } else if (distance < nearDistance || (distance === nearDistance && y < near)) {
      this.#second[i] = near;
      this.#secondDistance[i] = nearDistance;
      this.#nearest[i] = y;
      this.#nearestDistance[i] = distance;
    } else if (distance < nextDistance || (next !== NONE && y < next)) {
      this.#second[i] = y;
      this.#secondDistance[i] = distance;
    }
  }

  /** Takes the empty places out; the order of the others stays. */
  #compact(): void {
    const { slots } = this.#rows;
    const kept = new Int32Array(this.#leftCount);
    const places = new Int32Array(slots).fill(NONE);
    let count = 0;
    for (let place = 0; place < slots; place++) {
      if (this.#rows.isEmpty(place)) continue;
      places[place] = count;
      kept[count++] = place;
    }
    this.#rows.compact(kept);
    for (const list of [this.#nearest, this.#second]) {
      kept.forEach((from, to) => {
        const place = list[from]!;
        list[to] = place === NONE ? NONE : places[place]!;
      });
      list.fill(NONE, count);
    }
    for (const list of [this.#nearestDistance, this.#secondDistance, this.#points]) {
      kept.forEach((from, to) => {
        list[to] = list[from]!;
      });
    }
    for (let i = 0; i < this.#chainLength; i++) this.#chain[i] = places[this.#chain[i]!]!;
    this.#firstLeft = 0;
  }
}
