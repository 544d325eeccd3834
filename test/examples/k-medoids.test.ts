// @timeout 120
/** examples/k-medoids: against the algorithm written down plainly, on any number of workers. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Airport, distanceKm } from '../../examples/airports.js';
import { readAirports } from '../../examples/data.js';
import { type Hubs, kMedoids } from '../../examples/k-medoids-loop.js';
import { assertSame, closeSessions, sessionOf } from '../engine/support.js';

test.after(closeSessions);

const AIRPORTS = (await readAirports()).slice(0, 700);
const START = [3, 90, 300, 600].map((i) => AIRPORTS[i]!);

const ids = (hubs: readonly Airport[]): number[] => hubs.map(({ id }) => id);
const sumKm = (from: Airport, to: readonly Airport[]): number =>
  to.reduce((sum, each) => sum + distanceKm(from, each), 0);

/** The hubs after each round, until none moves. */
function plainly(): number[][] {
  const rounds: number[][] = [];
  let hubs = START;
  for (;;) {
    const members = hubs.map((): Airport[] => []);
    for (const airport of AIRPORTS) {
      const distances = hubs.map((hub) => distanceKm(airport, hub));
      members[distances.indexOf(Math.min(...distances))]!.push(airport);
    }
    const next = members.map((cluster) => {
      const sums = cluster.map((airport) => sumKm(airport, cluster));
      return cluster[sums.indexOf(Math.min(...sums))]!;
    });
    rounds.push(ids(next));
    if (ids(next).every((id, i) => id === hubs[i]!.id)) return rounds;
    hubs = next;
  }
}

function train(threads: number, maxIter?: number): Promise<Hubs[]> {
  const job = sessionOf(threads).job('k-medoids');
  return kMedoids(job, AIRPORTS, START, maxIter).output().toArray();
}

test('the hubs move as the algorithm says, until none does', async () => {
  const expected = plainly();
  assert.ok(expected.length > 3, `${expected.length} rounds`);
  const rounds = await train(2);
  assertSame(
    rounds.map(({ hubs }) => ids(hubs)),
    expected,
  );
  assertSame(
    rounds.map(({ moved }) => moved > 0),
    expected.map((_, i) => i + 1 < expected.length),
  );
});

test('the mean distance is that of the airports to their hubs, and never grows', async () => {
  const rounds = await train(0);
  const { hubs, meanKm } = rounds.at(-1)!;
  const nearest = AIRPORTS.map((a) => Math.min(...hubs.map((hub) => distanceKm(a, hub))));
  const expected = nearest.reduce((a, b) => a + b) / nearest.length;
  assert.ok(Math.abs(meanKm - expected) < 1e-9 * expected, `${meanKm}, expected ${expected}`);
  const means = rounds.map((round) => round.meanKm);
  assert.ok(
    means.every((mean, i) => i === 0 || mean <= means[i - 1]! * (1 + 1e-12)),
    means.join(' '),
  );
});

test('the result has the same bits on any number of workers', async () => {
  const inline = await train(0);
  for (const threads of [1, 2, 3]) assertSame(await train(threads), inline, `${threads} workers`);
});

test('the loop ends after the rounds that are allowed', async () => {
  assert.is((await train(2, 2)).length, 2);
});

test.run();
