/**
 * Has anything become slow? Ratios within this process against the floors of bench/guard.json.
 *
 *   npm run bench:guard [-- --record] [name...]     name: a part of the names of some ratios
 *
 * A ratio that is below its share of the floor is measured again, up to two times, and the best
 * counts: a busy moment of the machine is no regression. `--record` writes the floors, each the
 * lowest of three measurements.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { kernelRivals } from './guard/kernels.js';
import { pathRivals } from './guard/paths.js';
import { cpuRatio, type Rivals } from './harness/cpu-ratio.js';
import { describeMachine } from './harness/machine.js';
import { QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { complaints, holds, judge, LEAST_SHARE, type Ratios } from './harness/verdicts.js';

const MEASUREMENTS = 3;
const FILE = new URL('../../bench/guard.json', import.meta.url);
const { values: flags, positionals: parts } = parseArgs({
  options: { record: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const isAsked = (name: string): boolean =>
  parts.length === 0 || parts.some((part) => name.includes(part));

interface Floors {
  /** Where and when they were recorded. */
  readonly recorded: object;
  readonly floors: Ratios;
}

const report = new Report(import.meta.url, 'has anything become slow?');
const rivals = [...kernelRivals(), ...(await pathRivals())].filter(({ name }) => isAsked(name));

if (flags.record) await record(rivals);
else await guard(rivals);

/** The lowest of some measurements of each; floors of others stay what they are. */
async function record(cases: readonly Rivals[]): Promise<void> {
  const floors: Record<string, number> = parts.length === 0 ? {} : { ...readFloors().floors };
  for (const one of cases) {
    const ratios: number[] = [];
    for (let i = 0; i < MEASUREMENTS; i++) ratios.push(await cpuRatio(one));
    floors[one.name] = Number(Math.min(...ratios).toPrecision(3));
    console.log(`${one.name}: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`);
  }
  const { cpu, cores, node, commit } = describeMachine();
  const recorded = { cpu, cores, node, commit, date: new Date().toISOString().slice(0, 10) };
  const written: Floors = { recorded, floors };
  writeFileSync(FILE, `${JSON.stringify(written, null, 2)}\n`);
}

async function guard(cases: readonly Rivals[]): Promise<void> {
  const recorded = Object.entries(readFloors().floors).filter(([name]) => isAsked(name));
  const floors: Ratios = Object.fromEntries(recorded);
  const ratios: Record<string, number> = {};
  for (const one of cases) {
    const floor = floors[one.name];
    ratios[one.name] = await bestRatio(one, floor);
    const goal = floor === undefined ? {} : { atLeast: LEAST_SHARE * floor };
    report.note(one.name, ratios[one.name]!, 'x', goal);
  }
  report.remark(
    'How many times less CPU time the guarded way takes, on one thread with the strict kernels. ' +
      `A ratio fails below ${LEAST_SHARE} of its floor in bench/guard.json.`,
  );
  report.end();
  // The figures of a quick run mean little: it fails by what is missing only.
  const verdicts = judge(ratios, floors).filter(({ is }) => !(QUICK && is === 'fell'));
  const failed = complaints(verdicts);
  for (const complaint of failed) console.error(`bench:guard: ${complaint}`);
  if (verdicts.length === 0) console.error(`bench:guard: there is no ratio ${parts.join(', ')}`);
  process.exitCode = failed.length > 0 || verdicts.length === 0 ? 1 : 0;
}

async function bestRatio(one: Rivals, floor: number | undefined): Promise<number> {
  let best = await cpuRatio(one);
  if (floor === undefined || QUICK) return best;
  for (let i = 1; i < MEASUREMENTS && !holds(best, floor); i++) {
    const again = await cpuRatio(one);
    console.log(`${one.name}: ${best.toFixed(2)}x is low, measured again: ${again.toFixed(2)}x`);
    best = Math.max(best, again);
  }
  return best;
}

function readFloors(): Floors {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Floors;
}
