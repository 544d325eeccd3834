/**
 * Long runs of what the fault tests do in short; not part of `npm test`.
 *
 *   node scripts/soak.mjs <name> [amount] [threads]
 *
 *   slow     a reader that takes a record every 50 ms, for two minutes (amount: records, 2400)
 *   jobs     10,000 jobs in a row, with checkpoints, failures and aborts (amount: jobs)
 *   random   random jobs with random faults (amount: jobs, 2000; GYRE_SEED: the first seed)
 *   kills    processes that are killed (amount: kills, 600)
 *
 * Ends with code 1 at the first thing that is wrong. Build first: `npm run build`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const faults = join(import.meta.dirname, '..', 'build', 'test', 'engine', 'faults');
const load = (name) => import(join(faults, `${name}.js`));
const { Session } = await import(join(faults, '../../../src/engine/session.js'));

const [name, amount, threads = '2'] = process.argv.slice(2);
const root = mkdtempSync(join(tmpdir(), 'gyre-soak-'));
const start = performance.now();

function check(holds, what) {
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${seconds} s  ${JSON.stringify(what)}`);
  if (!holds) throw new Error('that is wrong');
}

async function slow(records = 2400) {
  const { readSlowly } = await load('slow-reader');
  for (const checkpointMs of [50, 1000]) {
    const session = new Session({ threads: Number(threads) });
    const options = { folder: root, records: records / 2, everyMs: 50, checkpointMs };
    const seen = await readSlowly(session, options);
    await session.close();
    check(seen.grownBytes < 256e6 && seen.inOrder && seen.checkpoints > 10, seen);
  }
}

async function jobs(count = 10_000) {
  const { drafts, footprint, runMany } = await load('footprint');
  const session = new Session({ threads: Number(threads) });
  await runMany(session, root, 200);
  let first;
  await runMany(session, root, count, async (done) => {
    if (done % 1000 !== 0 && done !== count) return;
    const now = await footprint();
    first ??= now;
    const isFlat =
      now.threads <= first.threads &&
      now.files <= first.files + 2 &&
      now.resources <= first.resources + 2 &&
      now.bytes < first.bytes + 8e6 &&
      drafts(root).length === 0;
    check(isFlat, { jobs: done, ...now, rss: process.memoryUsage().rss });
  });
  await session.close();
}

async function random(count = 2000) {
  const { checkSeed } = await load('random');
  const { closeSessions } = await import(join(faults, '../support.js'));
  const seed = Number(process.env.GYRE_SEED ?? Date.now() % 1e9);
  let [restarts, fromCheckpoint] = [0, 0];
  for (let i = 0; i < count; i++) {
    const outcome = await checkSeed(seed + i, root);
    restarts += outcome.restarts;
    fromCheckpoint += outcome.fromCheckpoint;
    if (i % 100 === 99) check(true, { seed: seed + i, restarts, fromCheckpoint });
  }
  await closeSessions();
}

async function kills(count = 600) {
  const env = { ...process.env, GYRE_KILLS: String(count) };
  const { status } = spawnSync(process.execPath, [join(faults, 'killed.test.js')], {
    env,
    stdio: 'inherit',
  });
  check(status === 0, { kills: count });
}

const runs = { slow, jobs, random, kills };
if (!Object.hasOwn(runs, name)) {
  console.log(`soak: its first argument must be one of ${Object.keys(runs).join(', ')}.`);
  process.exit(2);
}
try {
  await runs[name](amount === undefined ? undefined : Number(amount));
} finally {
  rmSync(root, { recursive: true, force: true });
}
