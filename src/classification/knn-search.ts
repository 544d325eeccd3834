/** The nearest rows of many queries, by kernels: blocks of queries against blocks of rows. */
import type { KernelScope } from '../algorithm/training.js';
import type { Segment } from '../memory/arena.js';
import { toScratch, withScratch } from '../stage/kernel-data.js';
import { boundsOfBlocks, numBlocks, type RowBlocks } from './knn-blocks.js';

/**
 * Rows of a block: few enough to stay in a cache while queries go over it, and for boxes to be small;
 * enough that looking at its box costs little beside it. Measured for 3 to 784 columns.
 */
export const BLOCK_ROWS = 512;
/** Queries that go over the rows together. */
export const QUERY_ROWS = 64;

/** Stands for "no row" in lists of neighbours; any row comes before it. */
export const NO_ROW = 0x7fffffff;

/** Where results go, k a row: the squared distance (euclidean) or the distance, and the row. */
export interface NearestLists {
  readonly k: number;
  readonly distances: Float64Array;
  readonly indices: Int32Array;
}

/** Rows in blocks, in the memory of one thread, as kernels read them. */
export class PlacedBlocks {
  readonly #blocks: RowBlocks;
  readonly #isManhattan: boolean;
  readonly #scope: KernelScope;
  readonly #segments: Segment[] = [];
  /** Addresses, in the order in which kernels take them. */
  readonly #addresses: readonly [number, number, number, number, number, number];
  readonly #bounds: Float64Array;

  /** Copies the rows; {@link free} gives the memory back. */
  constructor(blocks: RowBlocks, isManhattan: boolean, scope: KernelScope) {
    this.#blocks = blocks;
    this.#isManhattan = isManhattan;
    this.#scope = scope;
    this.#bounds = new Float64Array(numBlocks(blocks));
    try {
      this.#addresses = this.#place();
    } catch (error) {
      this.free();
      throw error;
    }
  }

  #place(): [number, number, number, number, number, number] {
    const { numRows, dim, blockRows, rows, order, boxes } = this.#blocks;
    const { arena, kernels } = this.#scope;
    const count = this.#bounds.length;
    const places = [
      rows.byteLength,
      order.byteLength,
      boxes.byteLength,
      count * (dim + 1) * 8,
      count * blockRows * dim * 4,
      count * blockRows * 4,
    ].map((bytes) => {
      const segment = arena.allocate(bytes);
      this.#segments.push(segment);
      return segment.address;
    }) as [number, number, number, number, number, number];
    arena.f64(places[0], rows.length).set(rows);
    arena.i32(places[1], order.length).set(order);
    arena.f64(places[2], boxes.length).set(boxes);
    const { packBlocks, packBlocksManhattan } = kernels.exports;
    const pack = this.#isManhattan ? packBlocksManhattan : packBlocks;
    pack(numRows, dim, blockRows, places[0], places[2], places[3], places[4], places[5]);
    return places;
  }

  /** Finds the nearest rows of one block of queries, and writes them to the queries' own rows. */
  search(queries: RowBlocks, block: number, lists: NearestLists): void {
    const { dim, blockRows } = queries;
    const { k } = lists;
    const first = block * blockRows;
    const m = Math.min(blockRows, queries.numRows - first);
    const { arena } = this.#scope;
    withScratch(this.#scope, () => {
      const rows = toScratch(this.#scope, queries.rows.subarray(first * dim, (first + m) * dim));
      const found = { distances: arena.scratch(m * k * 8), indices: arena.scratch(m * k * 4) };
      const distances = arena.f64(found.distances, m * k).fill(Infinity);
      const indices = arena.i32(found.indices, m * k).fill(NO_ROW);
      const scratch = arena.scratch(64 + 16 * dim + 4 * m);
      const visit = (blocks: Int32Array) => this.#visit(blocks, m, rows, k, found, scratch);
      this.#setBounds(queries, block);
      visit(this.#closest());
      visit(this.#others(distances, k));
      for (let i = 0; i < m; i++) {
        const to = queries.order[first + i]! * k;
        lists.distances.set(distances.subarray(i * k, (i + 1) * k), to);
        lists.indices.set(indices.subarray(i * k, (i + 1) * k), to);
      }
    });
  }

  #setBounds({ dim, boxes }: RowBlocks, block: number): void {
    const low = boxes.subarray(block * 2 * dim, (block * 2 + 1) * dim);
    const high = boxes.subarray((block * 2 + 1) * dim, (block + 1) * 2 * dim);
    boundsOfBlocks(this.#blocks, this.#isManhattan, low, high, this.#bounds);
  }

  /** The block that is nearest to the queries, with all that are as near. */
  #closest(): Int32Array {
    const least = this.#bounds.reduce((a, b) => Math.min(a, b), Infinity);
    return blocksWhere(this.#bounds, (bound) => bound === least);
  }

  /** The other blocks that some query may have a neighbour in, the nearest first. */
  #others(distances: Float64Array, k: number): Int32Array {
    const bounds = this.#bounds;
    const least = bounds.reduce((a, b) => Math.min(a, b), Infinity);
    let worst = 0;
    for (let at = k - 1; at < distances.length; at += k) worst = Math.max(worst, distances[at]!);
    const blocks = blocksWhere(bounds, (bound) => bound > least && bound <= worst);
    return blocks.sort((a, b) => bounds[a]! - bounds[b]!);
  }

  #visit(
    blocks: Int32Array,
    m: number,
    queries: number,
    k: number,
    found: { readonly distances: number; readonly indices: number },
    scratch: number,
  ): void {
    const { numRows, dim, blockRows } = this.#blocks;
    const { arena, kernels } = this.#scope;
    withScratch(this.#scope, () => {
      const visits = arena.scratch(blocks.byteLength);
      arena.i32(visits, blocks.length).set(blocks);
      const { nearestRows, nearestRowsManhattan } = kernels.exports;
      const kernel = this.#isManhattan ? nearestRowsManhattan : nearestRows;
      const { distances, indices } = found;
      const [rows, order, boxes, frames, panels, bias] = this.#addresses;
      // biome-ignore format: one line for each thing it is about
      kernel(
        numRows, dim, blockRows, rows, order, boxes, frames, panels, bias,
        blocks.length, visits,
        m, queries, k, distances, indices, scratch,
      );
    });
  }

  /** Gives the memory back. */
  free(): void {
    for (const segment of this.#segments.splice(0)) segment.free();
  }
}

function blocksWhere(bounds: Float64Array, isWanted: (bound: number) => boolean): Int32Array {
  const blocks: number[] = [];
  bounds.forEach((bound, block) => {
    if (isWanted(bound)) blocks.push(block);
  });
  return Int32Array.from(blocks);
}
