/** `gyre demo flights`: learns online from three million flights. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { type Session, VERSION } from '../index.js';
import { readAirports } from './airports.js';
import { datasetFile } from './datasets.js';
import { type FlightsJob, type FlightsResult, runFlights } from './flights/job.js';
import { flightsPage } from './flights/page.js';
import { countFlights } from './flights/stream.js';
import { comparison, count, decimal, percent, seconds, short } from './format.js';
import {
  integer,
  kernelsOption,
  positive,
  type SessionFlags,
  threadsOption,
  withSession,
} from './options.js';
import { ProgressBar } from './progress-bar.js';
import type { CommandContext } from './run.js';
import type { Terminal } from './terminal.js';

interface Flags extends SessionFlags {
  readonly rows?: number;
  readonly batchSize: number;
  readonly alpha: number;
  readonly beta: number;
  readonly preload?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

export function demoFlightsCommand(context: CommandContext): Command {
  return new Command('flights')
    .description('predict delays of three million flights, learning from each after predicting it')
    .option('--rows <n>', 'only the first n flights', integer(1))
    .option('--batch-size <n>', 'flights that a model version is learned from', integer(1), 1024)
    .option('--alpha <x>', 'learning rate of FTRL', positive, 3)
    .option('--beta <x>', 'what softens the learning rate at first', positive, 4)
    .option('--preload', 'make all features first, and time the learning alone')
    .addOption(threadsOption())
    .addOption(kernelsOption())
    .option('--out <file>', 'the page to write', 'build/flights.html')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nThe data is in the npm package vega-datasets.')
    .action((flags: Flags) => withSession(flags, (session) => demo(context, flags, session)));
}

async function demo(
  { terminal, signal }: CommandContext,
  { rows: wanted, out, json, batchSize, alpha, beta, preload = false }: Flags,
  session: Session,
): Promise<void> {
  const file = datasetFile('vega-datasets', 'data/flights-3m.parquet');
  const rows = Math.min(await countFlights(file), wanted ?? Number.POSITIVE_INFINITY);
  const job = { file, rows, batchSize, alpha, beta, preload, session, signal };
  const result = await withProgress(terminal, job);
  const airports = await readAirports(signal);
  const { threads, kernelBuild: kernels } = session;
  const page = flightsPage(result, {
    ...{ version: VERSION, threads, kernels, batchSize, alpha, beta },
    airports,
  });
  const path = resolve(out);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, page);
  if (json) return terminal.print(JSON.stringify(figures(result, session, path), null, 2));
  printTable(terminal, result, session);
  terminal.print();
  terminal.print(`The learning curve is in ${out}.`);
}

async function withProgress(
  terminal: Terminal,
  job: Omit<FlightsJob, 'onBatch'>,
): Promise<FlightsResult> {
  const bar = new ProgressBar(terminal, job.rows);
  const start = performance.now();
  try {
    return await runFlights({
      ...job,
      onBatch: (evaluation, version) => {
        bar.update(evaluation.rows, () => {
          const rate = evaluation.rows / ((performance.now() - start) / 1000);
          return [
            `${short(evaluation.rows)} flights`,
            `${short(rate)}/s`,
            `log-loss ${decimal(evaluation.logLoss)}`,
            `AUC ${decimal(evaluation.approximateAuc)}`,
            `model ${count(version)}`,
          ].join('  ');
        });
      },
    });
  } finally {
    bar.stop();
  }
}

/** What `--json` prints. */
function figures(result: FlightsResult, session: Session, page: string) {
  const { totals, modelVersion, seconds: times } = result;
  return {
    flights: totals.rows,
    seconds: times,
    flightsPerSecond: totals.rows / times.total,
    learningFlightsPerSecond: totals.rows / times.learning,
    logLoss: totals.logLoss,
    baseLogLoss: totals.baseLogLoss,
    auc: totals.auc,
    modelVersions: modelVersion,
    threads: session.threads,
    kernels: session.kernelBuild,
    page,
  };
}

function printTable(terminal: Terminal, result: FlightsResult, session: Session): void {
  const { bold, dim, green } = terminal.colors;
  const { totals, modelVersion, seconds: times } = result;
  const score = (value: number): string => bold(green(decimal(value)));
  const rate = (time: number): string => `${count(totals.rows / time)} flights/s`;
  const lines: [string, string, string][] = [
    ['flights', count(totals.rows), `${percent(totals.positives / totals.rows)} late`],
    ['time', seconds(times.total), rate(times.total)],
    ['  reading', seconds(times.reading), rate(times.reading)],
    ['  features', seconds(times.features), rate(times.features)],
    ['  hashing', seconds(times.hashing), rate(times.hashing)],
    ['  learning', seconds(times.learning), rate(times.learning)],
    [
      'log-loss',
      score(totals.logLoss),
      `${comparison(totals.logLoss, totals.baseLogLoss)}, the base rate's`,
    ],
    ['AUC', score(totals.auc), '0.5 is chance'],
    ['model versions', count(modelVersion), ''],
    ['threads', String(session.threads), `${session.kernelBuild} kernels`],
  ];
  terminal.printTable({
    rows: lines.map(([name, value, note]) => [name, value, dim(note)]),
    align: ['left', 'right', 'left'],
  });
}
