/** Points in kernel memory, in the forms that the kernels of distances read. */
import type { KernelScope } from '../algorithm/training.js';
import type { DistanceMeasureName } from '../table/distance-measure.js';

/** Points of a panel. */
export const PANEL = 4;
/** Points are filled up to a multiple of this: the side of a tile, see `tiled-distances.ts`. */
const MULTIPLE = 16;

/** The measures as the kernels know them; for cosine, vectors must have length 1. */
const MEASURE_CODES: Readonly<Record<DistanceMeasureName, number>> = {
  euclidean: 0,
  manhattan: 1,
  cosine: 2,
};

/** Points, row-major, and what is measured between them. */
export interface Points {
  readonly values: Float64Array;
  readonly count: number;
  readonly dim: number;
  readonly measure: DistanceMeasureName;
}

/** Memory of a kernel scope, pinned or scratch. */
export type Allocate = (bytes: number) => number;

/** Points in kernel memory: rows, and panels of four points, transposed, filled up with zeros. */
export class PointPanels {
  readonly measure: number;
  readonly dim: number;
  /** Points, without those that fill up. */
  count: number;
  readonly rows: number;
  readonly panels: number;
  readonly #bias: number;
  readonly #scope: KernelScope;

  constructor(points: Points, scope: KernelScope, allocate: Allocate) {
    const { values, count, dim, measure } = points;
    const padded = Math.ceil(count / MULTIPLE) * MULTIPLE;
    this.measure = MEASURE_CODES[measure];
    this.dim = dim;
    this.count = count;
    this.rows = allocate(padded * dim * 8);
    this.panels = allocate(padded * dim * 8);
    this.#bias = allocate(padded * 8);
    this.#scope = scope;
    const { arena } = scope;
    const rows = arena.f64(this.rows, padded * dim);
    rows.set(values.subarray(0, count * dim));
    rows.fill(0, count * dim);
    arena.f64(this.panels, padded * dim).fill(0);
    this.#pack();
  }

  /** Panels of all points. */
  get panelCount(): number {
    return Math.ceil(this.count / PANEL);
  }

  /** Address of the row of a point. */
  rowOf(point: number): number {
    return this.rows + point * this.dim * 8;
  }

  /** Keeps some points, ascending, and forgets the others. */
  keep(kept: Int32Array): void {
    const { dim } = this;
    const rows = this.#scope.arena.f64(this.rows, this.count * dim);
    kept.forEach((from, to) => {
      rows.copyWithin(to * dim, from * dim, (from + 1) * dim);
    });
    this.count = kept.length;
    this.#pack();
  }

  #pack(): void {
    const { exports } = this.#scope.kernels;
    exports.packManhattan(this.count, this.dim, this.rows, this.panels, this.#bias);
  }
}
