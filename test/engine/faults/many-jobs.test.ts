// @timeout 120
/** Many jobs in a row, some of which fail or are aborted, leave nothing behind. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Session } from '../../../src/engine/session.js';
import { assertSame } from '../support.js';
import { removeAll, scratch } from './disturbed.js';
import { drafts, footprint, jobFolders, runMany } from './footprint.js';

const root = scratch('many');
test.after(() => removeAll(root));

for (const threads of [0, 2]) {
  test(`500 jobs leave no thread, file, handle or memory behind on ${threads} threads`, async () => {
    const session = new Session({ threads });
    const folder = `${root}/${threads}`;
    const temporary = readdirSync(tmpdir()).length;
    await runMany(session, folder, 60);
    const before = await footprint();
    await runMany(session, folder, 250);
    const middle = await footprint();
    await runMany(session, folder, 250);
    const after = await footprint();
    const why = JSON.stringify({ before, middle, after });
    assert.is(after.threads, before.threads, why);
    assert.ok(after.files <= before.files + 2, why);
    assert.ok(after.resources <= before.resources + 2, why);
    assert.ok(after.bytes - middle.bytes < 2e6, why);
    assertSame(drafts(folder), []);
    assert.ok(jobFolders(folder) <= 12, 'one folder a job');
    assert.ok(readdirSync(tmpdir()).length <= temporary + 20, 'others use that folder as well');
    await session.close();
  });
}

test.run();
