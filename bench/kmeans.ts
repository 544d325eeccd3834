/** How fast is KMeans.fit, against ml-kmeans, and what share of the roof does it reach? */
import { kmeans as mlKMeans } from 'ml-kmeans';
import { reservoirSample } from '../src/core/random.js';
import { Column, KMeans, Session, Table } from '../src/index.js';
import { float64 } from '../src/table/buffers.js';
import { seeded } from '../test/reference/random.js';
import { check, QUICK, timeLong } from './harness/measure.js';
import { Report } from './harness/report.js';
import { measureRoof } from './harness/roof.js';
import { median, type Samples } from './harness/samples.js';

const report = new Report(
  import.meta.url,
  'how fast is KMeans.fit, against ml-kmeans, and what share of the roof does it reach?',
);
const roof = await measureRoof();
const SEED = 7;
const ROUNDS = 10;
const THREADS = [0, 1, 2] as const;

interface Shape {
  readonly rows: number;
  readonly dim: number;
  readonly k: number;
  /** Rows that ml-kmeans gets; it takes them as arrays of numbers. */
  readonly peerRows: number;
}

const SHAPES: readonly Shape[] = QUICK
  ? [{ rows: 20_000, dim: 20, k: 10, peerRows: 20_000 }]
  : [
      { rows: 100_000, dim: 20, k: 10, peerRows: 50_000 },
      { rows: 1_000_000, dim: 100, k: 10, peerRows: 20_000 },
      { rows: 1_000_000, dim: 4, k: 16, peerRows: 50_000 },
    ];

/** Clusters that overlap, so that no run converges before its rounds are over. */
function points({ rows, dim, k }: Shape): Float64Array {
  const random = seeded(SEED);
  const centers = Float64Array.from({ length: k * dim }, () => 4 * random.unit());
  const values = float64(rows * dim);
  for (let i = 0; i < rows; i++) {
    const center = (i % k) * dim;
    for (let t = 0; t < dim; t++) {
      values[i * dim + t] = centers[center + t]! + 4 * (random.unit() + random.unit());
    }
  }
  return values;
}

const tableOf = (values: Float64Array, dim: number): Table =>
  Table.fromColumns({ features: Column.dense(values, dim) });

async function fit(table: Table, k: number, maxIter: number, session: Session): Promise<number[]> {
  const model = await new KMeans({ k, maxIter, seed: SEED }).fit(table, { session });
  return model.modelData.centroids.flatMap(({ values }) => [...values]);
}

/** ml-kmeans on the first rows, from the centroids that KMeans starts with. */
function peerOf(values: Float64Array, { dim, k, peerRows }: Shape): () => number[] {
  const row = (i: number): number[] => [...values.subarray(i * dim, (i + 1) * dim)];
  const data = Array.from({ length: peerRows }, (_, i) => row(i));
  const initialization = [...reservoirSample(peerRows, k, SEED)].map(row);
  // No distance is below a negative tolerance, so all rounds are run.
  const options = { initialization, maxIterations: ROUNDS, tolerance: -1 };
  return () => mlKMeans(data, k, options).centroids.flat();
}

function checkEqual(got: readonly number[], want: readonly number[], what: string): void {
  const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, b);
  check(got.length === want.length && got.every((v, i) => isClose(v, want[i]!)), what);
}

for (const shape of SHAPES) {
  const { rows, dim, k, peerRows } = shape;
  const values = points(shape);
  const table = tableOf(values, dim);
  const peer = peerOf(values, shape);
  const sessions = THREADS.map((threads) => new Session({ threads }));
  const name = `${rows} x ${dim}, k=${k}`;

  const peerTable = tableOf(values.subarray(0, peerRows * dim), dim);
  const want = peer();
  for (const session of sessions) {
    checkEqual(await fit(peerTable, k, ROUNDS, session), want, `${name}: other centroids`);
  }

  const fits = Object.fromEntries(
    sessions.map((session) => [
      `gyre, threads: ${session.threads}`,
      () => fit(table, k, ROUNDS, session),
    ]),
  );
  const single = Object.fromEntries(
    sessions.map((session) => [
      `gyre, threads: ${session.threads}`,
      () => fit(table, k, 1, session),
    ]),
  );
  const seconds = QUICK ? 0 : 1;
  const timed: Record<string, Samples> = await timeLong(
    { 'ml-kmeans': peer, ...fits },
    { seconds },
  );
  const first: Record<string, Samples> = await timeLong(single, { seconds: seconds / 2 });

  const amounts = (n: number, rounds: number) => ({
    row·rounds: n * rounds,
    flop: 2 * n * dim * k * rounds,
  });
  // A row of the peer stands for a row: its samples are scaled to the rows that KMeans had.
  const scaled = timed['ml-kmeans']!.map((s) => (s * rows) / peerRows);
  const peerWho = peerRows === rows ? 'ml-kmeans' : `ml-kmeans, ${peerRows} rows, scaled up`;
  report.add({ what: name, who: peerWho, samples: scaled, amounts: amounts(rows, ROUNDS) });
  for (const { threads, kernelBuild } of sessions) {
    const who = `gyre, threads: ${threads}`;
    const perSecond = roof.flops[kernelBuild]! * Math.max(threads, 1);
    report.add({
      ...{ what: name, who, samples: timed[who]!, amounts: amounts(rows, ROUNDS) },
      against: { who: 'ml-kmeans', samples: scaled },
      roof: { unit: 'flop', perSecond },
    });
    const round = (median(timed[who]!) - median(first[who]!)) / (ROUNDS - 1);
    report.note(`${name}, ${who}: start, data in, first round`, 1000 * median(first[who]!), 'ms');
    report.note(`${name}, ${who}: each further round`, 1000 * round, 'ms');
    const flops = (2 * rows * dim * k) / round;
    report.note(`${name}, ${who}: flops of a round`, flops, 'flop/s');
    report.note(`${name}, ${who}: of the roof in a round`, (100 * flops) / perSecond, '%');
    const bytes = (8 * rows * dim) / round;
    report.note(`${name}, ${who}: read in a round`, bytes, 'B/s');
  }
  const ratio = median(scaled) / median(timed['gyre, threads: 2']!);
  report.note(`${name}: 2 threads against ml-kmeans`, ratio, 'x', { atLeast: 30 });
  for (const session of sessions) await session.close();
}
report.remark(
  `${ROUNDS} rounds from the same centroids; all centroids agree to 1e-9. A fit copies the points ` +
    'into the workers; ml-kmeans gets arrays of numbers that were made before. Roof: the strict ' +
    'multiply-adds of a core, times the threads.',
);
report.end();
