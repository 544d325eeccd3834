/**
 * Clustering by chains of nearest neighbours, on a matrix of distances.
 *
 * A chain goes from a cluster to its nearest neighbour, from there to that one's, and so on, until two
 * are each other's; these are merged, and the chain goes on from what is left of it. For linkages by
 * which a union is never closer than the nearer of its parts, that gives the merges of the greedy
 * algorithm, in another order.
 *
 * Merges are SciPy's, ties included: a chain begins at the first cluster; the neighbour it came from
 * wins a tie, else the first; a union takes the place of its second part. But the two nearest
 * neighbours of each cluster are remembered, so that most merges leave one that is still known, and
 * merged clusters are taken out of the matrix from time to time.
 *
 * @see Murtagh, A survey of recent advances in hierarchical clustering algorithms, 1983; Müllner,
 *   Modern hierarchical, agglomerative clustering algorithms, 2011.
 */
import { distanceToUnion, type Merges, newMerges } from './linkage.js';
import {
  columnPlace,
  rowPlace,
  SIDE,
  tiledLength,
  tileRowStart,
  tilesOf,
} from './tiled-distances.js';

/** The matrix is made smaller when fewer than this share of its clusters is left, */
const LEFT_SHARE = 0.6;
/** and it has more than so many. */
const MIN_COMPACTED = 64;
/** No neighbour is known. */
const NONE = -1;

export class NearestNeighbourChain {
  readonly #linkage: number;
  readonly #distances: Float64Array;
  readonly #merges: Merges;
  readonly #chain: Int32Array;
  /** The nearest cluster of each, the first of several; {@link NONE} when it must be looked for. */
  readonly #nearest: Int32Array;
  readonly #nearestDistance: Float64Array;
  /**
   * The first of the next nearest, all others being behind it, by distance and then by place;
   * {@link NONE}: not known, but none of the others is nearer than `#secondDistance`.
   */
  readonly #second: Int32Array;
  readonly #secondDistance: Float64Array;
  /** Points of each cluster. */
  readonly #sizes: Float64Array;
  /** The last point of each cluster, ascending. */
  readonly #points: Int32Array;
  /** The clusters that are left, ascending, `#leftCount` of them. */
  readonly #left: Int32Array;
  #leftCount: number;
  /** See {@link rowPlace}. */
  readonly #rowPlaces: Int32Array;
  /** Clusters in the matrix. */
  #slots: number;
  #chainLength = 0;
  #merged = 0;
  /** Rows of tiles that were looked at for nearest neighbours. */
  #rowsSeen = 0;

  /**
   * @param distances Of all pairs, see `tiled-distances.ts`; they are used up.
   * @param linkage See `LINKAGE_CODES`.
   */
  constructor(points: number, distances: Float64Array, linkage: number) {
    this.#linkage = linkage;
    this.#distances = distances.subarray(0, tiledLength(points));
    this.#merges = newMerges(points);
    this.#chain = new Int32Array(points);
    this.#nearest = new Int32Array(points).fill(NONE);
    this.#nearestDistance = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
    this.#second = new Int32Array(points).fill(NONE);
    this.#secondDistance = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
    this.#sizes = new Float64Array(points).fill(1);
    this.#points = Int32Array.from({ length: points }, (_, i) => i);
    this.#left = this.#points.slice();
    this.#leftCount = points;
    this.#rowPlaces = Int32Array.from({ length: points }, (_, i) => rowPlace(points, i));
    this.#slots = points;
  }

