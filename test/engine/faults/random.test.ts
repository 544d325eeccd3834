// @timeout 240
/** Random graphs, random faults, random checkpoints: the result is that of the undisturbed job. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closeSessions } from '../support.js';
import { removeAll, scratch } from './disturbed.js';
import { checkSeed } from './random.js';

const root = scratch('random');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const RUNS = Number(process.env.GYRE_RUNS ?? 120);

test(`${RUNS} random jobs end as they would without faults`, async () => {
  let [restarts, fromCheckpoint] = [0, 0];
  for (let i = 0; i < RUNS; i++) {
    const outcome = await checkSeed(SEED + i, root);
    restarts += outcome.restarts;
    fromCheckpoint += outcome.fromCheckpoint;
  }
  const text = `${restarts} restarts, ${fromCheckpoint} from a checkpoint`;
  assert.ok(restarts >= RUNS / 4 && fromCheckpoint >= RUNS / 20, text);
});

test.run();
