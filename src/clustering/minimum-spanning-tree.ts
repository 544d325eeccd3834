/**
 * Single linkage by the minimum spanning tree of the points, in time O(n²) and memory O(n).
 *
 * Prim's algorithm: the tree grows by the nearest point that is not in it, the first of several. The
 * distances at which points join, with the points that joined right before them, are the merges of
 * single linkage, as SciPy has them.
 *
 * @see Prim, Shortest connection networks and some generalizations, 1957; Gower, Ross, Minimum
 *   spanning trees and single linkage cluster analysis, 1969.
 */
import type { KernelScope } from '../algorithm/training.js';
import { type Merges, newMerges } from './linkage.js';
import { type Allocate, PANEL, type PointPanels } from './point-panels.js';

/** Points in the tree are taken out of the panels when fewer than this share is left outside, */
const LEFT_SHARE = 0.8;
/** and there are more panels than that. */
const MIN_PANELS = 16;

export class MinimumSpanningTree {
  readonly #points: PointPanels;
  readonly #scope: KernelScope;
  readonly #merges: Merges;
  /** Address of the distance of each point in the panels to the tree; NaN for those in it. */
  readonly #nearest: number;
  /** Address of the entries of the point that joined last. */
  readonly #joined: number;
  /** The points in the panels, ascending. */
  #places: Int32Array;
  #last = 0;
  #count = 0;

  /** @param points They are used up. */
  constructor(points: PointPanels, scope: KernelScope, allocate: Allocate) {
    this.#points = points;
    this.#scope = scope;
    this.#merges = newMerges(points.count);
    this.#nearest = allocate(points.panelCount * PANEL * 8);
    this.#joined = allocate(points.dim * 8);
    this.#places = Int32Array.from({ length: points.count }, (_, i) => i);
    const nearest = this.#distances();
    nearest.fill(Number.POSITIVE_INFINITY, 0, points.count);
    nearest.fill(Number.NaN, points.count);
    this.#join(0);
  }

  /** Goes on until about `budget` distances have been measured; see `NearestNeighbourChain`. */
  advance(budget: number): Merges | null {
    const { first, second, heights } = this.#merges;
    const { measure, dim } = this.#points;
    const { spanningStep } = this.#scope.kernels.exports;
    for (let spent = 0; this.#count < heights.length; this.#count++) {
      if (spent >= budget) return null;
      const { panelCount, panels } = this.#points;
      spent += panelCount * PANEL;
      const place = spanningStep(measure, dim, this.#joined, panelCount, panels, this.#nearest);
      if (place < 0) {
        heights.fill(Number.NaN, this.#count);
        break;
      }
      first[this.#count] = this.#last;
      second[this.#count] = this.#places[place]!;
      heights[this.#count] = this.#distances()[place]!;
      this.#join(place);
      const left = heights.length - this.#count - 1;
      if (panelCount > MIN_PANELS && left < this.#points.count * LEFT_SHARE) this.#compact();
    }
    return this.#merges;
  }

  #distances(): Float64Array {
    return this.#scope.arena.f64(this.#nearest, this.#points.panelCount * PANEL);
  }

  #join(place: number): void {
    const { dim } = this.#points;
    if (this.#places.length === 0) return;
    const row = this.#scope.arena.f64(this.#points.rowOf(place), dim);
    this.#scope.arena.f64(this.#joined, dim).set(row);
    this.#distances()[place] = Number.NaN;
    this.#last = this.#places[place]!;
  }

  #compact(): void {
    const nearest = this.#distances();
    const outside = Int32Array.from(this.#places.keys()).filter(
      (place) => !Number.isNaN(nearest[place]!),
    );
    outside.forEach((from, to) => {
      nearest[to] = nearest[from]!;
    });
    this.#places = outside.map((place) => this.#places[place]!);
    this.#points.keep(outside);
    this.#distances().fill(Number.NaN, outside.length);
  }
}
