// @timeout 120
/** A reader that takes one record now and then from a job that could give millions. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closeSessions, sessionOf, within } from '../support.js';
import { removeAll, scratch } from './disturbed.js';
import { readSlowly } from './slow-reader.js';

const root = scratch('slow');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

for (const threads of [0, 1]) {
  for (const folder of [null, root]) {
    const how = folder === null ? 'without checkpoints' : 'with checkpoints';

    test(`memory stays bounded behind a slow reader, ${how}, on ${threads} threads`, async () => {
      const options = { folder, records: 40, everyMs: 50, checkpointMs: 50 };
      const seen = await within(60_000, readSlowly(sessionOf(threads), options));
      const why = JSON.stringify(seen);
      assert.ok(seen.inOrder && seen.records === 40, why);
      assert.ok(seen.grownBytes < 64e6, why);
      // They do not wait for the reader, which is far behind from the first one on.
      if (folder !== null) assert.ok(seen.checkpoints >= 8, why);
    });
  }
}

test.run();
