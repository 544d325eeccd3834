/**
 * The distances between clusters while they are merged: a row for each union, made when that is.
 *
 * A row has the distances to the clusters that were there when it was made, at their places. What came
 * later has the distance to it in its own row, so a merge writes one row and nothing else; who needs
 * a whole row fetches what is missing from the rows of later unions. Points that are alone have no
 * row: their distances to each other are measured or read when they are asked for, and kept while
 * there is room that unions will not need.
 *
 *     places     0 1 2 3 4 5 6 7 ...       a union takes the place of its later part, the other is empty
 *     row of 5:  d d d d d - ? d           -: itself; ?: 6 became a union later, so row of 6 has it
 *
 * There are at most n / 2 unions of n points, so rows take no more memory than all pairs of points.
 */
import type { KernelScope } from '../algorithm/training.js';
import { type PointDistances, writtenEntries } from './point-distances.js';
import type { Allocate } from './point-panels.js';

const NONE = -1;
/** Bytes of a cache line: rows take an odd number, so that a column lies in all sets of a cache. */
const LINE = 64;
/** Rows for points that are alone, and that are not kept: of both clusters of a merge. */
const SPARE_ROWS = 2;
/** Points that are not alone any more are forgotten when fewer than this share is. */
const LONE_SHARE = 0.8;
/** Kernels take so many entries at once. */
const STEP = 4;

/** Two clusters, at places x < y, which become one. */
export interface Union {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

function strideOf(points: number): number {
  const lines = Math.ceil((points * 8) / LINE);
  return ((lines | 1) * LINE) / 8;
}

function rowsOf(points: number): number {
  return Math.max(1, points >> 1) + SPARE_ROWS;
}

/** Bytes that the rows of so many points take. */
export function rowBytes(points: number): number {
  return rowsOf(points) * strideOf(points) * 8;
}

/** The distances between all clusters that are left; see above. */
export class ClusterRows {
  readonly #distances: PointDistances;
  readonly #linkage: number;
  readonly #scope: KernelScope;
  /** Places, with or without a cluster. */
  #slots: number;
  /** Address of the rows, and entries from row to row. */
  readonly #base: number;
  readonly #stride: number;
  readonly #freeRows: number[];
  /** The row of each cluster, {@link NONE} for a point that has none. */
  readonly #rows: Int32Array;
  /** The time when a union was made, and up to which a row is complete: the number of merges. */
  readonly #made: Int32Array;
  readonly #complete: Int32Array;
  #time = 0;
  /** Points of each cluster. */
  readonly #sizes: Float64Array;
  /** 0, or NaN for a place that is empty, see the kernels. */
  readonly #absent: Float64Array;
  /** The places of the unions, as they were made, and their rows. */
  readonly #unionPlaces: Int32Array;
  readonly #unionRows: Int32Array;
  #unions = 0;
  /** The places of the points that `#distances` keeps, and which of them is at a place. */
  readonly #lonePlaces: Int32Array;
  readonly #loneAt: Int32Array;
  #keptPoints: number;
  /** Points that are alone; of these, those with a row. */
  #lone: number;
  #loneRows = 0;
  /** Address of distances in the order of kept points. */
  readonly #measured: number;

