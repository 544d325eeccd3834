// @timeout 180
/** examples/exactly-once: the program is killed again and again, and every total is there once. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataFile } from '../../examples/data.js';
import { PartSink } from '../../examples/part-sink.js';
import type { Total } from '../../examples/running-totals.js';
import { assertSame } from '../engine/support.js';

const ROOT = mkdtempSync(join(tmpdir(), 'gyre-exactly-once-'));
test.after(() => rmSync(ROOT, { recursive: true }));

const PROGRAM = fileURLToPath(new URL('../../examples/exactly-once.js', import.meta.url));

const partsIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];

/** The totals that can be read, in the order of their parts. */
function totalsIn(folder: string): Total[] {
  const numbers = partsIn(folder).map((name) => Number(name.match(/\d+/)));
  return numbers
    .sort((a, b) => a - b)
    .flatMap((part) => readFileSync(join(folder, `part-${part}.jsonl`), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Total);
}

/** The costs of each airline in the order of the file. */
function costsByAirline(): Map<string, number[]> {
  const costs = new Map<string, number[]>();
  const rows = readFileSync(dataFile('birdstrikes.csv'), 'utf8').split('\n').slice(1);
  for (const fields of rows.map((row) => row.split(','))) {
    const [airline, cost] = [fields[4]!, Number(fields[12])];
    if (cost > 0) costs.set(airline, [...(costs.get(airline) ?? []), cost]);
  }
  return costs;
}

/** Nothing twice, and nothing left out before what is there: each airline counts 1, 2, 3, ... */
function assertOnce(totals: readonly Total[], why: string): void {
  const counts = new Map<string, number>();
  for (const { airline, strikes } of totals) {
    const next = (counts.get(airline) ?? 0) + 1;
    assert.is(strikes, next, `${why}: ${airline}`);
    counts.set(airline, next);
  }
}

/** Runs the program, and kills it as soon as more than `parts` parts can be read. */
async function runUntil(folder: string, parts: number): Promise<NodeJS.Signals | null> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, folder], { stdio: 'pipe' });
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => {
    child.on('close', (_, signal) => done(signal));
  });
  while (child.exitCode === null && child.signalCode === null) {
    if (partsIn(join(folder, 'totals')).length > parts) child.kill('SIGKILL');
    await sleep(1);
  }
  const signal = await ended;
  assert.is(errors, '');
  return signal;
}

test('a pipeline that is killed again and again writes every total once', async () => {
  const folder = join(ROOT, 'killed');
  const totals = join(folder, 'totals');
  let kills = 0;
  for (let signal: unknown = 'SIGKILL'; signal === 'SIGKILL'; ) {
    // After three, and on a machine where checkpoints take long before, it comes to its end.
    const parts = kills < 3 ? partsIn(totals).length : Number.POSITIVE_INFINITY;
    signal = await runUntil(folder, parts);
    if (signal === 'SIGKILL') kills++;
    assertOnce(totalsIn(totals), `after kill ${kills}`);
  }
  assert.ok(kills > 0, 'the program was never killed');

  const written = totalsIn(totals);
  const expected = costsByAirline();
  assertSame(
    [...new Set(written.map(({ airline }) => airline))].sort(),
    [...expected.keys()].sort(),
  );
  const ascending = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  for (const [airline, costs] of expected) {
    // Lines go to two subtasks by turns, so an airline's strikes may change places.
    const sums = written.filter((total) => total.airline === airline).map(({ cost }) => cost);
    const steps = sums.map((sum, i) => sum - (sums[i - 1] ?? 0));
    assertSame(ascending(steps), ascending(costs), airline);
  }
  assertSame(
    readdirSync(totals).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a part can be read once its checkpoint is committed, and not before', async () => {
  const folder = join(ROOT, 'sink');
  const sink = new PartSink(folder);
  await sink.open(undefined);
  await sink.write({ n: 1 });
  const first = await sink.prepare();
  await sink.write({ n: 2 });
  assertSame(partsIn(folder), []);
  await sink.commit(first);
  await sink.commit(first);
  assertSame(partsIn(folder), ['part-0.jsonl']);
  await sink.close();

  // As after a process that was killed: one part is covered, one is not.
  await new PartSink(folder).open(first);
  assertSame(readdirSync(folder), ['part-0.jsonl']);
});

test('opening again commits what the checkpoint covers, and undoes the rest', async () => {
  const folder = join(ROOT, 'again');
  mkdirSync(folder);
  for (const name of ['part-0.jsonl', 'part-1.jsonl.tmp', 'part-2.jsonl.tmp', 'notes.txt']) {
    writeFileSync(join(folder, name), '{}\n');
  }
  const sink = new PartSink(folder);
  await sink.open(2);
  assertSame(readdirSync(folder).sort(), ['notes.txt', 'part-0.jsonl', 'part-1.jsonl']);
  await sink.open(undefined);
  assertSame(readdirSync(folder), ['notes.txt']);
  await sink.close();
});

test.run();
