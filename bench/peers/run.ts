/** Gyre beside whole systems at the same work: `npm run bench:peers -- [options]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, readLoad, stolenBetween } from '../harness/machine.js';
import { CASES } from './cases.js';
import { compare } from './compare.js';
import { benchmarksPage } from './report/markdown.js';
import type { Comparison, Results } from './report/results.js';
import { flinkMl } from './systems/flink-ml.js';
import { gyre } from './systems/gyre.js';
import { spark } from './systems/spark.js';
import { type System, THREADS } from './systems/system.js';
import { rowsOf } from './work.js';

const PEERS: Readonly<Record<string, System>> = { 'flink-ml': flinkMl, spark };

const USAGE = `npm run bench:peers -- [options]
  --cases a,b       some of ${Object.keys(CASES).join(', ')}
  --peers a,b       some of ${Object.keys(PEERS).join(', ')}
  --scale x         multiply all sizes; below 1 is a trial, which leaves BENCHMARKS.md alone
  --pairs n         pairs of runs that are wanted (10)
  --minutes m       of a case and a peer, for each of the two tables, before pairs are left out (20)
  --limit m         minutes after which a run is ended (30)`;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: Object.keys(CASES).join(',') },
    peers: { type: 'string', default: Object.keys(PEERS).join(',') },
    scale: { type: 'string', default: '1' },
    pairs: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '20' },
    limit: { type: 'string', default: '30' },
    help: { type: 'boolean', default: false },
  },
});

function stop(message: string, code: number): never {
  console.log(message);
  process.exit(code);
}

/** What is asked for by name, in that order. */
function chosen<T>(what: string, known: Readonly<Record<string, T>>, names: string): T[] {
  return names.split(',').map((name) => {
    if (Object.hasOwn(known, name)) return known[name]!;
    return stop(`bench:peers: there is no ${what} ${name}\n${USAGE}`, 1);
  });
}

function positive(name: 'scale' | 'pairs' | 'minutes' | 'limit'): number {
  const value = Number(values[name]);
  return value > 0 ? value : stop(`bench:peers: --${name} must be positive\n${USAGE}`, 1);
}

if (values.help) stop(USAGE, 0);
const cases = chosen('case', CASES, values.cases);
const scale = positive('scale');
const options = {
  wanted: positive('pairs'),
  budgetSeconds: 60 * positive('minutes'),
  limitSeconds: 60 * positive('limit'),
  log: (line: string) => console.log(line),
};

const begin = performance.now();
const before = readLoad();
const versions = [gyre.install()];
const skipped: { peer: string; reason: string }[] = [];
const comparisons: Comparison[] = [];
for (const peer of chosen('peer', PEERS, values.peers)) {
  try {
    versions.push(peer.install());
  } catch (error) {
    const reason = (error as Error).message;
    skipped.push({ peer: peer.name, reason });
    console.error(`bench:peers: ${peer.name} IS SKIPPED, it cannot be installed: ${reason}`);
    continue;
  }
  for (const each of cases) {
    comparisons.push(await compare(each, rowsOf(each, scale), peer, options));
  }
}
write();
process.exitCode = comparisons.length === 0 || comparisons.some(hasFailed) ? 1 : 0;

function hasFailed({ check, endToEnd, steady }: Comparison): boolean {
  return [check, endToEnd, steady].some((part) => 'failed' in part);
}

/** A trial goes to build/peers; all cases at full size to bench/results and BENCHMARKS.md. */
function write(): void {
  const after = readLoad();
  const results: Results = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    load: [before.average, after.average],
    stolen: stolenBetween(before, after),
    seconds: (performance.now() - begin) / 1000,
    threads: THREADS,
    scale,
    pairs: options.wanted,
    versions,
    skipped,
    comparisons,
  };
  const isWhole = scale === 1 && cases.length === Object.keys(CASES).length;
  const root = new URL(isWhole ? '../../../' : '../../peers/trial/', import.meta.url);
  const folder = new URL(isWhole ? 'bench/results/' : './', root);
  const file = new URL(`${results.date.slice(0, 10)}.json`, folder);
  const page = new URL('BENCHMARKS.md', root);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(page, benchmarksPage(results));
  console.log(`results: ${fileURLToPath(file)}\npage: ${fileURLToPath(page)}`);
}
