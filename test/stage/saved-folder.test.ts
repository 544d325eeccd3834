/** What is read of a folder that somebody else changes meanwhile. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FormatError } from '../../src/index.js';
import { SavedFolder } from '../../src/stage/saved-folder.js';
import { readable } from '../conformance/readable.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-saved-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

test(
  'a folder that goes in the middle of a look is no saved stage, and nothing else',
  readable(async () => {
    const [path, away] = [join(root, 'model'), join(root, 'away')];
    mkdirSync(path);
    writeFileSync(join(path, 'metadata.json'), '{}');
    const folder = new SavedFolder(path);
    const counts = { read: 0, refused: 0 };
    for (let i = 0; i < 2000; i++) {
      const looks = [0, 1, 2].map(() => folder.read('metadata.json', () => {}));
      // Between any two of their steps.
      for (let turns = i % 7; turns > 0; turns--) await new Promise(setImmediate);
      renameSync(path, away);
      for (const look of await Promise.allSettled(looks)) {
        if (look.status === 'fulfilled') {
          counts.read++;
          assert.is(String(look.value), '{}');
        } else {
          counts.refused++;
          assert.instance(look.reason, FormatError, String(look.reason));
        }
      }
      renameSync(away, path);
    }
    assert.ok(counts.read > 0 && counts.refused > 0, JSON.stringify(counts));
  }),
);

test.run();
