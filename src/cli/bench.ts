/** `gyre bench`: runs the files of Flink ML's benchmark framework. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '../benchmark/config.js';
import {
  type BenchmarkResult,
  isMeasured,
  resultsJson,
  runBenchmark,
} from '../benchmark/run-benchmarks.js';
import type { Session } from '../index.js';
import { benchPage } from './bench-page.js';
import { count, gibibytes, seconds, short } from './format.js';
import {
  kernelsOption,
  positive,
  type SessionFlags,
  threadsOption,
  withSession,
} from './options.js';
import { writePage } from './plot/page.js';
import { ProgressBar } from './progress-bar.js';
import type { CommandContext } from './run.js';
import type { Terminal } from './terminal.js';

interface Flags extends SessionFlags {
  readonly output?: string;
  readonly html?: string;
  readonly scale: number;
}

export function benchCommand(context: CommandContext): Command {
  return new Command('bench')
    .description('run a file of benchmarks, as Flink ML has them')
    .argument('<config>', 'the file: JSON, with comments or without')
    .option('--output <file>', 'write the file with its results')
    .option('--html <file>', 'write a page that plots them')
    .option('--scale <x>', 'multiply every numValues; 100 rows stay at least', positive, 1)
    .addOption(threadsOption())
    .addOption(kernelsOption())
    .addHelpText(
      'after',
      '\nAn entry that fails is listed with its error, and the next one is run.',
    )
    .action((config: string, flags: Flags) =>
      withSession(flags, (session) => bench(context, config, flags, session)),
    );
}

async function bench(
  { terminal, signal }: CommandContext,
  config: string,
  { output, html, scale }: Flags,
  session: Session,
): Promise<void> {
  const entries = readConfig(await readFile(config, 'utf8'), config);
  const results: BenchmarkResult[] = [];
  const bar = new ProgressBar(terminal, entries.length);
  try {
    for (const entry of entries) {
      bar.update(results.length, () => entry.name);
      results.push(await runBenchmark(entry, { session, signal, scale }));
    }
  } finally {
    bar.stop();
    // What has been measured is kept when the rest is not.
    if (output !== undefined) await writeResults(output, resultsJson(results));
  }
  printResults(terminal, results);
  const machine = `${session.threads} threads · ${session.kernelBuild} kernels`;
  terminal.print();
  terminal.print(terminal.colors.dim(machine));
  if (output !== undefined) terminal.print(`results: ${resolve(output)}`);
  if (html === undefined) return;
  terminal.print(`page: ${await writePage(html, benchPage(config, results, machine))}`);
}

function printResults(terminal: Terminal, results: readonly BenchmarkResult[]): void {
  terminal.printTable({
    head: ['benchmark', 'rows in', 'rows out', 'time', 'rows in/s', 'peak memory'],
    align: ['left', 'right', 'right', 'right', 'right', 'right'],
    rows: results.flatMap(({ name, results: figures }) => {
      if (!isMeasured(figures)) return [];
      const { inputRecordNum, outputRecordNum, totalTimeMs } = figures;
      return [
        [
          name,
          count(inputRecordNum),
          count(outputRecordNum),
          seconds(totalTimeMs / 1000),
          short(figures.inputThroughput),
          gibibytes(figures.peakMemoryBytes),
        ],
      ];
    }),
  });
  for (const { name, results: failure } of results) {
    if (isMeasured(failure)) continue;
    terminal.print(`${name}  ${terminal.colors.red('failed:')} ${failure.exception}`);
  }
}

async function writeResults(file: string, text: string): Promise<void> {
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
