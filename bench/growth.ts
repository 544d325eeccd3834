/**
 * How do time and memory grow with rows, features, workers and subtasks, and beyond the memory?
 *
 *   npm run bench -- growth
 *   node build/bench/growth.js --max-rows 1e6       for a smaller machine
 *
 * Every point is measured in a process of its own. Beside the JSON, build/bench/growth.html has the
 * charts.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { page, type Section } from '../src/cli/plot/page.js';
import { ask, type Measured } from './growth/ask.js';
import type { CopiedPerRow, CopiesParams } from './growth/copies-point.js';
import type { FitPoint } from './growth/fit-point.js';
import { bytesPerRow, FITS } from './growth/fits.js';
import { type Line, logChart } from './growth/log-chart.js';
import type { OutOfCoreAnswer, OutOfCorePoint } from './growth/out-of-core-point.js';
import type { SubtasksPoint } from './growth/subtasks-point.js';
import { ROUNDS, WAYS } from './growth/ways.js';
import { QUICK } from './harness/measure.js';
import { Report, short } from './harness/report.js';
import { median } from './harness/samples.js';

const { values: flags } = parseArgs({
  options: { 'max-rows': { type: 'string', default: QUICK ? '1e4' : '1e8' } },
});
const MAX_ROWS = Number(flags['max-rows']);
if (!(MAX_ROWS >= 1e4)) {
  throw new Error(`--max-rows must be a number from 10000 on, got ${flags['max-rows']}`);
}
const SECONDS = QUICK ? 0 : 0.5;
const CORES = availableParallelism();
const FEATURES = 4;
const MANY_FEATURES = QUICK ? [1, 100] : [1, 10, 100, 1000, 10_000];
const ROWS_OF_MANY_FEATURES = 10_000;
const THREADS = QUICK ? [0, CORES] : [...new Set([0, 1, 2, CORES, 2 * CORES, 4 * CORES])];
const ROWS_OF_THREADS = Math.min(MAX_ROWS, 1e6);
const SUBTASKS = QUICK ? [1, 64] : [1, 2, 4, 8, 16, 32, 64];
const DATA_BYTES = QUICK ? 2 ** 28 : 2 ** 31;
const COPIED_ROWS = QUICK ? 2 ** 15 : 2 ** 18;
/** A table, what workers copy of it, what a fit makes beside it, and room for others. */
const TIMES_TABLE = 4;

const report = new Report(
  import.meta.url,
  'how do time and memory grow with rows, features, workers and subtasks, and beyond the memory?',
);
const sections: Section[] = [];

/** Points of a line: what is on the x axis, and what was measured there. */
type Points = readonly (readonly [x: number, measured: Measured])[];

/** Puts lines of time and of memory into the page. */
function chart(title: string, text: string, x: string, lines: ReadonlyMap<string, Points>): void {
  const lineOf = (value: (measured: Measured) => number): Line[] =>
    [...lines].map(([label, points]) => ({
      label,
      points: points.flatMap(([at, measured]) =>
        at > 0 && value(measured) > 0 ? [[at, value(measured)] as const] : [],
      ),
    }));
  const time = { label: `${title}: seconds`, x, y: 's', lines: lineOf((m) => median(m.seconds)) };
  const memory = { label: `${title}: bytes`, x, y: 'B', lines: lineOf((m) => m.bytes) };
  sections.push({ title: `${title}: time`, text, drawing: logChart(time) });
  sections.push({
    title: `${title}: memory`,
    text: 'The largest resident set while the call ran, above what was resident before it.',
    drawing: logChart(memory),
  });
}

function add(what: string, who: string, rows: number, { seconds, bytes }: Measured): void {
  report.add({ what, who, samples: seconds, amounts: { rows } });
  report.note(`${what}, ${who}: memory beside the input`, bytes, 'B');
}

async function fitPoint(point: FitPoint): Promise<Measured> {
  const measured = await ask<Measured>('fit-point', point);
  const { fit, rows, features, threads } = point;
  add(fit, `${short(rows)}rows x ${features}, ${threads} workers`, rows, measured);
  return measured;
}

async function growWithRows(): Promise<void> {
  const lines = new Map<string, Points>();
  for (const [name, fit] of Object.entries(FITS)) {
    const points: [number, Measured][] = [];
    for (let rows = 1e4; rows <= MAX_ROWS; rows *= 10) {
      const needed = fit.streams ? 0 : TIMES_TABLE * rows * bytesPerRow(fit, FEATURES);
      if (needed > process.availableMemory()) {
        report.remark(
          `${name} is not measured from ${short(rows)}rows on: a table of them takes up to ${short(needed)}B.`,
        );
        break;
      }
      const point = { fit: name, rows, features: FEATURES, threads: CORES, seconds: SECONDS };
      points.push([rows, await fitPoint(point)]);
    }
    lines.set(name, points);
  }
  const text = `${FEATURES} features, ${CORES} workers. Streams are made batch by batch, and never are in memory.`;
  chart('Rows', text, 'rows', lines);
}

