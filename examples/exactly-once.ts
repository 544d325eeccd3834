/**
 * A pipeline that may be killed: running totals of what birds have cost each airline, from a file
 * to files, and every total is there exactly once. Kill it whenever you like, and start it again:
 *
 *     node build/examples/exactly-once.js some-folder
 *
 * Three parts make it so. The source knows its position, and can go back to it (lines.ts). The
 * engine keeps positions, state and records under way in checkpoints that are consistent: they tell
 * of one moment of the stream everywhere. And the sink shows records only when a checkpoint covers
 * them (part-sink.ts).
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'gyre';
import { dataFile } from './data.js';
import { Lines } from './lines.js';
import { PartSink } from './part-sink.js';
import { AddUp, ToStrikes, type Total } from './running-totals.js';

const [given] = process.argv.slice(2);
const folder = given ?? (await mkdtemp(join(tmpdir(), 'gyre-example-')));
const results = join(folder, 'totals');

const session = new Session({ threads: 2 });
const job = session.job('totals', {
  checkpoint: {
    folder: join(folder, 'checkpoints'),
    everyRows: 500,
    // Goes on where an earlier process came to. Without a checkpoint it begins.
    resume: true,
  },
});
const lines = job.from(new Lines(dataFile('birdstrikes.csv'), 10));
const totals = lines.rebalance().flatMap(ToStrikes).keyBy('airline').process(AddUp);
totals.sinkTo(new PartSink(results));
await job.run();
await session.close();

const newest = new Map<string, Total>();
let count = 0;
for (const name of await readdir(results)) {
  const text = await readFile(join(results, name), 'utf8');
  for (const line of text.trimEnd().split('\n')) {
    const total = JSON.parse(line) as Total;
    count++;
    if (total.strikes > (newest.get(total.airline)?.strikes ?? 0)) newest.set(total.airline, total);
  }
}
const cost = [...newest.values()].reduce((sum, total) => sum + total.cost, 0);
console.log(`${count} totals of ${newest.size} airlines`);
for (const total of [...newest.values()].sort((a, b) => b.cost - a.cost).slice(0, 3)) {
  console.log(`${total.airline}: ${total.strikes} strikes, ${total.cost} $`);
}
console.log(`together ${cost} $`);
if (given === undefined) await rm(folder, { recursive: true });
