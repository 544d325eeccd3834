/**
 * A job whose state does not fit on the disk for a while; prints what happened as JSON.
 *
 *   node full-disk-process.js <folder> <threads>
 */
import { readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from '../../../src/engine/session.js';
import { listen } from './disturbed.js';
import { Hoard } from './operators.js';
import { Steps } from './steps.js';

const [folder, threads] = process.argv.slice(2) as [string, string];
const session = new Session({ threads: Number(threads) });
const job = session.job('disk', { checkpoint: { folder, keep: 1 } });
const { log, stop } = listen('disk');
const outcomes: string[] = [];

const source = new Steps(60, async (i) => {
  if (i % 10 !== 5) return;
  // All records before are in the operator by then.
  await sleep(50);
  await job.checkpoint().then(
    () => outcomes.push('taken'),
    (error: { code?: string; cause?: { code?: string } }) =>
      outcomes.push(`${error.code} ${error.cause?.code}`),
  );
});
// The third and the fourth checkpoint have 5 MB and more.
const hoarding = { from: 16, to: 36, bytes: 1 << 20 };
const sum = await job.from(source).process(Hoard, hoarding).output().last();
await job.run();
stop();
await session.close();
const left = readdirSync(join(folder, 'job-disk'));
const warnings = log.warnings.map(({ message }) => message);
writeSync(1, JSON.stringify({ sum, outcomes, warnings, taken: log.checkpoints.length, left }));