async function growWithFeatures(): Promise<void> {
  const lines = new Map<string, Points>();
  for (const [name, { input }] of Object.entries(FITS)) {
    if (input === 'strings') continue;
    const points: [number, Measured][] = [];
    for (const features of MANY_FEATURES) {
      const rows = ROWS_OF_MANY_FEATURES;
      const point = { fit: name, rows, features, threads: CORES, seconds: SECONDS };
      points.push([features, await fitPoint(point)]);
    }
    lines.set(name, points);
  }
  const text = `${ROWS_OF_MANY_FEATURES} rows, ${CORES} workers.`;
  chart('Features', text, 'features', lines);
}

async function growWithWorkers(): Promise<void> {
  const lines = new Map<string, Points>();
  for (const [name, { streams }] of Object.entries(FITS)) {
    if (streams) continue;
    const points: [number, Measured][] = [];
    for (const threads of THREADS) {
      const rows = ROWS_OF_THREADS;
      const point = { fit: name, rows, features: FEATURES, threads, seconds: SECONDS };
      points.push([threads, await fitPoint(point)]);
    }
    lines.set(name, points);
  }
  const text = `${short(ROWS_OF_THREADS)}rows x ${FEATURES}; more workers than the ${CORES} cores take turns.`;
  chart('Workers', text, 'workers', lines);
}

async function growWithSubtasks(): Promise<void> {
  const points: [number, Measured][] = [];
  const what = 'one pass over a table';
  for (const subtasks of SUBTASKS) {
    const point: SubtasksPoint = {
      ...{ subtasks, threads: CORES, rows: ROWS_OF_THREADS },
      ...{ features: FEATURES, seconds: SECONDS },
    };
    const measured = await ask<Measured>('subtasks-point', point);
    add(what, `${subtasks} subtasks, ${CORES} workers`, ROWS_OF_THREADS, measured);
    points.push([subtasks, measured]);
  }
  const text = `The moments of ${short(ROWS_OF_THREADS)}rows x ${FEATURES} on ${CORES} workers.`;
  chart('Subtasks', text, 'subtasks', new Map([[what, points]]));
}

async function growBeyondMemory(): Promise<void> {
  for (const way of WAYS) {
    const measured = new Map<boolean, OutOfCoreAnswer>();
    for (const inMemory of [true, false]) {
      const point: OutOfCorePoint = { way, bytes: DATA_BYTES, inMemory, seconds: SECONDS };
      measured.set(inMemory, await ask<OutOfCoreAnswer>('out-of-core-point', point));
    }
    const [within, beyond] = [measured.get(true)!, measured.get(false)!];
    const what = `${way}, ${short(DATA_BYTES)}B`;
    const amounts = { B: DATA_BYTES * (way === 'replayed rounds' ? ROUNDS : 1) };
    report.add({ what, who: 'in memory', samples: within.seconds, amounts });
    report.add({
      ...{ what, who: 'with a quarter of it as memory', samples: beyond.seconds },
      ...{ amounts, against: { who: 'in memory', samples: within.seconds } },
    });
    const share = (100 * median(within.seconds)) / median(beyond.seconds);
    report.note(`${what}: of the rate in memory`, share, '%', { atLeast: 50 });
    report.note(`${what}: memory of the call, in memory`, within.bytes, 'B');
    const limit = { atMost: DATA_BYTES / 4 };
    report.note(`${what}: memory of the call, beyond it`, beyond.bytes, 'B', limit);
    if (beyond.refused === null) continue;
    report.remark(
      `KMeans.fit, which keeps all points in its workers, says ${beyond.refused} to the same data.`,
    );
  }
}

async function countCopies(): Promise<void> {
  const params: CopiesParams = { rows: COPIED_ROWS };
  for (const { way, rowBytes, copied } of await ask<CopiedPerRow[]>('copies-point', params)) {
    report.note(`copied: ${way}, rows of ${rowBytes} B`, copied, 'B/row');
  }
}

await growWithRows();
await growWithFeatures();
await growWithWorkers();
await growWithSubtasks();
await growBeyondMemory();
await countCopies();
report.remark(
  'Each point in a process of its own, after calls on few rows. Memory is the largest resident set ' +
    'that Linux saw while the call ran, above what was resident before: results, copies in the ' +
    'memories of workers, and garbage. Copies are those that JavaScript makes from array to array, ' +
    'counted by wrapping what makes them; what a kernel writes is a result. Files are in the cache ' +
    'of the file system.',
);
report.end();
const lead = `Up to ${short(MAX_ROWS)}rows on ${CORES} cores.`;
writeFileSync(new URL('growth.html', import.meta.url), page('Growth', lead, sections));
