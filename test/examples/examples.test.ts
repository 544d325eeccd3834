// @timeout 300
/** Every example runs to its end by itself and prints what it is there to show. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TIMEOUT_MS = 60_000;

/** Modules that examples import: not run by themselves. */
const PARTS: readonly string[] = ['own-pool-worker', 'page-rank'];

/** The lines of each example's output; numbers that the machine's kernels may round are open. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  kmeans: [
    /^round 5: cost [\d.]+$/,
    /^round 10: cost [\d.]+$/,
    /^round 15: cost [\d.]+$/,
    /^cluster 0: 20000 people, age \d+\.\d, income \d+\.\d$/,
    /^cluster 1: 20000 people, age \d+\.\d, income \d+\.\d$/,
    /^cluster 2: 20000 people, age \d+\.\d, income \d+\.\d$/,
    /^first rows: ([012]) ([012]) ([012]) \1 \2 \3$/,
    /^loaded model agrees: true$/,
  ],
  'online-logistic-regression': [
    /^version 9: 5000 visits, log-loss 0\.6\d+$/,
    /^version 19: 10000 visits, log-loss 0\.6\d+$/,
    /^version 29: 15000 visits, log-loss 0\.[56]\d+$/,
    /^version 39: 20000 visits, log-loss 0\.5\d+$/,
    /^phone early: P\(buys\) = 0\.4\d+$/,
    /^phone late: P\(buys\) = 0\.7\d+$/,
    /^final version: 40$/,
  ],
  'own-iteration': [
    /^docs {2}0\.2860$/,
    /^home {2}0\.1775$/,
    /^api {3}0\.1712$/,
    /^guide 0\.1438$/,
    /^blog {2}0\.0794$/,
    /^shop {2}0\.0794$/,
    /^cart {2}0\.0628$/,
    /^42 rounds, the ranks add up to 1\.000000$/,
    /^the same bits on 0 and 2 workers: true$/,
  ],
  'own-pool': [
    /^words: 6 4 3$/,
    /^cluster 0: 100000 points around 10\.50, 10\.50$/,
    /^cluster 1: 100000 points around 0\.50, 0\.50$/,
    /^ERR_GYRE_POOL: .*at least 4 threads.*maxThreads is 3\.$/,
    /^still there: 3 words$/,
  ],
  files: [
    /^12000 orders, 124 without a weight$/,
    /^schema: \{"region":"string","day":"timestamp","late":"float64"\}$/,
    /^model version 120, 9\d\.\d % right$/,
    /^ERR_GYRE_FORMAT: readCsv: .*orders\.csv, line 2, /,
  ],
};

const sources: readonly string[] = readdirSync(join(ROOT, 'examples'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length));

test('every example is run by this file', () => {
  const known = [...Object.keys(EXPECTED), ...PARTS];
  assert.equal([...sources].sort(), known.sort());
});

test('examples import the package as its users do', () => {
  for (const name of sources) {
    const text = readFileSync(join(ROOT, 'examples', `${name}.ts`), 'utf8');
    const specifiers = [...text.matchAll(/ from '([^']+)'/g)].map(([, from]) => from!);
    const strange = specifiers.filter((from) => from.startsWith('..'));
    assert.equal(strange, [], name);
  }
});

for (const [name, lines] of Object.entries(EXPECTED)) {
  test(`examples/${name}.ts prints what it is there to show, and exits by itself`, () => {
    const script = join(ROOT, 'build', 'examples', `${name}.js`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    assert.is(status, 0, `${stderr}${stdout}`);
    assert.is(stderr, '');
    const printed = stdout.trimEnd().split('\n');
    assert.is(printed.length, lines.length, stdout);
    for (const [i, line] of lines.entries()) assert.match(printed[i]!, line);
  });
}

test.run();
