/**
 * Offline training without rounds: eight learners and three parameter servers, each at its own
 * pace. What comes out is compared with the exact solution.
 *
 *     node build/examples/parameter-server.js
 */
import { Session } from 'gyre';
import { type Batch, joinRanges, trainByServers } from './parameter-server-loop.js';
import { meanSquaredError, readPenguins, solve } from './penguins.js';

const LANES = 8;
const BATCH = 11;

const penguins = await readPenguins();
const size = penguins.x[0]!.length;

// Batches of rows that lie far apart: the file has one species after the other.
const count = Math.ceil(penguins.x.length / BATCH);
const batches = Array.from({ length: count }, (_, b): Batch => {
  const isOurs = (_row: unknown, i: number) => i % count === b;
  return { lane: b % LANES, x: penguins.x.filter(isOurs), y: penguins.y.filter(isOurs) };
});

const session = new Session({ threads: 2 });
const params = { size, ranges: 3, passes: 40, step: 0.1, halving: 200 };
const model = await trainByServers(session.job('servers'), batches, params).output().toArray();
await session.close();

const [trained, exact] = [joinRanges(model), solve(penguins)];
const errors = [new Float64Array(size), trained, exact].map((w) => meanSquaredError(penguins, w));
const [before, after, least] = errors as [number, number, number];
console.log(`${penguins.x.length} penguins, ${batches.length} batches, ${size} weights`);
for (const { range, gradients, weights } of model.sort((a, b) => a.range - b.range)) {
  console.log(`range ${range}: ${weights.length} weights, ${gradients} gradients`);
}
const staleness = model.reduce((sum, each) => sum + each.staleness, 0) / model.length;
console.log(`a gradient was ${staleness.toFixed(1)} steps old on average`);
console.log(`error ${before.toFixed(3)} kg² before, ${after.toFixed(3)} kg² after`);
console.log(`${((after / least - 1) * 100).toFixed(1)} % above the least error`);
