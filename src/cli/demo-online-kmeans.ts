/** `gyre demo online-kmeans`: centroids that follow clouds of points. */
import { Command } from 'commander';
import { OnlineKMeans, type Session, TableStream } from '../index.js';
import { ClusterTrack, trackPage } from './drift/cluster-track.js';
import { cloudAt, EXTENT, movingClusters } from './drift/moving-clusters.js';
import { count, decimal, seconds } from './format.js';
import {
  integer,
  kernelsOption,
  type SessionFlags,
  share,
  threadsOption,
  withSession,
} from './options.js';
import { Canvas } from './plot/canvas.js';
import { textChart } from './plot/chart.js';
import { LivePlot } from './plot/live-plot.js';
import { writePage } from './plot/page.js';
import type { CommandContext } from './run.js';

interface Flags extends SessionFlags {
  readonly k: number;
  readonly rows: number;
  readonly batchSize: number;
  readonly decay: number;
  readonly seed: number;
  readonly html?: string;
  readonly json?: boolean;
}

export function demoOnlineKMeansCommand(context: CommandContext): Command {
  return new Command('online-kmeans')
    .description('follow clouds of points that move, drawn while they do')
    .option('--k <n>', 'number of clouds, and of clusters', integer(2), 5)
    .option('--rows <n>', 'points of the stream', integer(1), 500_000)
    .option('--batch-size <n>', 'points that a model version is learned from', integer(1), 500)
    .option('--decay <x>', 'what is left of the past after a batch, 0 to 1', share, 0.5)
    .option('--seed <n>', 'seed of the points', integer(0), 1)
    .addOption(threadsOption())
    .addOption(kernelsOption())
    .option('--html <file>', 'a page to write, with the way of every centroid')
    .option('--json', 'print JSON')
    .action((flags: Flags) => withSession(flags, (session) => demo(context, flags, session)));
}

async function demo(
  { terminal, signal }: CommandContext,
  flags: Flags,
  session: Session,
): Promise<void> {
  const { k, rows, batchSize, decay, seed, html: file, json = false } = flags;
  const start = performance.now();
  const track = new ClusterTrack();
  const plot = new LivePlot(terminal, !json);
  const batches = Math.floor(rows / batchSize);
  try {
    const points = { k, rows, batchRows: batchSize, seed };
    const initial = Array.from({ length: k }, (_, j) => cloudAt(j, k, 0));
    const kmeans = new OnlineKMeans({ k, globalBatchSize: batchSize, decayFactor: decay });
    const model = await kmeans
      .setInitialModelData(ClusterTrack.modelData(initial))
      .fit(TableStream.from(movingClusters(points)), {
        session,
        signal,
        onProgress: ({ loss }) => track.addLoss(loss!),
      });
    for await (const { centroids } of model.updates()) {
      track.add(centroids, track.versions / batches);
      const done = (track.versions - 1) / batches;
      plot.draw(done, {
        plot: () => draw(track, k, done, batches),
        line: () =>
          `${count((track.versions - 1) * batchSize)} points  loss ${decimal(track.loss)}  ` +
          `distance to the clouds ${decimal(track.distance)}`,
      });
    }
    await model.completed();
  } finally {
    plot.stop();
  }
  const elapsed = (performance.now() - start) / 1000;
  const path = file === undefined ? null : await writePage(file, trackPage(track, flags));
  const figures = {
    points: batches * batchSize,
    versions: track.versions,
    seconds: elapsed,
    loss: track.loss,
    distance: track.distance,
    page: path,
  };
  if (json) return terminal.print(JSON.stringify(figures, null, 2));
  const { dim } = terminal.colors;
  terminal.printTable({
    rows: [
      ['points', count(figures.points), dim(`${count(figures.points / elapsed)} points/s`)],
      ['time', seconds(elapsed), dim(`${session.threads} threads, ${session.kernelBuild} kernels`)],
      ['model versions', count(figures.versions), ''],
      ['loss', decimal(figures.loss), dim('mean squared distance in the last batch')],
      ['distance', decimal(figures.distance), dim('from clouds to centroids, at the end')],
    ],
    align: ['left', 'right', 'left'],
  });
  if (file !== undefined) terminal.print(`\nThe way of the centroids is in ${file}.`);
}

const COLUMNS = 64;
const MAP_ROWS = 22;
const CHART_ROWS = 5;

/** The map of clouds and centroids, and how the loss went. */
function draw(track: ClusterTrack, k: number, done: number, batches: number): string[] {
  const view = { x: [-EXTENT * 1.4, EXTENT * 1.4], y: [-EXTENT, EXTENT] } as const;
  const canvas = new Canvas(COLUMNS, MAP_ROWS, view);
  for (const way of track.recent()) canvas.line(way);
  for (let j = 0; j < k; j++) canvas.mark(...cloudAt(j, k, done), '○');
  for (const [x, y] of track.current) canvas.mark(x, y, '●');
  const loss = { label: 'loss', values: track.losses, digits: 2 };
  return [...canvas.lines(), ...textChart(loss, batches, COLUMNS - 6, CHART_ROWS)];
}
