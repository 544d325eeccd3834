/**
 * Offline training in rounds: k-medoids. Where should five hubs be, so that the airports of the USA
 * are near to one? A hub is an airport itself and distances are over the ground, so the mean of a
 * cluster, which KMeans takes, will not do.
 *
 *     node build/examples/k-medoids.js
 */
import { Session } from 'gyre';
import { readAirports } from './data.js';
import { type Hubs, kMedoids } from './k-medoids-loop.js';

const airports = await readAirports();
const start = [0, 1, 2, 3, 4].map((i) => airports[i * 675]!);

async function train(threads: number): Promise<Hubs[]> {
  const session = new Session({ threads });
  try {
    return await kMedoids(session.job('k-medoids'), airports, start).output().toArray();
  } finally {
    await session.close();
  }
}

const rounds = await train(2);
const [first, last] = [rounds[0]!, rounds.at(-1)!];
for (const { name, city } of last.hubs) console.log(`hub: ${name}, ${city}`);
console.log(`mean distance ${first.meanKm.toFixed(1)} km after 1 round`);
console.log(`mean distance ${last.meanKm.toFixed(1)} km after ${last.round} rounds`);

const inline = await train(0);
const same = inline.every(({ meanKm }, i) => Object.is(meanKm, rounds[i]!.meanKm));
console.log(`the same bits on 0 and 2 workers: ${same && inline.length === rounds.length}`);