  /** @param linkage See `LINKAGE_CODES`. */
  constructor(distances: PointDistances, linkage: number, scope: KernelScope, allocate: Allocate) {
    const points = distances.count;
    this.#distances = distances;
    this.#linkage = linkage;
    this.#scope = scope;
    this.#slots = this.#keptPoints = this.#lone = points;
    this.#stride = strideOf(points);
    this.#base = allocate(rowBytes(points));
    const rows = rowsOf(points);
    this.#freeRows = Array.from({ length: rows - SPARE_ROWS }, (_, i) => rows - 1 - i);
    this.#rows = new Int32Array(points).fill(NONE);
    this.#made = new Int32Array(points);
    this.#complete = new Int32Array(points);
    const { arena } = scope;
    const f64 = (): Float64Array => arena.f64(allocate(this.#stride * 8), this.#stride);
    const i32 = (): Int32Array => arena.i32(allocate(points * 4), points);
    this.#sizes = f64().fill(1);
    this.#absent = f64().fill(Number.NaN).fill(0, 0, points);
    this.#measured = allocate(writtenEntries(points) * 8);
    this.#unionPlaces = i32();
    this.#unionRows = i32();
    this.#lonePlaces = i32();
    this.#loneAt = Int32Array.from({ length: points }, (_, i) => i);
    this.#lonePlaces.set(this.#loneAt);
  }

  /** Places, with or without a cluster. */
  get slots(): number {
    return this.#slots;
  }

  /** Entries of a row, up to a multiple of what kernels take. */
  get entries(): number {
    return Math.ceil(this.#slots / STEP) * STEP;
  }

  /** Address of 0 for each place, and NaN for those that are empty. */
  get absent(): number {
    return this.#absent.byteOffset;
  }

  isEmpty(place: number): boolean {
    return this.#absent[place] !== 0;
  }

  /** Address of the distances of a cluster to all others; valid until the next call. */
  rowOf(place: number): number {
    return this.#addressOf(this.#fetch(place, 0));
  }

  /** Merges two clusters. Returns the address of the distances of their union, at place y. */
  merge({ x, y, height }: Union): number {
    const fromX = this.#fetch(x, 0);
    const fromY = this.#fetch(y, 1);
    const into = this.#rowForUnion(x, y);
    const [nx, ny] = [this.#sizes[x]!, this.#sizes[y]!];
    this.#absent[x] = Number.NaN;
    this.#scope.kernels.exports.unionDistances(
      this.#linkage,
      this.entries,
      this.#addressOf(fromX),
      this.#addressOf(fromY),
      height,
      nx,
      ny,
      this.#sizes.byteOffset,
      this.#absent.byteOffset,
      this.#addressOf(into),
    );
    const address = this.#addressOf(into);
    this.#scope.arena.heap[address / 8 + y] = Number.NaN;
    this.#sizes[y] = nx + ny;
    this.#rows[y] = into;
    this.#made[y] = this.#complete[y] = ++this.#time;
    this.#unionPlaces[this.#unions] = y;
    this.#unionRows[this.#unions++] = into;
    if (this.#lone < this.#keptPoints * LONE_SHARE) this.#forgetPoints();
    return address;
  }

  /** Takes out the empty places; the order of the others stays. `kept`: those with a cluster. */
  compact(kept: Int32Array): void {
    const places = new Int32Array(this.#slots).fill(NONE);
    kept.forEach((from, to) => {
      places[from] = to;
    });
    this.#forgetPoints();
    this.#moveRows(kept);
    for (const list of [this.#rows, this.#made, this.#complete, this.#sizes]) {
      kept.forEach((from, to) => {
        list[to] = list[from]!;
      });
    }
    this.#slots = kept.length;
    this.#absent.fill(0, 0, this.#slots).fill(Number.NaN, this.#slots);
    for (let k = 0; k < this.#unions; k++) {
      this.#unionPlaces[k] = places[this.#unionPlaces[k]!]!;
    }
    for (let k = 0; k < this.#keptPoints; k++) {
      const place = places[this.#lonePlaces[k]!]!;
      this.#lonePlaces[k] = place;
      this.#loneAt[place] = k;
    }
  }

  #addressOf(row: number): number {
    return this.#base + row * this.#stride * 8;
  }

  /** Completes the row of a cluster: its own, or `spare`. */
  #fetch(place: number, spare: number): number {
    let row = this.#rows[place]!;
    if (row === NONE) {
      row = this.#rowForPoint(place) ?? spare;
      this.#writePoint(place, row);
    }
    const isKept = row >= SPARE_ROWS;
    const since = isKept ? this.#complete[place]! : 0;
    let first = this.#unions;
    while (first > 0 && this.#made[this.#unionPlaces[first - 1]!]! > since) first--;
    this.#scope.kernels.exports.gatherColumn(
      this.#unions - first,
      this.#base,
      this.#stride,
      this.#unionRows.byteOffset + first * 4,
      this.#unionPlaces.byteOffset + first * 4,
      place,
      this.#addressOf(row),
    );
    if (isKept) this.#complete[place] = this.#time;
    return row;
  }

  /** The distances of a point that is alone to all others that are. */
  #writePoint(place: number, row: number): void {
    this.#distances.write(this.#loneAt[place]!, this.#measured);
    const address = this.#addressOf(row);
    const { scatterEntries } = this.#scope.kernels.exports;
    scatterEntries(this.#keptPoints, this.#measured, this.#lonePlaces.byteOffset, address);
    this.#scope.arena.heap[address / 8 + place] = Number.NaN;
  }

  /** A row to keep, unless unions might need it: every two points without one could ask for one. */
  #rowForPoint(place: number): number | undefined {
    const bare = this.#lone - this.#loneRows - 1;
    if (this.#freeRows.length <= bare >> 1) return undefined;
    const row = this.#freeRows.pop()!;
    this.#rows[place] = row;
    this.#loneRows++;
    return row;
  }

  /** The row of y, or of x, or a new one; the others are free from now on. */
  #rowForUnion(x: number, y: number): number {
    const rows = [this.#release(y), this.#release(x)].filter((row) => row !== NONE);
    const into = rows.shift() ?? this.#freeRows.pop()!;
    this.#freeRows.push(...rows);
    return into;
  }

  /** Takes a cluster out of the lists. Returns its row. */
  #release(place: number): number {
    const row = this.#rows[place]!;
    this.#rows[place] = NONE;
    if (this.#sizes[place] === 1) {
      this.#lone--;
      if (row !== NONE) this.#loneRows--;
      return row;
    }
    const at = this.#unionPlaces.subarray(0, this.#unions).lastIndexOf(place);
    this.#unionPlaces.copyWithin(at, at + 1, this.#unions);
    this.#unionRows.copyWithin(at, at + 1, this.#unions--);
    return row;
  }

  /** Forgets the points that are not alone any more. */
  #forgetPoints(): void {
    const places = this.#lonePlaces.subarray(0, this.#keptPoints);
    const kept = Int32Array.from(places.keys()).filter(
      (at) => this.#sizes[places[at]!] === 1 && !this.isEmpty(places[at]!),
    );
    kept.forEach((from, to) => {
      this.#lonePlaces[to] = places[from]!;
      this.#loneAt[places[to]!] = to;
    });
    this.#keptPoints = kept.length;
    this.#distances.keep(kept);
  }

  /** Moves the entries of all rows to their new places. */
  #moveRows(kept: Int32Array): void {
    const { gatherEntries } = this.#scope.kernels.exports;
    const places = this.#scope.arena.i32(this.#measured, kept.length);
    places.set(kept);
    for (const place of kept) {
      const row = this.#rows[place]!;
      if (row === NONE) continue;
      gatherEntries(kept.length, this.#addressOf(row), this.#measured, this.#addressOf(row));
    }
  }
}
