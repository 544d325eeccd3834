// @timeout 600
/** Operators that fail in every one of their calls, in jobs of every form. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { assertSame, closeSessions, sessionOf, THREADS } from '../support.js';
import {
  disturbed,
  happened,
  PARALLELISM,
  removeAll,
  scratch,
  triggers,
  undisturbed,
} from './disturbed.js';
import { arrays, GRAPHS, slowly } from './graphs.js';
import { PLACES, type PlannedFault } from './planned.js';

const root = scratch('phases');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
let runs = 0;
const begun = { withCheckpoint: 0, without: 0, none: 0 };

for (const [name, build] of Object.entries(GRAPHS)) {
  for (const threads of THREADS) {
    test(`${name}: a fault anywhere changes nothing on ${threads} threads`, async () => {
      for (const place of PLACES) {
        const seed = SEED + runs;
        const random = new JavaRandom(seed);
        const id = runs++;
        const exits = threads > 0 && random.nextInt(2) === 0;
        const fault: PlannedFault = {
          marker: join(root, `fault-${id}`),
          place: place,
          kind: exits ? 'exit' : 'throw',
          subtask: random.nextInt(PARALLELISM),
          after:
            place === 'process'
              ? random.nextInt(20)
              : place === 'onEpochEnd'
                ? random.nextInt(5)
                : 0,
          sinceEpoch: place === 'process' ? random.nextInt(6) : 0,
        };
        const faults = [fault];
        // Nothing is restored without a fault before.
        if (place === 'restore') {
          faults.unshift({ ...fault, marker: `${fault.marker}-before`, place: 'after snapshot' });
        }
        const checkpoint = triggers(random);
        const numbers = random.nextInt(2) === 0 ? arrays : slowly;
        const why = `seed ${seed}: ${JSON.stringify({ ...fault, marker: '', checkpoint })}`;
        const expected = await undisturbed(build);
        const folder = join(root, 'checkpoints');
        const session = sessionOf(threads);
        let run: Awaited<ReturnType<typeof disturbed>>;
        try {
          run = await disturbed(build, { session, folder, faults, checkpoint, numbers });
        } catch (error) {
          throw new Error(`${why}: ${(error as Error).stack}`, { cause: error });
        }
        assertSame(run.result, expected, why);
        assert.is(run.log.restarts.length, faults.filter(happened).length, why);
        assertSame(run.log.warnings, [], why);
        if (run.log.restarts.length === 0) begun.none++;
        for (const { checkpoint: from } of run.log.restarts) {
          if (from === null) begun.without++;
          else begun.withCheckpoint++;
        }
      }
    });
  }
}

test('restarts went on from checkpoints, and from the start', () => {
  assert.ok(begun.withCheckpoint > 40, JSON.stringify(begun));
  assert.ok(begun.without > 40, JSON.stringify(begun));
});

test.run();
