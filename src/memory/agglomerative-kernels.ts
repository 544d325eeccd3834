/** The kernels of `assembly/agglomerative.ts` and `assembly/linkage.ts`. */
import type { Address } from './kernel-exports.js';

/** Distances between points and between clusters: a part of `KernelExports`. */
export interface AgglomerativeKernels {
  pairDistances(
    measure: number,
    d: number,
    x: Address,
    count: number,
    panels: Address,
    out: Address,
  ): void;
  spanningStep(
    measure: number,
    d: number,
    x: Address,
    count: number,
    panels: Address,
    nearest: Address,
  ): number;

  pointDistances(
    measure: number,
    d: number,
    x: Address,
    count: number,
    panels: Address,
    out: Address,
  ): void;
  unionDistances(
    linkage: number,
    count: number,
    x: Address,
    y: Address,
    dxy: number,
    nx: number,
    ny: number,
    sizes: Address,
    absent: Address,
    out: Address,
  ): void;
  nearestTwo(
    count: number,
    row: Address,
    absent: Address,
    distances: Address,
    places: Address,
  ): void;
  changedNeighbours(
    count: number,
    row: Address,
    bound: Address,
    nearest: Address,
    second: Address,
    x: number,
    y: number,
    out: Address,
  ): number;
  gatherColumn(
    count: number,
    rows: Address,
    stride: number,
    which: Address,
    places: Address,
    column: number,
    out: Address,
  ): void;
  gatherEntries(count: number, x: Address, places: Address, out: Address): void;
  scatterEntries(count: number, x: Address, places: Address, out: Address): void;
}
