// @timeout 240
/** Jobs from a file to files whose process is killed, and begins again, several times. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { readParquet } from '../../src/io/parquet.js';
import { Table } from '../../src/table/table.js';
import { assertSame, range } from '../engine/support.js';
import { contentOf, otherNames, partNames } from './part-files.js';
import { tempFolder } from './temp-folder.js';

const root = tempFolder('file-sink-job');
const csv = join(root, 'rows.csv');
const PROGRAM = fileURLToPath(new URL('./file-sink-program.js', import.meta.url));
const ROWS = 4000;

const textOf = (i: number): string => (i % 5 === 0 ? `a "${i}",\r\nb` : `é${i}`);
writeFileSync(
  csv,
  `i,s\r\n${range(ROWS)
    .map((i) => `${i},"${textOf(i).replaceAll('"', '""')}"\r\n`)
    .join('')}`,
);

const expected = range(ROWS).map((i) => ({ i, s: textOf(i), sum: (i * (i + 1)) / 2 }));

interface Ended {
  readonly isComplete: boolean;
  readonly checkpoints: number;
}

/** Runs the program, and kills it after so many checkpoints and some time more. */
function run(args: readonly string[], checkpoints: number, delayMs: number): Promise<Ended> {
  const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, csv, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const taken = (): number => text.split('checkpoint\n').length - 1;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (taken() >= checkpoints) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const isComplete = text.endsWith('complete\n');
      if (isComplete || signal === 'SIGKILL') resolve({ isComplete, checkpoints: taken() });
      else reject(new Error(`the program ended with ${code ?? signal}: ${text}`));
    });
  });
}

/** Runs the program again and again until it is complete. Returns how often it was killed. */
async function runKilled(folder: string, format: string, threads: number): Promise<number> {
  const random = new JavaRandom(threads + format.length);
  for (let kills = 0; ; kills++) {
    const checkpoints = kills < 4 ? 1 + random.nextInt(3) : Number.POSITIVE_INFINITY;
    const ended = await run([folder, format, String(threads)], checkpoints, random.nextInt(30));
    if (ended.isComplete) return kills;
    if (format === 'jsonl') {
      const shown = contentOf(join(folder, 'out')).split('\n').slice(0, -1);
      assertSame(
        shown.map((line) => JSON.parse(line)),
        expected.slice(0, shown.length),
      );
    }
  }
}

for (const threads of [0, 2]) {
  test(`a job that is killed writes JSON Lines as one that is not, on ${threads} threads`, async () => {
    const undisturbed = join(root, `undisturbed-${threads}`);
    const { checkpoints } = await run([undisturbed, 'jsonl', String(threads)], Infinity, 0);
    assert.ok(checkpoints > 5, `${checkpoints} checkpoints`);
    const folder = join(root, `killed-${threads}`);
    const kills = await runKilled(folder, 'jsonl', threads);
    assert.ok(kills >= 1, `killed ${kills} times`);
    const out = join(folder, 'out');
    assert.ok(contentOf(out) === contentOf(join(undisturbed, 'out')), 'the contents differ');
    const rows = contentOf(out).split('\n').slice(0, -1);
    assertSame(
      rows.map((line) => JSON.parse(line)),
      expected,
    );
    assert.ok(partNames(out).length > 2, `parts: ${partNames(out)}`);
    assertSame(otherNames(out), []);
  });
}

test('a job that is killed writes Parquet that has every row once', async () => {
  const folder = join(root, 'parquet');
  const kills = await runKilled(folder, 'parquet', 2);
  assert.ok(kills >= 1, `killed ${kills} times`);
  const out = join(folder, 'out');
  const parts = partNames(out).map((name) => readParquet(join(out, name)).collect());
  assertSame(Table.concat(await Promise.all(parts)).toRows(), expected);
  assertSame(otherNames(out), []);
});

test.run();
