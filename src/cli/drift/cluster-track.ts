/** Where the centroids of an online k-means have been, and how far they were from the clouds. */
import { type DenseVector, type OnlineKMeansModelData, Vectors } from '../../index.js';
import { count } from '../format.js';
import { page, svgChart } from '../plot/page.js';
import { cloudAt, EXTENT } from './moving-clusters.js';

type Point = readonly [number, number];

/** Versions that a drawing shows behind the centroids. */
const RECENT = 60;

export class ClusterTrack {
  /** The centroids of every version. */
  readonly #versions: (readonly Point[])[] = [];
  readonly distances: number[] = [];
  readonly losses: number[] = [];

  /** A model to start from: it weighs nothing. */
  static modelData(centroids: readonly Point[]): OnlineKMeansModelData {
    return {
      centroids: centroids.map((point) => Vectors.dense(point)),
      weights: Vectors.dense(new Float64Array(centroids.length)),
    };
  }

  /** @param share How much of the stream is over. */
  add(centroids: readonly DenseVector[], share: number): void {
    const points = centroids.map(({ values }): Point => [values[0]!, values[1]!]);
    this.#versions.push(points);
    let sum = 0;
    for (let j = 0; j < points.length; j++) {
      const [x, y] = cloudAt(j, points.length, share);
      sum += Math.min(...points.map((point) => Math.hypot(point[0] - x, point[1] - y)));
    }
    this.distances.push(sum / points.length);
  }

  addLoss(loss: number): void {
    this.losses.push(loss);
  }

  get versions(): number {
    return this.#versions.length;
  }

  get current(): readonly Point[] {
    return this.#versions.at(-1) ?? [];
  }

  /** Mean distance of the clouds to their closest centroids, now. */
  get distance(): number {
    return this.distances.at(-1) ?? Number.NaN;
  }

  /** Of the last batch. */
  get loss(): number {
    return this.losses.at(-1) ?? Number.NaN;
  }

  /** The way of each centroid through the last versions. */
  recent(): Point[][] {
    return waysOf(this.#versions.slice(-RECENT));
  }

  /** The way of each centroid from the start, in at most `points` steps. */
  ways(points: number): Point[][] {
    const step = Math.max(1, Math.ceil(this.#versions.length / points));
    const last = this.#versions.length - 1;
    return waysOf(this.#versions.filter((_, i) => i % step === 0 || i === last));
  }
}

const waysOf = (versions: readonly (readonly Point[])[]): Point[][] =>
  (versions[0] ?? []).map((_, j) => versions.map((points) => points[j]!));

const MAP_SIZE = 600;
const WAY_POINTS = 500;

/** The page with the ways, and with how the distance and the loss went. */
export function trackPage(
  track: ClusterTrack,
  { k, rows, batchSize, decay }: { k: number; rows: number; batchSize: number; decay: number },
): string {
  const chart = (label: string, values: readonly number[]) =>
    svgChart({ label, values, digits: 2 });
  return page(
    `${k} clusters on the move`,
    `OnlineKMeans on ${count(rows)} points, a version of the model for every ${count(batchSize)} of them, ` +
      `${decay} of the past kept. Each cloud goes round once.`,
    [
      {
        title: 'The way of the centroids',
        text: 'From where they started (ring) to where they are (disc).',
        drawing: mapOf(track.ways(WAY_POINTS)),
      },
      {
        title: 'Distance',
        text: 'From the middle of a cloud to the closest centroid, mean of all clouds.',
        drawing: chart('distance', track.distances),
      },
      {
        title: 'Loss',
        text: 'Mean squared distance of a batch to its centroids, before they learned from it.',
        drawing: chart('loss', track.losses),
      },
    ],
  );
}

function mapOf(ways: readonly (readonly Point[])[]): string {
  const place = ([x, y]: Point) =>
    [x, -y].map((value) => (((value / EXTENT + 1) / 2) * MAP_SIZE).toFixed(1)).join(',');
  const drawn = ways.map((way, j) => {
    const color = `hsl(${Math.round((360 * j) / ways.length)} 70% 50%)`;
    const [first, last] = [place(way[0]!).split(','), place(way.at(-1)!).split(',')];
    return (
      `<polyline points="${way.map(place).join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>` +
      `<circle cx="${first[0]}" cy="${first[1]}" r="6" fill="none" stroke="${color}" stroke-width="2"/>` +
      `<circle cx="${last[0]}" cy="${last[1]}" r="6" fill="${color}"/>`
    );
  });
  return `<svg viewBox="0 0 ${MAP_SIZE} ${MAP_SIZE}" role="img" aria-label="the way of the centroids">${drawn.join('')}</svg>`;
}
