/**
 * The distances of all pairs of points i < j, in square tiles:
 *
 *     (0,0) (0,1) (0,2) ... (0,T-1) | (1,1) (1,2) ... | ... | (T-1,T-1)      T = ⌈n/16⌉
 *
 * Tile (I, J) has the distances of points 16I to 16I+15 to points 16J to 16J+15, row-major, so that the
 * distances of one point to all before it lie in few pages of memory, as those to all after it do:
 * in a matrix by rows each of them has a page of its own. In tiles (I, I) only j > i means something.
 */
import type { KernelScope } from '../algorithm/training.js';
import { withScratch } from '../stage/kernel-data.js';
import type { PointPanels } from './point-panels.js';

/** Points on a side of a tile; the kernels know it too. */
export const SIDE = 16;
const TILE = SIDE * SIDE;
const PANELS_PER_TILE = 4;
const ROWS_PER_CALL = 4;

/** Tiles on a side of the matrix. */
export function tilesOf(points: number): number {
  return Math.ceil(points / SIDE);
}

/** Distances that the tiles of so many points hold. */
export function tiledLength(points: number): number {
  const tiles = tilesOf(points);
  return (tiles * (tiles + 1) * TILE) / 2;
}

/** Where each row of tiles begins: tile (I, I). */
export function tileRowStart(points: number, row: number): number {
  return TILE * (row * tilesOf(points) - (row * (row - 1)) / 2);
}

/** Distances in a row of tiles. */
export function tileRowLength(points: number, row: number): number {
  return (tilesOf(points) - row) * TILE;
}

/** What a point i has in the place of a pair (i, j): the sum of both is the place. */
export function rowPlace(points: number, i: number): number {
  const row = i >> 4;
  return tileRowStart(points, row) - row * TILE + (i & 15) * SIDE;
}

/** What a point j has in it. */
export function columnPlace(j: number): number {
  return ((j >> 4) << 8) + (j & 15);
}

/** Rows of tiles [start, end). */
export interface TileRows {
  readonly start: number;
  readonly end: number;
}

/** Measures the distances of a row of tiles. @param out Address. */
export function measureTiles(
  points: PointPanels,
  row: number,
  out: number,
  { kernels }: KernelScope,
): void {
  const { count, dim, measure } = points;
  const panels = (tilesOf(count) - row) * PANELS_PER_TILE;
  const from = points.panels + row * SIDE * dim * 8;
  for (let line = 0; line < SIDE; line += ROWS_PER_CALL) {
    const x = points.rowOf(row * SIDE + line);
    kernels.exports.pairDistances(measure, dim, x, panels, from, out + line * SIDE * 8);
  }
}

/** Measures the distances of some rows of tiles, and writes them where all of them lie. */
export function writeDistances(
  points: PointPanels,
  { start, end }: TileRows,
  distances: Float64Array,
  scope: KernelScope,
): void {
  const { count } = points;
  const { arena } = scope;
  withScratch(scope, () => {
    const out = arena.scratch(tileRowLength(count, start) * 8);
    for (let row = start; row < end; row++) {
      measureTiles(points, row, out, scope);
      distances.set(arena.f64(out, tileRowLength(count, row)), tileRowStart(count, row));
    }
  });
}

/** Rows of tiles whose distances are each about `entries` entries of vectors to look at. */
export function tileRows(points: number, dim: number, entries: number): TileRows[] {
  const tiles = tilesOf(points);
  const parts: TileRows[] = [];
  let start = 0;
  let work = 0;
  for (let row = 0; row < tiles; row++) {
    work += (tiles - row) * TILE * dim;
    if (work < entries && row < tiles - 1) continue;
    parts.push({ start, end: row + 1 });
    start = row + 1;
    work = 0;
  }
  return parts;
}
