/** What AgglomerativeClustering runs on workers. */
import type { KernelScope } from '../algorithm/training.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Segment } from '../memory/arena.js';
import type { Merges } from './linkage.js';
import { MinimumSpanningTree } from './minimum-spanning-tree.js';
import { NearestNeighbourChain } from './nearest-neighbour-chain.js';
import { MeasuredDistances, type PointDistances, StoredDistances } from './point-distances.js';
import { type Allocate, PointPanels, type Points } from './point-panels.js';
import { type TileRows, writeDistances } from './tiled-distances.js';

/** Names of the buffers of the job. */
export const POINTS = 'points';
export const DISTANCES = 'distances';

/** The points of a job: their entries are the buffer {@link POINTS}. */
export type PointsParams = Omit<Points, 'values'>;

/** The distances of a job: in the buffer {@link DISTANCES}, from some byte on. */
export interface DistancesParams {
  readonly byteOffset: number;
  readonly length: number;
}

/** Pinned memory, given back when the operator is closed. */
class Pinned {
  readonly allocate: Allocate;
  readonly #segments: Segment[] = [];

  constructor({ arena }: KernelScope) {
    this.allocate = (bytes) => {
      const segment = arena.allocate(bytes);
      this.#segments.push(segment);
      return segment.address;
    };
  }

  free(): void {
    for (const segment of this.#segments.splice(0)) segment.free();
  }
}

function pointsOf({ buffers }: OperatorContext, params: PointsParams): Points {
  return { ...params, values: new Float64Array(buffers[POINTS]!) };
}

function distancesOf(
  { buffers }: OperatorContext,
  { byteOffset, length }: DistancesParams,
): Float64Array {
  return new Float64Array(buffers[DISTANCES]!, byteOffset, length);
}

/** In: rows of tiles. Out: nothing; their distances are in the job's buffer. */
export class WriteDistances implements ProcessOperator<TileRows, never> {
  static readonly module: string = import.meta.url;
  readonly #params: PointsParams & DistancesParams;
  #context!: OperatorContext;
  #pinned!: Pinned;
  #distances!: Float64Array;
  /** Packed when the first rows come: there may be none for this subtask. */
  #points: PointPanels | null = null;

  constructor(params: PointsParams & DistancesParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#pinned = new Pinned(context);
    this.#distances = distancesOf(context, this.#params);
  }

  process(rows: TileRows): void {
    const { count, dim, measure } = this.#params;
    const points = pointsOf(this.#context, { count, dim, measure });
    this.#points ??= new PointPanels(points, this.#context, this.#pinned.allocate);
    writeDistances(this.#points, rows, this.#distances, this.#context);
  }

  close(): void {
    this.#pinned?.free();
  }
}

/** Clusters in turns, so that a job can be stopped in between. */
abstract class ClusterInTurns implements ProcessOperator<unknown, Merges> {
  #merges: Merges | null = null;

  /** A turn: its records say nothing. */
  process(): void {
    this.#merges ??= this.advance(TURN);
  }

  /** What the turns have left to do. */
  protected finish(out: Collector<Merges>): void {
    out.emit(this.#merges ?? this.advance(Number.POSITIVE_INFINITY)!);
  }

  protected abstract advance(budget: number): Merges | null;
}

/** Distances that are looked at in a turn: less than a millisecond. */
const TURN = 100_000;

/** As many turns as so many points can take. */
export function* turnsFor(points: number): Generator<number> {
  const distances = 4 * points ** 2;
  for (let turn = 0; turn * TURN < distances; turn++) yield turn;
}

/** Clusters by chains of nearest neighbours. */
abstract class ClusterByChain extends ClusterInTurns {
  #pinned!: Pinned;
  #chain!: NearestNeighbourChain;

  open(context: OperatorContext): void {
    this.#pinned = new Pinned(context);
    const { allocate } = this.#pinned;
    const distances = this.distances(context, allocate);
    this.#chain = new NearestNeighbourChain(distances, this.linkage, context, allocate);
  }

  close(): void {
    this.#pinned?.free();
  }

  protected override advance(budget: number): Merges | null {
    return this.#chain.advance(budget);
  }

  protected abstract readonly linkage: number;
  protected abstract distances(context: OperatorContext, allocate: Allocate): PointDistances;
}

export interface LinkageParams {
  /** See `LINKAGE_CODES`. */
  readonly linkage: number;
}

/** In: turns. Out: the merges, by distances that are measured when they are needed. */
export class ClusterPoints extends ClusterByChain {
  static readonly module: string = import.meta.url;
  protected readonly linkage: number;
  readonly #params: PointsParams;

  constructor({ linkage, ...params }: PointsParams & LinkageParams) {
    super();
    this.linkage = linkage;
    this.#params = params;
  }

  onInputEnd(_input: number, out: Collector<Merges>): void {
    this.finish(out);
  }

  protected override distances(context: OperatorContext, allocate: Allocate): PointDistances {
    return new MeasuredDistances(pointsOf(context, this.#params), context, allocate);
  }
}

/** In: nothing, but an end when all distances are there; and turns. Out: the merges. */
export class ClusterMatrix extends ClusterByChain {
  static readonly module: string = import.meta.url;
  protected readonly linkage: number;
  readonly #params: DistancesParams & Pick<Points, 'count'>;
  #isMeasured = false;

  constructor({ linkage, ...params }: DistancesParams & Pick<Points, 'count'> & LinkageParams) {
    super();
    this.linkage = linkage;
    this.#params = params;
  }

  accepts(input: number): boolean {
    return input === 0 || this.#isMeasured;
  }

  onInputEnd(input: number, out: Collector<Merges>): void {
    if (input === 0) this.#isMeasured = true;
    else this.finish(out);
  }

  protected override distances(context: OperatorContext): PointDistances {
    return new StoredDistances(this.#params.count, distancesOf(context, this.#params), context);
  }
}

/** In: turns. Out: the merges of single linkage. */
export class ClusterBySpanningTree extends ClusterInTurns {
  static readonly module: string = import.meta.url;
  readonly #params: PointsParams;
  #pinned!: Pinned;
  #tree!: MinimumSpanningTree;

  constructor(params: PointsParams) {
    super();
    this.#params = params;
  }

  open(context: OperatorContext): void {
    this.#pinned = new Pinned(context);
    const { allocate } = this.#pinned;
    const points = new PointPanels(pointsOf(context, this.#params), context, allocate);
    this.#tree = new MinimumSpanningTree(points, context, allocate);
  }

  onInputEnd(_input: number, out: Collector<Merges>): void {
    this.finish(out);
  }

  close(): void {
    this.#pinned?.free();
  }

  protected override advance(budget: number): Merges | null {
    return this.#tree.advance(budget);
  }
}
