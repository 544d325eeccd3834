/** `gyre demo online-logistic-regression`: a classifier whose world changes under it. */
import { Command } from 'commander';
import { logLoss } from '../evaluation/area-under-curve.js';
import { OnlineLogisticRegression, type Session, TableStream } from '../index.js';
import { TURNS, turningLabels } from './drift/turning-labels.js';
import { count, decimal, percent, seconds } from './format.js';
import {
  integer,
  kernelsOption,
  positive,
  type SessionFlags,
  threadsOption,
  withSession,
} from './options.js';
import { textChart } from './plot/chart.js';
import { LivePlot } from './plot/live-plot.js';
import { page, svgChart, writePage } from './plot/page.js';
import type { CommandContext } from './run.js';

interface Flags extends SessionFlags {
  readonly rows: number;
  readonly batchSize: number;
  readonly alpha: number;
  readonly seed: number;
  readonly html?: string;
  readonly json?: boolean;
}

/** Measures of each batch, predicted before it was learned from. */
interface Curves {
  readonly loss: number[];
  readonly accuracy: number[];
}

export function demoOnlineLogisticRegressionCommand(context: CommandContext): Command {
  return new Command('online-logistic-regression')
    .description('predict labels whose meaning changes twice, drawn while it learns')
    .option('--rows <n>', 'rows of the stream', integer(1), 300_000)
    .option('--batch-size <n>', 'rows that a model version is learned from', integer(1), 500)
    .option('--alpha <x>', 'learning rate of FTRL', positive, 0.5)
    .option('--seed <n>', 'seed of the rows', integer(0), 1)
    .addOption(threadsOption())
    .addOption(kernelsOption())
    .option('--html <file>', 'a page to write, with loss and accuracy over time')
    .option('--json', 'print JSON')
    .action((flags: Flags) => withSession(flags, (session) => demo(context, flags, session)));
}

async function demo(
  { terminal, signal }: CommandContext,
  flags: Flags,
  session: Session,
): Promise<void> {
  const { rows, batchSize, alpha, seed, html: file, json = false } = flags;
  const start = performance.now();
  const curves: Curves = { loss: [], accuracy: [] };
  const plot = new LivePlot(terminal, !json);
  const batches = Math.ceil(rows / batchSize);
  let version = 0;
  try {
    const stream = TableStream.from(turningLabels({ rows, batchRows: batchSize, seed }));
    const estimator = new OnlineLogisticRegression({ globalBatchSize: batchSize, alpha });
    const model = await estimator.fit(stream, { session, signal, prequential: true });
    for await (const { probabilities, labels } of model.predictions()) {
      const right = labels.filter((label, i) => label === Number(probabilities[i]! >= 0.5));
      curves.loss.push(logLoss(probabilities, labels));
      curves.accuracy.push(right.length / labels.length);
      const seen = curves.loss.length;
      plot.draw(seen / batches, {
        plot: () => draw(curves, batches),
        line: () =>
          `${count(Math.min(rows, seen * batchSize))} rows  log-loss ${decimal(curves.loss.at(-1)!)}  ` +
          `accuracy ${percent(curves.accuracy.at(-1)!)}`,
      });
    }
    await model.completed();
    version = model.version;
  } finally {
    plot.stop();
  }
  const elapsed = (performance.now() - start) / 1000;
  const path = file === undefined ? null : await writePage(file, curvesPage(curves, flags));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const figures = {
    rows,
    versions: version,
    seconds: elapsed,
    logLoss: mean(curves.loss),
    accuracy: mean(curves.accuracy),
    lastAccuracy: mean(curves.accuracy.slice(-10)),
    page: path,
  };
  if (json) return terminal.print(JSON.stringify(figures, null, 2));
  const { dim } = terminal.colors;
  terminal.printTable({
    rows: [
      ['rows', count(rows), dim(`${count(rows / elapsed)} rows/s`)],
      ['time', seconds(elapsed), dim(`${session.threads} threads, ${session.kernelBuild} kernels`)],
      ['model versions', count(figures.versions), ''],
      ['log-loss', decimal(figures.logLoss), dim('mean of all batches, before learning from them')],
      ['accuracy', percent(figures.accuracy), dim('likewise')],
      ['  at the end', percent(figures.lastAccuracy), dim('mean of the last ten batches')],
    ],
    align: ['left', 'right', 'left'],
  });
  if (file !== undefined) terminal.print(`\nThe learning curve is in ${file}.`);
}

const COLUMNS = 64;
const CHART_ROWS = 8;

function draw({ loss, accuracy }: Curves, batches: number): string[] {
  const size = [batches, COLUMNS, CHART_ROWS] as const;
  return [
    ...textChart({ label: 'log-loss', values: loss, digits: 2 }, ...size),
    ...textChart({ label: 'accuracy', values: accuracy, digits: 2 }, ...size),
  ];
}

function curvesPage({ loss, accuracy }: Curves, { rows, batchSize, alpha }: Flags): string {
  const marks = new Map(TURNS.map((turn) => [turn * loss.length, 'new weights'] as const));
  return page(
    'A classifier whose world changes',
    `OnlineLogisticRegression on ${count(rows)} rows, a version of the model for every ${count(batchSize)} of ` +
      `them, alpha ${alpha}. Each batch is predicted, then learned from.`,
    [
      {
        title: 'Log-loss',
        text: 'Lower is better; ln 2 = 0.69 is what a guess costs.',
        drawing: svgChart({ label: 'log-loss', values: loss, digits: 2 }, marks),
      },
      {
        title: 'Accuracy',
        text: 'The share of rows with the right label.',
        drawing: svgChart({ label: 'accuracy', values: accuracy, digits: 2 }, marks),
      },
    ],
  );
}
