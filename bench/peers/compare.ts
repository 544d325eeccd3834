/** One case of one peer: models compared, then pairs of runs. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type PairsOptions, ratioOf, takePairs } from './report/pairs.js';
import type { Comparison, Outcome } from './report/results.js';
import { runCommand } from './systems/command.js';
import { gyre } from './systems/gyre.js';
import { installedAt } from './systems/install.js';
import { LineProcess } from './systems/line-process.js';
import { checkFacts } from './systems/model-facts.js';
import type { System } from './systems/system.js';
import { type Case, prepareWork, type Work } from './work.js';

/** Warm-up ends after so many runs, or so many seconds. */
const WARM_RUNS = 3;
const WARM_SECONDS = 30;

export interface CompareOptions extends PairsOptions {
  /** A run that takes longer is ended, and so is its comparison. */
  readonly limitSeconds: number;
  readonly log: (line: string) => void;
}

/** Measures a case of a peer. Failures are part of what it returns. */
export async function compare(
  duel: Case,
  rows: number,
  peer: System,
  options: CompareOptions,
): Promise<Comparison> {
  const what = `${duel.name}, ${rows} rows, ${peer.name}`;
  const { log } = options;
  const work = await prepareWork(duel, rows);
  const small = await prepareWork(duel, Math.min(rows, duel.checkedRows));
  const check = await attempt(log, `${what}: models`, async () => {
    await checkModels(duel, small, peer, options);
    log(`${what}: models are equal on ${small.rows} rows`);
    return { equalRows: small.rows };
  });
  const measured = async (kind: string, take: () => Promise<Outcome>): Promise<Outcome> => {
    const outcome = await attempt(log, `${what}: ${kind}`, take);
    if (!('failed' in outcome)) logRatio(`${what}: ${kind}`, outcome, options);
    return outcome;
  };
  const endToEnd = await measured('end to end', () => endToEndPairs(work, small, peer, options));
  const steady = await measured('steady state', () => steadyPairs(work, peer, options));
  return { case: duel.name, rows, peer: peer.name, check, endToEnd, steady };
}

async function attempt<T>(
  log: (line: string) => void,
  what: string,
  run: () => Promise<T>,
): Promise<T | { readonly failed: string }> {
  try {
    return await run();
  } catch (error) {
    const failed = (error as Error).message;
    log(`${what}: FAILED: ${failed}`);
    return { failed };
  }
}

function logRatio(what: string, outcome: Outcome, { wanted, log }: CompareOptions): void {
  if ('failed' in outcome) return;
  const { ratio, low, high, pairs, gyreSeconds, otherSeconds } = outcome;
  const few = pairs < wanted ? ` (ONLY ${pairs} PAIRS)` : '';
  log(
    `${what}: ${gyreSeconds.toFixed(3)} s against ${otherSeconds.toFixed(3)} s, ` +
      `${ratio.toFixed(2)}x [${low.toFixed(2)}, ${high.toFixed(2)}]${few}`,
  );
}

/** Both warm processes, which are closed however their use ends. */
async function withProcesses<T>(
  peer: System,
  use: (ours: LineProcess, theirs: LineProcess) => Promise<T>,
): Promise<T> {
  const processes = [gyre, peer].map((system) => new LineProcess(system.name, system.process()));
  try {
    return await use(processes[0]!, processes[1]!);
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

async function checkModels(
  duel: Case,
  work: Work,
  peer: System,
  { limitSeconds }: CompareOptions,
): Promise<void> {
  await withProcesses(peer, async (ours, theirs) => {
    const request = { do: 'model', work, start: peer.kmeansStart };
    const want = gyre.factsOf(work, await ours.ask(request, limitSeconds));
    const got = peer.factsOf(work, await theirs.ask(request, limitSeconds));
    checkFacts(got, want, duel.tolerance);
  });
}

async function endToEndPairs(
  work: Work,
  small: Work,
  peer: System,
  options: CompareOptions,
): Promise<Outcome> {
  const run = (system: System, given = work) => runOnce(system, given, options.limitSeconds);
  // Programs and libraries are read from the disk once.
  for (const system of [gyre, peer]) await run(system, small);
  return ratioOf(
    await takePairs(
      () => run(gyre),
      () => run(peer),
      options,
    ),
  );
}

/** Seconds of a process that does the work and ends. */
async function runOnce(system: System, work: Work, limitSeconds: number): Promise<number> {
  const resultFile = installedAt('work/result.json');
  mkdirSync(dirname(resultFile), { recursive: true });
  rmSync(resultFile, { force: true });
  const seconds = await runCommand(system.endToEnd(work, resultFile), limitSeconds);
  checkResult(system, work, JSON.parse(readFileSync(resultFile, 'utf8')) as object);
  return seconds;
}

interface EntryResult {
  readonly inputRecordNum?: number;
  readonly exception?: string;
}

/** A program that lists errors among its results ends well all the same. */
function checkResult({ name }: System, { rows }: Work, json: object): void {
  const entry = Object.values(json).find((value) => typeof value === 'object' && value !== null);
  const result = ((entry as { results?: EntryResult })?.results ?? json) as EntryResult;
  if (result.exception !== undefined) throw new Error(`${name} failed: ${result.exception}`);
  if (result.inputRecordNum === rows) return;
  throw new Error(`${name} took ${result.inputRecordNum} rows instead of ${rows}`);
}

async function steadyPairs(work: Work, peer: System, options: CompareOptions): Promise<Outcome> {
  return withProcesses(peer, async (ours, theirs) => {
    const run = async (process: LineProcess): Promise<number> =>
      (await process.ask({ do: 'run', work }, options.limitSeconds)).seconds as number;
    for (const process of [ours, theirs]) await warmUp(() => run(process));
    return ratioOf(
      await takePairs(
        () => run(ours),
        () => run(theirs),
        options,
      ),
    );
  });
}

async function warmUp(run: () => Promise<number>): Promise<void> {
  const begin = performance.now();
  for (let runs = 0; runs < WARM_RUNS; runs++) {
    if (runs > 0 && (performance.now() - begin) / 1000 > WARM_SECONDS) return;
    await run();
  }
}
