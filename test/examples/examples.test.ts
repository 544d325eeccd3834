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
const PARTS: readonly string[] = [
  'airports',
  'alarm-loop',
  'components-loop',
  'data',
  'departures',
  'k-medoids-loop',
  'lines',
  'own-pool-worker',
  'page-rank',
  'parameter-server-loop',
  'part-sink',
  'penguins',
  'running-totals',
  'weather-model',
];

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
  'penguin-species': [
    /^229 penguins to learn from, 113 to be judged by$/,
    /^accuracy 9[789]\.\d %$/,
    /^two more: Adelie, Gentoo$/,
  ],
  'live-clusters': [
    /^version 2: days of 6\.3 or of 11\.5 °C; 12 °C is warm$/,
    /^version 8: days of 7\.3 or of 20\.3 °C; 12 °C is cold$/,
    /^48 months of 1461 days$/,
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
  'k-medoids': [
    /^hub: Bessemer Municipal, Bessemer$/,
    /^hub: West Penn, Tarentum$/,
    /^hub: Lime Village, Lime Village$/,
    /^hub: Derby, Lovelock$/,
    /^hub: Beatrice Municipal, Beatrice$/,
    /^mean distance 643\.0 km after 1 round$/,
    /^mean distance 613\.8 km after 15 rounds$/,
    /^the same bits on 0 and 2 workers: true$/,
  ],
  'parameter-server': [
    /^333 penguins, 31 batches, 6 weights$/,
    /^range 0: 2 weights, 1240 gradients$/,
    /^range 1: 2 weights, 1240 gradients$/,
    /^range 2: 2 weights, 1240 gradients$/,
    /^a gradient was \d+\.\d steps old on average$/,
    /^error 18\.346 kg² before, 0\.08\d kg² after$/,
    /^[01]\.\d % above the least error$/,
  ],
  'online-training': [
    /^to version 36: wrong by 2\.91 °C on average$/,
    /^to version 72: wrong by 2\.25 °C on average$/,
    /^to version 108: wrong by 2\.27 °C on average$/,
    /^to version 144: wrong by 2\.23 °C on average$/,
    /^a worker died: true$/,
    /^146 versions, each of them once: true$/,
    /^the same as without the failure: true$/,
  ],
  alarms: [
    /^1707 quakes$/,
    /^thresholds that stay: 996 alarms, 11 % of them confirmed$/,
    /^thresholds that follow: \d+ alarms, \d+ % of them confirmed$/,
    /^moved \d+ times$/,
    /^ci: from 1\.0 to \d\.\d$/,
    /^nc: from 1\.0 to \d\.\d$/,
    /^ak: from 1\.0 to \d\.\d$/,
  ],
  'connected-components': [
    /^3376 airports, 11919 hops of at most 70 km$/,
    /^212 groups, found with 15385 changes of labels$/,
    /^2258 airports like Thigpen, Bay Springs$/,
    /^368 airports like Calaveras Co-Maury Rasmussen, San Andreas$/,
    /^62 airports like Boise City, Boise City$/,
  ],
  'exactly-once': [
    /^209 totals of 34 airlines$/,
    /^FEDEX EXPRESS: 15 strikes, 8649605 \$$/,
    /^UNITED AIRLINES: 14 strikes, 4780826 \$$/,
    /^US AIRWAYS\*: 14 strikes, 4564005 \$$/,
    /^together 40545276 \$$/,
  ],
  'event-time-windows': [
    /^20000 flights in 360 windows$/,
    /^2001-02-25 18:00: 57 flights, 44 minutes late on average$/,
    /^2001-01-12 18:00: 62 flights, 44 minutes late on average$/,
    /^2001-02-22 18:00: 56 flights, 42 minutes late on average$/,
    /^19885 in time for their report, 115 after it$/,
    /^one of these: PHX to MSP, 76 minutes late$/,
  ],
  files: [
    /^12000 orders, 124 without a weight$/,
    /^schema: \{"region":"string","day":"timestamp","late":"float64"\}$/,
    /^model version 120, 9\d\.\d % right$/,
    /^ERR_GYRE_FORMAT: readCsv: .*orders\.csv, line 2: /,
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
