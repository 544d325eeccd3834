/**
 * examples/lines: a source that is read on from any of its positions gives the rest, no more, no
 * less.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lines } from '../../examples/lines.js';
import { assertSame } from '../engine/support.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'gyre-lines-'));
test.after(() => rmSync(FOLDER, { recursive: true }));

/** The records, each with the position that is told after it. */
async function read(lines: Lines): Promise<{ fields: readonly string[]; next: number }[]> {
  const records: { fields: readonly string[]; next: number }[] = [];
  for await (const fields of lines) records.push({ fields, next: lines.position() });
  return records;
}

for (const ending of ['\n', '\r\n']) {
  test(`a file with ends ${JSON.stringify(ending)} is read on from every position`, async () => {
    const path = join(FOLDER, 'lines.csv');
    const rows = ['name,n', 'a,1', 'größe,2', ',', 'd,'];
    writeFileSync(path, rows.map((row) => row + ending).join(''));
    const all = await read(new Lines(path));
    assertSame(
      all.map(({ fields }) => fields.join(',')),
      rows.slice(1),
    );
    for (const [i, { next }] of all.entries()) {
      const again = new Lines(path);
      again.seek(next);
      assertSame(await read(again), all.slice(i + 1), `after record ${i}`);
    }
  });
}

test('lines that are longer than what is read at once are whole', async () => {
  const path = join(FOLDER, 'long.csv');
  const long = 'x'.repeat(200_000);
  writeFileSync(path, `h\n${long}\nshort\n`);
  const [first, second] = await read(new Lines(path));
  assert.is(first!.fields[0], long);
  assert.is(second!.fields[0], 'short');
});

test('a last line without an end is not given', async () => {
  const path = join(FOLDER, 'growing.csv');
  writeFileSync(path, 'h\nwhole\nhal');
  const lines = new Lines(path);
  assertSame(
    (await read(lines)).map(({ fields }) => fields),
    [['whole']],
  );
  writeFileSync(path, 'h\nwhole\nhalf\n');
  assertSame(
    (await read(lines)).map(({ fields }) => fields),
    [['half']],
  );
});

test.run();
