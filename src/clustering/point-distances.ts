/** Distances of points to each other: measured whenever they are asked for, or read where they lie. */
import type { KernelScope } from '../algorithm/training.js';
import { type Allocate, PANEL, PointPanels, type Points } from './point-panels.js';
import {
  columnPlace,
  measureTiles,
  rowPlace,
  tileRowLength,
  tileRowStart,
} from './tiled-distances.js';

/** Distances between points, of which fewer and fewer are of interest. */
export interface PointDistances {
  /** Points at the start. */
  readonly count: number;
  /** The distances in a row of tiles, see `tiled-distances.ts`; valid until the next call. */
  tileRow(row: number): Float64Array;
  /**
   * Writes the distances of a kept point to all kept ones, and some more entries up to a multiple
   * of four.
   *
   * @param at Which of the kept points.
   * @param out Address.
   */
  write(at: number, out: number): void;
  /** Keeps some of the kept points, ascending, and forgets the others. */
  keep(kept: Int32Array): void;
}

/**
 * Measures again what is asked for again: for vectors of few entries that takes less time than to
 * fetch a distance from far away in memory, and no memory.
 */
export class MeasuredDistances implements PointDistances {
  readonly count: number;
  readonly #points: PointPanels;
  readonly #scope: KernelScope;
  readonly #tiles: number;

  constructor(points: Points, scope: KernelScope, allocate: Allocate) {
    this.count = points.count;
    this.#points = new PointPanels(points, scope, allocate);
    this.#scope = scope;
    this.#tiles = allocate(tileRowLength(points.count, 0) * 8);
  }

  tileRow(row: number): Float64Array {
    measureTiles(this.#points, row, this.#tiles, this.#scope);
    return this.#scope.arena.f64(this.#tiles, tileRowLength(this.count, row));
  }

  write(at: number, out: number): void {
    const { measure, dim, panels, panelCount } = this.#points;
    const { pointDistances } = this.#scope.kernels.exports;
    pointDistances(measure, dim, this.#points.rowOf(at), panelCount, panels, out);
  }

  keep(kept: Int32Array): void {
    this.#points.keep(kept);
  }
}

/** Reads the distances of all pairs of points, which lie in tiles. */
export class StoredDistances implements PointDistances {
  readonly count: number;
  readonly #tiles: Float64Array;
  readonly #scope: KernelScope;
  /** What the points that are kept have in the place of a pair. */
  #rows: Int32Array;
  #columns: Int32Array;

  /** @param tiles See `tiled-distances.ts`; in any memory. */
  constructor(count: number, tiles: Float64Array, scope: KernelScope) {
    this.count = count;
    this.#tiles = tiles;
    this.#scope = scope;
    this.#rows = Int32Array.from({ length: count }, (_, i) => rowPlace(count, i));
    this.#columns = Int32Array.from({ length: count }, (_, i) => columnPlace(i));
  }

  tileRow(row: number): Float64Array {
    const start = tileRowStart(this.count, row);
    return this.#tiles.subarray(start, start + tileRowLength(this.count, row));
  }

  write(at: number, out: number): void {
    const tiles = this.#tiles;
    const rows = this.#rows;
    const columns = this.#columns;
    const distances = this.#scope.arena.f64(out, columns.length);
    const row = rows[at]!;
    const column = columns[at]!;
    for (let k = 0; k < at; k++) distances[k] = tiles[rows[k]! + column]!;
    distances[at] = 0;
    for (let k = at + 1; k < columns.length; k++) distances[k] = tiles[row + columns[k]!]!;
  }

  keep(kept: Int32Array): void {
    this.#rows = kept.map((at) => this.#rows[at]!);
    this.#columns = kept.map((at) => this.#columns[at]!);
  }
}

/** Entries that {@link PointDistances.write} may write for so many kept points. */
export function writtenEntries(kept: number): number {
  return Math.ceil(kept / PANEL) * PANEL;
}
