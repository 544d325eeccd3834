/**
 * Gyre in a worker pool that a service has already: the pool runs a KMeans fit while it also runs
 * the service's own tasks.
 *
 *     node build/examples/own-pool.js
 */
import { Column, GyreError, KMeans, Session, Table } from 'gyre';
import { Piscina } from 'piscina';

const pool = new Piscina({
  // The worker file exports the service's tasks, and `gyre`.
  filename: new URL('./own-pool-worker.js', import.meta.url).href,
  minThreads: 3,
  maxThreads: 3,
});

// Two of the three threads are for Gyre while a job runs; one is left for the service.
const session = new Session({ threads: 2, pool });

const rows = 200_000;
const values = Float64Array.from({ length: 2 * rows }, (_, i) => {
  return 10 * (Math.floor(i / 2) % 2) + ((i * 7919) % 1000) / 1000;
});
const table = Table.fromColumns({ features: Column.dense(values, 2) });

const fit = new KMeans({ k: 2, seed: 3, maxIter: 20 }).fit(table, { session });
const texts = ['to be or not to be', 'that is the question', 'words words words'];
const counts = await Promise.all(texts.map((text) => pool.run(text, { name: 'countWords' })));
console.log(`words: ${counts.join(' ')}`);

const { centroids, weights } = (await fit).modelData;
centroids.forEach(({ values: [x, y] }, j) => {
  console.log(`cluster ${j}: ${weights.get(j)} points around ${x!.toFixed(2)}, ${y!.toFixed(2)}`);
});

// A pool that is too small is refused at once.
try {
  new Session({ threads: 4, pool });
} catch (error) {
  if (!(error instanceof GyreError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}

// Closing the session leaves the pool alone: it is the service's.
await session.close();
console.log(`still there: ${await pool.run('one more task', { name: 'countWords' })} words`);
await pool.destroy();