  /**
   * Goes on, until about `budget` distances have been looked at.
   *
   * @returns All merges when they are complete; null before. Those after a distance that is not
   *   finite are missing: their height is NaN.
   */
  advance(budget: number): Merges | null {
    let spent = 0;
    while (this.#merged === 0 && this.#rowsSeen < tilesOf(this.#slots)) {
      if (spent >= budget) return null;
      spent += (this.#slots - this.#rowsSeen * SIDE) * SIDE;
      this.#seeTiles(this.#rowsSeen++);
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
    const n = this.#slots;
    const first = row * SIDE;
    const last = Math.min(first + SIDE, n);
    let place = tileRowStart(n, row);
    for (let start = first; start < n; start += SIDE) {
      const end = Math.min(start + SIDE, n);
      for (let i = first; i < last; i++) {
        this.#seeLine(i, Math.max(start, i + 1), end, place - start);
        place += SIDE;
      }
      place += (first + SIDE - last) * SIDE;
    }
  }

  /** The distances of i to the points [start, end), which lie at `base + j`. */
  #seeLine(i: number, start: number, end: number, base: number): void {
    const distances = this.#distances;
    const secondDistance = this.#secondDistance;
    let bound = secondDistance[i]!;
    for (let j = start; j < end; j++) {
      const distance = distances[base + j]!;
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
    if (this.#chainLength === 0) chain[this.#chainLength++] = this.#left[0]!;
    const x = chain[this.#chainLength - 1]!;
    if (this.#nearest[x] === NONE) this.#search(x);
    const y = this.#nearest[x]!;
    const distance = this.#nearestDistance[x]!;
    if (this.#chainLength > 1) {
      const before = chain[this.#chainLength - 2]!;
      const [a, b] = [Math.min(x, before), Math.max(x, before)];
      const back = this.#distances[this.#rowPlaces[a]! + columnPlace(b)]!;
      if (back <= distance) {
        this.#chainLength -= 2;
        this.#merge(a, b, back);
        return true;
      }
    }
    if (y === NONE) return false;
    chain[this.#chainLength++] = y;
    return true;
  }

  /** Looks for the nearest neighbours of x. */
  #search(x: number): void {
    const distances = this.#distances;
    const rowPlaces = this.#rowPlaces;
    const left = this.#left;
    const count = this.#leftCount;
    const column = columnPlace(x);
    const row = rowPlaces[x]!;
    this.#forget(x);
    let bound = Number.POSITIVE_INFINITY;
    let k = 0;
    for (; left[k]! < x; k++) {
      const distance = distances[rowPlaces[left[k]!]! + column]!;
      if (!(distance < bound)) continue;
      this.#see(x, left[k]!, distance);
      bound = this.#secondDistance[x]!;
    }
    for (k++; k < count; k++) {
      const distance = distances[row + columnPlace(left[k]!)]!;
      if (!(distance < bound)) continue;
      this.#see(x, left[k]!, distance);
      bound = this.#secondDistance[x]!;
    }
  }

  #forget(x: number): void {
    this.#nearest[x] = NONE;
    this.#nearestDistance[x] = Number.POSITIVE_INFINITY;
    this.#second[x] = NONE;
    this.#secondDistance[x] = Number.POSITIVE_INFINITY;
  }

  /** Merges x into y > x. */
  #merge(x: number, y: number, height: number): void {
    const { first, second, heights } = this.#merges;
    const at = this.#merged++;
    first[at] = this.#points[x]!;
    second[at] = this.#points[y]!;
    heights[at] = height;
    const left = this.#left;
    left.copyWithin(left.indexOf(x), left.indexOf(x) + 1, this.#leftCount--);
    const place = left.indexOf(y);
    const union = { x, y, height, nx: this.#sizes[x]!, ny: this.#sizes[y]! };
    this.#forget(y);
    this.#updateBefore(union, place);
    this.#updateAfter(union, place + 1);
    this.#sizes[y] = union.nx + union.ny;
    if (this.#slots > MIN_COMPACTED && this.#leftCount < this.#slots * LEFT_SHARE) this.#compact();
  }

  /** The distances of the clusters before y to the union. */
  #updateBefore({ x, y, height, nx, ny }: Union, end: number): void {
    const distances = this.#distances;
    const rowPlaces = this.#rowPlaces;
    const sizes = this.#sizes;
    const left = this.#left;
    const linkage = this.#linkage;
    const known = this.#secondDistance;
    const nearest = this.#nearest;
    const second = this.#second;
    const columnX = columnPlace(x);
    const columnY = columnPlace(y);
    const rowX = rowPlaces[x]!;
    for (let k = 0; k < end; k++) {
      const i = left[k]!;
      const row = rowPlaces[i]!;
      const dx = distances[i < x ? row + columnX : rowX + columnPlace(i)]!;
      const at = row + columnY;
      const distance = distanceToUnion(linkage, dx, distances[at]!, height, nx, ny, sizes[i]!);
      distances[at] = distance;
      if (distance < known[y]!) this.#see(y, i, distance);
      const near = nearest[i]!;
      const next = second[i]!;
      const isKnown = near === x || near === y || next === x || next === y;
      if (isKnown || distance <= known[i]!) this.#note(i, distance, x, y);
    }
  }

  /** The distances of the clusters after y to the union. */
  #updateAfter({ x, y, height, nx, ny }: Union, start: number): void {
    const distances = this.#distances;
    const sizes = this.#sizes;
    const left = this.#left;
    const count = this.#leftCount;
    const linkage = this.#linkage;
    const known = this.#secondDistance;
    const nearest = this.#nearest;
    const second = this.#second;
    const rowX = this.#rowPlaces[x]!;
    const rowY = this.#rowPlaces[y]!;
    for (let k = start; k < count; k++) {
      const i = left[k]!;
      const column = columnPlace(i);
      const at = rowY + column;
      const dx = distances[rowX + column]!;
      const distance = distanceToUnion(linkage, dx, distances[at]!, height, nx, ny, sizes[i]!);
      distances[at] = distance;
      if (distance < known[y]!) this.#see(y, i, distance);
      const near = nearest[i]!;
      const next = second[i]!;
      const isKnown = near === x || near === y || next === x || next === y;
      if (isKnown || distance <= known[i]!) this.#note(i, distance, x, y);
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

  /**
   * Takes the clusters that were merged out of the matrix; the order of the others stays. In place: what
   * is written over lies in rows that were read before.
   */
  #compact(): void {
    const distances = this.#distances;
    const n = this.#leftCount;
    const kept = this.#left.slice(0, n);
    const places = new Int32Array(this.#slots).fill(NONE);
    const columns = kept.map(columnPlace);
    for (let a = 0; a < n; a++) {
      const from = this.#rowPlaces[kept[a]!]!;
      const to = rowPlace(n, a);
      for (let b = a + 1; b < n; b++)
        distances[to + columnPlace(b)] = distances[from + columns[b]!]!;
      places[kept[a]!] = a;
    }
    for (let a = 0; a < n; a++) {
      const from = kept[a]!;
      const near = this.#nearest[from]!;
      this.#nearest[a] = near === NONE ? NONE : places[near]!;
      this.#nearestDistance[a] = this.#nearestDistance[from]!;
      const next = this.#second[from]!;
      this.#second[a] = next === NONE ? NONE : places[next]!;
      this.#secondDistance[a] = this.#secondDistance[from]!;
      this.#sizes[a] = this.#sizes[from]!;
      this.#points[a] = this.#points[from]!;
      this.#rowPlaces[a] = rowPlace(n, a);
      this.#left[a] = a;
    }
    for (let i = 0; i < this.#chainLength; i++) this.#chain[i] = places[this.#chain[i]!]!;
    this.#slots = n;
  }
}

/** Cluster x of nx points merged into cluster y > x of ny points. */
interface Union {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly nx: number;
  readonly ny: number;
}
