/** RobustScaler and KBinsDiscretizer, which learn quantiles, against numpy.percentile and DuckDB. */
import { Column, KBinsDiscretizer, RobustScaler, Table } from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';
import {
  type Bench,
  type Contender,
  checkClose,
  duel,
  type Parts,
  PythonCase,
  SEED,
  timed,
} from '../harness/duel.js';
import { startLibrary } from '../harness/library-peers.js';
import { QUICK } from '../harness/measure.js';

const ROWS = QUICK ? 50_000 : 10_000_000;
const GOAL = 2;
/** Peers interpolate between neighbours of so many values; Gyre takes one of them. */
const TOLERANCE = 20 / ROWS;
const BINS = 5;

interface Case {
  readonly name: string;
  readonly percentiles: readonly number[];
  readonly fit: (table: Table, bench: Bench) => Promise<Float64Array>;
  /** From percentiles to what `fit` gives. */
  readonly expected: (percentiles: readonly number[]) => readonly number[];
}

const CASES: readonly Case[] = [
  {
    name: 'RobustScaler',
    percentiles: [25, 50, 75],
    fit: async (table, { session }) => {
      const { modelData } = await new RobustScaler().fit(table, { session });
      return Float64Array.of(modelData.medians.values[0]!, modelData.ranges.values[0]!);
    },
    expected: ([low, median, high]) => [median!, high! - low!],
  },
  {
    name: 'KBinsDiscretizer',
    percentiles: Array.from({ length: BINS + 1 }, (_, k) => (100 * k) / BINS),
    fit: async (table, { session }) => {
      const binner = new KBinsDiscretizer({ numBins: BINS, subSamples: ROWS });
      return (await binner.fit(table, { session })).modelData.binEdges[0]!;
    },
    expected: (percentiles) => percentiles,
  },
];

export async function compareQuantiles(bench: Bench): Promise<void> {
  const { files, python } = bench;
  const random = seeded(SEED);
  const values = float64(ROWS);
  for (let i = 0; i < ROWS; i++) values[i] = 10 * random.unit();
  const table = Table.fromColumns({ input: Column.dense(values, 1) });
  const file = files.write('values.f64', values);
  const duckdb = startLibrary(bench, 'duckdb');
  for (const { name, percentiles, fit, expected } of CASES) {
    const what = `${name}.fit, ${ROWS} x 1`;
    const peers: Contender[] = [];
    const opened: PythonCase[] = [];
    for (const [process, who, goal] of [
      [python, 'numpy.percentile', { goal: GOAL }],
      [duckdb, 'DuckDB quantile_cont', {}],
    ] as const) {
      if (process === null) continue;
      const peer = await PythonCase.open(process, 'percentile', { file, percentiles });
      opened.push(peer);
      await peer.run();
      const got = (await peer.facts()).values as number[];
      checkClose(await fit(table, bench), expected(got), TOLERANCE, `${what}, ${who}`);
      peers.push({ who, run: () => peer.run(), ...goal });
    }
    const gyre = async (): Promise<Parts> => ({ fit: (await timed(() => fit(table, bench)))[0] });
    await duel(bench, { what, amounts: { rows: ROWS }, gyre, peers });
    for (const peer of opened) await peer.close();
  }
  await duckdb?.close();
  files.delete('values.f64');
}
