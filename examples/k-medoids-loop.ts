/**
 * The loop of k-medoids.ts: offline training in rounds, where every round sees all of the last one.
 *
 * ```text
 *  airports ─▶ once ──────────────┐
 *                                 ▼     by cluster            to one
 *  hubs ─▶ head ─ broadcast ─▶ Assign ─────────────▶ Center ──────────▶ Choose ──┬─▶ outputs
 *           ▲                                                                    │
 *           └──────────────── feedback, at the end of the epoch ◀────────────────┘
 * ```
 *
 * All three operators gather in `process` and answer in `onEpochEnd`, when all records of the round
 * are there. That makes the loop synchronous. An operator downstream ends its epoch after those
 * upstream have, so one round passes through all three.
 *
 * Records arrive in another order with another number of workers. The result is nevertheless the
 * same to the last bit: whoever adds up sorts first.
 */
import {
  type Collector,
  type DataStream,
  type Job,
  type MapOperator,
  once,
  type ProcessOperator,
  TerminateOnMaxIterOrTol,
} from 'gyre/engine';
import { type Airport, distanceKm } from './airports.js';

/** The state of the loop. */
export interface Hubs {
  readonly round: number;
  readonly hubs: readonly Airport[];
  /** Mean distance of the airports to the hub of their cluster. */
  readonly meanKm: number;
  /** Hubs that the round has moved. */
  readonly moved: number;
}

/** The airports of one cluster that one subtask owns. */
interface Members {
  readonly cluster: number;
  readonly members: readonly Airport[];
}

/** The airport of a cluster from which the way to all others is shortest. */
interface Medoid {
  readonly cluster: number;
  readonly medoid: Airport;
  readonly count: number;
  /** Sum of the distances to it. */
  readonly sumKm: number;
}

/** Input 0: airports, once. Input 1: the hubs, each round. Out: members by cluster. */
export class Assign implements ProcessOperator<Airport | Hubs, Members> {
  static readonly module: string = import.meta.url;
  readonly #airports: Airport[] = [];
  #hubs: readonly Airport[] = [];

  process(value: Airport | Hubs, { input }: Collector<Members>): void {
    if (input === 0) this.#airports.push(value as Airport);
    else this.#hubs = (value as Hubs).hubs;
  }

  onEpochEnd(_epoch: number, out: Collector<Members>): void {
    const clusters = this.#hubs.map((): Airport[] => []);
    for (const airport of this.#airports) clusters[this.#nearest(airport)]!.push(airport);
    clusters.forEach((members, cluster) => {
      out.emit({ cluster, members });
    });
  }

  /** Of hubs that are equally near, the first. */
  #nearest(airport: Airport): number {
    const distances = this.#hubs.map((hub) => distanceKm(airport, hub));
    return distances.indexOf(Math.min(...distances));
  }
}

/** Members of a cluster, from all subtasks, to its medoid. Keyed: whole clusters meet here. */
export class Center implements ProcessOperator<Members, Medoid> {
  static readonly module: string = import.meta.url;
  #clusters = new Map<number, Airport[]>();

  process({ cluster, members }: Members): void {
    const known = this.#clusters.get(cluster);
    if (known === undefined) this.#clusters.set(cluster, [...members]);
    else known.push(...members);
  }

  onEpochEnd(_epoch: number, out: Collector<Medoid>): void {
    const clusters = this.#clusters;
    this.#clusters = new Map();
    for (const [cluster, members] of clusters) {
      members.sort((a, b) => a.id - b.id);
      out.emit({ cluster, count: members.length, ...medoidOf(members) });
    }
  }
}

/** Of members that are equally good, the first. Quadratic in their number. */
function medoidOf(members: readonly Airport[]): Pick<Medoid, 'medoid' | 'sumKm'> {
  const sums = new Float64Array(members.length);
  members.forEach((from, i) => {
    for (let j = 0; j < i; j++) {
      const km = distanceKm(from, members[j]!);
      sums[i]! += km;
      sums[j]! += km;
    }
  });
  const best = sums.indexOf(sums.reduce((a, b) => Math.min(a, b)));
  return { medoid: members[best]!, sumKm: sums[best]! };
}

/** Input 0: medoids. Input 1: the hubs that they replace. Out: the next hubs. */
export class Choose implements ProcessOperator<Medoid | Hubs, Hubs> {
  static readonly module: string = import.meta.url;
  #medoids: Medoid[] = [];
  #last: Hubs | null = null;

  process(value: Medoid | Hubs, { input }: Collector<Hubs>): void {
    if (input === 0) this.#medoids.push(value as Medoid);
    else this.#last = value as Hubs;
  }

  onEpochEnd(_epoch: number, out: Collector<Hubs>): void {
    const { round, hubs } = this.#last!;
    const medoids = this.#medoids.sort((a, b) => a.cluster - b.cluster);
    this.#medoids = [];
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const count = sum(medoids.map((each) => each.count));
    out.emit({
      round: round + 1,
      hubs: medoids.map(({ medoid }) => medoid),
      meanKm: sum(medoids.map(({ sumKm }) => sumKm)) / count,
      moved: medoids.filter(({ medoid, cluster }) => medoid.id !== hubs[cluster]!.id).length,
    });
  }
}

/** What {@link TerminateOnMaxIterOrTol} compares with its `tol`. */
export class Moved implements MapOperator<Hubs, number> {
  static readonly module: string = import.meta.url;

  map({ moved }: Hubs): number {
    return moved;
  }
}

/**
 * Adds the loop to a job.
 *
 * @param start The first hubs: some of the airports.
 * @returns The hubs after each round; the last are those that no longer move.
 */
export function kMedoids(
  job: Job,
  airports: readonly Airport[],
  start: readonly Airport[],
  maxIter = 50,
): DataStream<Hubs> {
  const initial: Hubs = { round: 0, hubs: start, meanKm: Number.NaN, moved: start.length };
  const { hubs } = job.iterate({
    variables: [job.of([initial])],
    data: [once(job.of(airports).rebalance())],
    body: ([current], [points]) => {
      const members = points.connect(current.broadcast()).process(Assign);
      const medoids = members.keyBy('cluster').process(Center);
      const next = medoids.gather().connect(current).process(Choose);
      return {
        feedback: [next],
        outputs: { hubs: next },
        // The loop ends with the round that moves no hub, or is the last allowed.
        criteria: next.map(Moved).flatMap(TerminateOnMaxIterOrTol, { maxIter, tol: 0 }),
      };
    },
  });
  return hubs;
}
