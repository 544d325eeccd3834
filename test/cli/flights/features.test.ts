import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FEATURE_COLUMNS, FlightFeatures } from '../../../src/cli/flights/features.js';
import { Column, Table } from '../../../src/index.js';

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** Flights as the file has them; each batch has dictionaries of its own. */
function batch(flights: readonly Flight[]): Table {
  const dictionary = (values: readonly string[]): Column => {
    const labels = [...new Set(values)].sort();
    return Column.dictionary(
      Int32Array.from(values, (value) => labels.indexOf(value)),
      labels,
    );
  };
  const micros = flights.map(({ date }) => BigInt(Date.parse(date)) * 1000n);
  return Table.fromColumns(
    {
      date: Column.timestamp(BigInt64Array.from(micros), 'us'),
      delay: flights.map(({ delay }) => delay),
      distance: flights.map(({ distance }) => distance),
      origin: dictionary(flights.map(({ origin }) => origin)),
      destination: dictionary(flights.map(({ destination }) => destination)),
    },
    { delay: 'int64', distance: 'int64' },
  );
}

const FIRST: readonly Flight[] = [
  { date: '2001-01-01T00:01Z', delay: 33, distance: 2176, origin: 'LAS', destination: 'PHL' },
  { date: '2001-01-01T23:59Z', delay: 15, distance: 249, origin: 'ATL', destination: 'LAS' },
  { date: '2001-01-06T12:00Z', delay: 16, distance: 250, origin: 'LAS', destination: 'ATL' },
];

test('each flight has its features as text, and is late after 15 minutes', () => {
  const made = new FlightFeatures(3).transform(batch(FIRST));
  assert.equal(made.columnNames, [...FEATURE_COLUMNS, 'label']);
  const rows = made.toRows().map((row) => Object.values(row).join('|'));
  assert.equal(rows, [
    '00|Mon|LAS|PHL|LAS 00|LAS PHL|2000|1',
    '23|Mon|ATL|LAS|ATL 23|ATL LAS|0|0',
    '12|Sat|LAS|ATL|LAS 12|LAS ATL|250|1',
  ]);
  for (const name of FEATURE_COLUMNS) assert.is(made.column(name).layout, 'dictionary');
});

test('a batch without new values shares its labels with the one before', () => {
  const features = new FlightFeatures(9);
  const labels = (table: Table) =>
    FEATURE_COLUMNS.map((name) => {
      const column = table.column(name);
      return column.layout === 'dictionary' ? column.labels : undefined;
    });
  const first = labels(features.transform(batch(FIRST)));
  // Fewer flights: the dictionaries of the batch are others.
  const second = features.transform(batch(FIRST.slice(1)));
  for (const [i, same] of labels(second).entries()) assert.is(same, first[i]);
  const third = features.transform(batch([{ ...FIRST[0]!, origin: 'AAA' }, FIRST[1]!, FIRST[0]!]));
  const grown = labels(third);
  const changed = FEATURE_COLUMNS.filter((_, i) => grown[i] !== first[i]);
  assert.equal(changed, ['origin', 'originHour', 'route']);
  assert.equal(third.column('origin').toArray(), ['AAA', 'ATL', 'LAS']);
  // The labels of earlier batches stay as they were.
  assert.not.ok(first[2]!.includes('AAA'));
});

test('the log keeps when and from where each flight left', () => {
  const features = new FlightFeatures(10);
  features.transform(batch(FIRST.slice(0, 1)));
  features.transform(batch(FIRST.slice(1)));
  const { rows, minutes, origins, airports } = features.log;
  assert.is(rows, 3);
  assert.equal(
    [...minutes],
    FIRST.map(({ date }) => Date.parse(date) / 60_000),
  );
  assert.equal(
    Array.from(origins, (code) => airports[code]),
    FIRST.map(({ origin }) => origin),
  );
});

test.run();
