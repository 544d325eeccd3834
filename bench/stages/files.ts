/** CSV and Parquet files to tables, against polars, which writes them, and DuckDB, to Arrow. */
import { statSync } from 'node:fs';
import { readCsv, readParquet, type Table } from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';
import {
  type Bench,
  checkClose,
  duel,
  type Parts,
  PythonCase,
  SEED,
  timed,
} from '../harness/duel.js';
import { startLibrary } from '../harness/library-peers.js';
import { check, QUICK } from '../harness/measure.js';
import type { Answer } from '../harness/python-peer.js';
import { stringsOf } from './strings.js';

const COLUMNS = 10;
const DISTINCT = QUICK ? 1000 : 1_000_000;
/** Rows that make files of about 200 MB; one in so many of a quick run. */
const QUICK_SHARE = QUICK ? 500 : 1;
const ROWS = {
  csv: { numbers: 1_060_000, strings: 1_800_000 },
  parquet: { numbers: 2_500_000, strings: 2_500_000 },
} as const;
const TOLERANCE = 1e-9;
/** There is no goal, so that a turn A B B A is enough. */
const FEWEST = 2;

const FORMATS = {
  csv: (path: string): Promise<Table> => readCsv(path).collect(),
  parquet: (path: string): Promise<Table> => readParquet(path).collect(),
} as const;

/** The data of a file for the process that writes it: columns end to end. */
function dataOf({ files }: Bench, kind: 'numbers' | 'strings', rows: number): object {
  if (kind === 'numbers') {
    const random = seeded(SEED);
    const values = float64(rows * COLUMNS);
    for (let i = 0; i < values.length; i++) values[i] = random.unit();
    return { values: files.write('data', values) };
  }
  const { labels, codes } = stringsOf(rows * COLUMNS, DISTINCT);
  return { labels: files.writeJson('labels.json', labels), codes: files.write('data', codes) };
}

/** Numbers by the sums of columns, strings by their characters and some rows. */
function checkTable(table: Table, facts: Answer, what: string): void {
  check(table.numRows === facts.rows, `${what}: ${table.numRows} rows, expected ${facts.rows}`);
  const columns = table.columnNames.map((name) => table.column(name));
  const sums = columns.map((column) => {
    let sum = 0;
    for (const value of column) sum += typeof value === 'string' ? value.length : (value as number);
    return sum;
  });
  checkClose(sums, facts.sums as number[], TOLERANCE, `${what}: sums`);
  for (const [row, want] of facts.sample as readonly (readonly [number, readonly unknown[]])[]) {
    const got = columns.map((column) => column.get(row));
    check(
      got.every((value, c) => value === want[c]),
      `${what}: row ${row} is ${got}, expected ${want}`,
    );
  }
}

export async function compareFiles(bench: Bench): Promise<void> {
  const { files, python, report } = bench;
  if (python === null) {
    report.remark('No files were read: they are written by polars, which is not there.');
    return;
  }
  const duckdb = startLibrary(bench, 'duckdb');
  for (const format of ['csv', 'parquet'] as const) {
    for (const kind of ['numbers', 'strings'] as const) {
      const rows = ROWS[format][kind] / QUICK_SHARE;
      const path = files.pathOf(`${kind}.${format}`);
      const data = { ...dataOf(bench, kind, rows), columns: COLUMNS, path, format };
      const peer = await PythonCase.open(python, 'file', data);
      const bytes = statSync(path).size;
      const what = `${format} of ${kind}, ${(bytes / 1e6).toFixed(1)} MB`;
      const opened: [PythonCase, string][] = [[peer, 'polars']];
      if (duckdb !== null) {
        const other = await PythonCase.open(duckdb, 'file', { path, format });
        opened.push([other, 'DuckDB to Arrow']);
      }
      const table = await FORMATS[format](path);
      for (const [own, who] of opened) {
        await own.run();
        checkTable(table, await own.facts(), `${what}, ${who}`);
      }
      const gyre = async (): Promise<Parts> => ({
        read: (await timed(() => FORMATS[format](path)))[0],
      });
      const peers = opened.map(([own, who]) => ({ who, run: () => own.run() }));
      await duel(bench, { what, amounts: { B: bytes, rows }, gyre, peers, fewest: FEWEST });
      for (const [own] of opened) await own.close();
      for (const name of ['data', 'labels.json', `${kind}.${format}`]) files.delete(name);
    }
  }
  await duckdb?.close();
}
