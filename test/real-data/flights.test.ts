// @timeout 120
/** Flights of vega-datasets: learned from in the order in which they took off; airports that are alike. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetFile } from '../../src/cli/datasets.js';
import { runFlights } from '../../src/cli/flights/job.js';
import { flightStream } from '../../src/cli/flights/stream.js';
import { Session, Swing, type SwingParams, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertWithin } from './measures.js';
import { readJson } from './sets.js';

interface Golden {
  readonly rows: number;
  readonly batchSize: number;
  readonly alpha: number;
  readonly beta: number;
  readonly late: number;
  readonly ftrl: {
    readonly logLoss: number;
    readonly auc: number;
    /** The first probabilities after a batch was learned from. */
    readonly first: readonly number[];
    readonly last: readonly number[];
    readonly secondHalf: number;
  };
  /** Of a model that has seen all flights, with their labels. */
  readonly hindsight: { readonly logLoss: number; readonly secondHalf: number };
  readonly swing: {
    readonly params: Partial<SwingParams>;
    readonly k: number;
    readonly airports: number;
    /** Airports that are like some other. */
    readonly items: number;
    readonly similar: Readonly<Record<string, readonly (readonly [string, number])[]>>;
  };
}

// Made by test/real-data/make-flights.py, which stands in the file with the versions of what it used.
const golden = readJson('real-data/flights.json') as Golden;

const session = new Session({ threads: 2 });
test.after(() => session.close());
const it = (sentence: string, body: () => Promise<void>) => test(sentence, readable(body));

const file = datasetFile('vega-datasets', 'data/flights-3m.parquet');
const { signal } = new AbortController();

it('FTRL predicts late flights, each before it is learned from, as a plain one in numpy does', async () => {
  const { rows, batchSize, alpha, beta, late, ftrl, hindsight } = golden;
  const { totals, probabilities, labels, modelVersion } = await runFlights({
    ...{ file, rows, batchSize, alpha, beta, preload: false, session, signal },
    onBatch: () => undefined,
  });
  assert.is(totals.rows, rows);
  assert.is(totals.positives, late);
  assert.is(modelVersion, Math.floor(rows / batchSize));
  assertWithin(totals.logLoss, ftrl.logLoss, 1e-9, 'log-loss');
  assertWithin(totals.auc, ftrl.auc, 1e-9, 'AUC');
  for (const [i, probability] of ftrl.first.entries()) {
    assertWithin(probabilities[batchSize + i]!, probability, 1e-9, `flight ${batchSize + i}`);
  }
  for (const [i, probability] of ftrl.last.entries()) {
    assertWithin(probabilities.at(i - ftrl.last.length)!, probability, 1e-9, `last ${i}`);
  }
  const half = rows / 2;
  let loss = 0;
  for (let i = half; i < rows; i++) loss -= Math.log(Math.abs(1 - labels[i]! - probabilities[i]!));
  assertWithin(loss / half, ftrl.secondHalf, 1e-9, 'log-loss of the second half');
  const excess = loss / half - hindsight.secondHalf;
  assert.ok(excess > 0 && excess < 0.03, `${excess} above a model that has seen the labels`);
});

it('Swing finds airports alike by where one flies to them from, as a plain one in Python does', async () => {
  const { params, k, airports, items, similar } = golden.swing;
  const [origins, destinations]: [unknown[], unknown[]] = [[], []];
  for await (const table of flightStream(file, golden.rows, signal)) {
    origins.push(...table.column('origin'));
    destinations.push(...table.column('destination'));
  }
  const names = [...new Set([...origins, ...destinations])].sort() as string[];
  assert.is(names.length, airports);
  const codes = new Map<unknown, number>(names.map((name, code) => [name, code]));
  const codesOf = (ends: readonly unknown[]) => ends.map((name) => codes.get(name)!);
  const [user, item] = [codesOf(origins), codesOf(destinations)];
  const flights = Table.fromColumns({ user, item }, { user: 'int64', item: 'int64' });
  const found = await new Swing({ ...params, k }).transform(flights, { session });
  assert.is(found.numRows, items);
  const ids = [...found.column('item')].map(Number);
  for (const [airport, wanted] of Object.entries(similar)) {
    const output = String(found.column('output').get(ids.indexOf(codes.get(airport)!)));
    const pairs = output.split(';').map((pair) => pair.split(',').map(Number));
    assert.equal(
      pairs.map(([id]) => names[id!]),
      wanted.map(([name]) => name),
      airport,
    );
    for (const [i, [name, score]] of wanted.entries()) {
      assertWithin(pairs[i]![1]!, score, 1e-12, `${airport}, ${name}`);
    }
  }
});

test.run();
