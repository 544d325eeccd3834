import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDuckDB, type Table, Table as Tables, Vectors, writeParquet } from '../../src/index.js';
import { loadDuckDB, openDatabase } from '../../src/io/duckdb-library.js';
import { readable } from '../conformance/readable.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const folder = mkdtempSync(join(tmpdir(), 'gyre-duckdb-'));
test.after(() => rmSync(folder, { recursive: true }));

it('DuckDB types become column types, with null where there is none', async () => {
  const columns: readonly (readonly [sql: string, type: string, value: unknown])[] = [
    ['1::TINYINT', 'int32', 1],
    ['(-2)::SMALLINT', 'int32', -2],
    ['(-2147483648)::INTEGER', 'int32', -2147483648],
    ['9223372036854775807::BIGINT', 'int64', 2n ** 63n - 1n],
    ['255::UTINYINT', 'int32', 255],
    ['65535::USMALLINT', 'int32', 65535],
    ['4294967295::UINTEGER', 'int64', 4294967295],
    ['9223372036854775807::UBIGINT', 'int64', 2n ** 63n - 1n],
    ['(-9223372036854775808)::HUGEINT', 'int64', -(2n ** 63n)],
    ['0.1::FLOAT', 'float32', Math.fround(0.1)],
    ["'-infinity'::DOUBLE", 'float64', -Infinity],
    ['12345.678::DECIMAL(18,3)', 'float64', 12345.678],
    ['true', 'boolean', true],
    ["'é☃'", 'string', 'é☃'],
    ["'b'::ENUM('a', 'b')", 'string', 'b'],
    [
      "'6a8b1d0e-0c1f-4c55-9a15-4dbb3f4b1d10'::UUID",
      'string',
      '6a8b1d0e-0c1f-4c55-9a15-4dbb3f4b1d10',
    ],
    ["TIME '01:02:03.5'", 'string', '01:02:03.5'],
    ["INTERVAL '3 days'", 'string', '3 days'],
    ["DATE '1969-12-31'", 'timestamp', new Date(-86_400_000)],
    ["TIMESTAMP '2026-01-02 03:04:05.678'", 'timestamp', new Date('2026-01-02T03:04:05.678Z')],
    ["TIMESTAMPTZ '2026-01-02 03:04:05+02'", 'timestamp', new Date('2026-01-02T01:04:05Z')],
    ["TIMESTAMP_S '1970-01-01 00:00:07'", 'timestamp', new Date(7000)],
    ["TIMESTAMP_MS '1970-01-01 00:00:00.007'", 'timestamp', new Date(7)],
    ["TIMESTAMP_NS '1970-01-01 00:00:00.007000001'", 'timestamp', new Date(7)],
    ['[1, NULL, 3]::INTEGER[]', 'int32[]', [1, null, 3]],
    ["['a', 'b']", 'string[]', ['a', 'b']],
    ['[1, 2]::INTEGER[2]', 'int32[]', [1, 2]],
  ];
  const query = columns.map(([sql], i) => `${sql} AS c${i}`).join(', ');
  const nulls = columns.map((_, i) => `NULLIF(c${i}, c${i}) AS c${i}`).join(', ');
  const table = await readDuckDB(
    `WITH t AS (SELECT ${query}) SELECT * FROM t UNION ALL SELECT ${nulls} FROM t`,
  ).collect();
  columns.forEach(([sql, type, value], i) => {
    const column = table.column(`c${i}`);
    assert.is(column.type, type, sql);
    assert.equal(column.toArray(), [value, null], sql);
  });
});

it('arrays of floats are dense vectors, structs of the right shape sparse ones', async () => {
  const table = await readDuckDB(`
    SELECT [1.5, 2]::DOUBLE[2] AS d, [1.5, 2]::FLOAT[2] AS f,
      {'size': 5, 'indices': [1, 3]::INTEGER[], 'values': [0.5, -1]::DOUBLE[]} AS s
    UNION ALL SELECT NULL, NULL, NULL`).collect();
  assert.equal(table.schema, { d: 'vector', f: 'vector', s: 'sparseVector' });
  assert.equal(table.column('d').toArray(), [Vectors.dense([1.5, 2]), null]);
  assert.instance(table.column('f', 'vector').values, Float32Array);
  assert.equal(table.column('s').toArray(), [Vectors.sparse(5, [1, 3], [0.5, -1]), null]);
  const bad = readDuckDB('SELECT [1, NULL]::DOUBLE[2] AS d').collect();
  await rejectsError(bad, 'ERR_GYRE_DATA', /column "d": entries of vectors must not be null/);
});

it('what no column type holds is refused, with what to do', async () => {
  for (const [sql, type] of [
    ["'a'::BLOB", 'BLOB'],
    ["{'a': 1}", 'STRUCT'],
    ['MAP {1: 2}', 'MAP'],
    ['[[1]]', 'INTEGER\\[\\]\\[\\]'],
  ]) {
    const message = new RegExp(
      `column "x": a column of DuckDB's type ${type}.* cast it in the query`,
    );
    await rejectsError(readDuckDB(`SELECT ${sql} AS x`).collect(), 'ERR_GYRE_SCHEMA', message);
  }
  const wide = readDuckDB('SELECT 9223372036854775808::HUGEINT AS x').collect();
  await rejectsError(
    wide,
    'ERR_GYRE_DATA',
    /"x" must fit 64 bits, got 9223372036854775808 in row 0/,
  );
});

it('enums of all batches share one dictionary', async () => {
  const stream = readDuckDB(
    "SELECT (CASE i % 2 WHEN 0 THEN 'x' ELSE 'y' END)::ENUM('y', 'x') AS e FROM range(10000) t(i)",
    { batchSize: 2048 },
  );
  const columns = [];
  for await (const table of stream) columns.push(table.column('e', 'string'));
  assert.ok(columns.length > 2);
  for (const column of columns) {
    assert.is(column.layout, 'dictionary');
    assert.is((column as { labels?: unknown }).labels, (columns[0] as { labels?: unknown }).labels);
    assert.equal(column.slice(0, 2).toArray(), ['x', 'y']);
  }
});

it('batches have about the rows that are asked for, and lose none', async () => {
  for (const rows of [0, 1, 2047, 2048, 2049, 30_000]) {
    const sizes: number[] = [];
    let sum = 0;
    const query = 'SELECT i, i * 0.5::DOUBLE AS half FROM range($n) t(i)';
    for await (const table of readDuckDB(query, { values: { n: rows }, batchSize: 4096 })) {
      sizes.push(table.numRows);
      sum += (table.column('half', 'float64').values as Float64Array).reduce((a, b) => a + b, 0);
      assert.equal(table.schema, { i: 'int64', half: 'float64' });
    }
    assert.is(
      sizes.reduce((a, b) => a + b),
      rows,
    );
    assert.ok(sizes.slice(0, -1).every((size) => size >= 4096 && size < 4096 + 2048));
    assert.is(sum, (rows * (rows - 1)) / 4);
  }
});

it('a stream runs its query again, knows its schema, and may be left early', async () => {
  const stream = readDuckDB('SELECT i FROM range(100000) t(i)');
  assert.equal(await stream.schema(), { i: 'int64' });
  for await (const _ of stream) break;
  assert.is((await stream.collect()).numRows, 100_000);
  assert.is((await stream.collect()).numRows, 100_000);
});

it('a file of a database is read, and never written', async () => {
  const database = join(folder, 'flights.duckdb');
  const { connection, close } = await openDatabase(await loadDuckDB('test'), database, {});
  await connection.run("CREATE TABLE flights AS SELECT 7 AS delay, 'OSL' AS origin");
  close();
  const rows = (await readDuckDB('SELECT * FROM flights', { database }).collect()).toRows();
  assert.equal(rows, [{ delay: 7, origin: 'OSL' }]);
  const writing = readDuckDB('DELETE FROM flights', { database }).collect();
  await rejectsError(writing, 'ERR_GYRE_INVALID_PARAM', /read-only/);
  const missing = readDuckDB('SELECT 1', { database: join(folder, 'none.duckdb') }).collect();
  await rejectsError(missing, 'ERR_GYRE_DATA', /DuckDB failed: .*does not exist/);
});

it("a connection of the caller's is used, and stays open", async () => {
  const { connection, close } = await openDatabase(await loadDuckDB('test'), ':memory:', {});
  await connection.run('CREATE TABLE t AS SELECT 1 AS a');
  for (let i = 0; i < 2; i++) {
    const table = await readDuckDB('SELECT a + ? AS b FROM t', {
      connection,
      values: [i],
    }).collect();
    assert.equal(table.toRows(), [{ b: 1 + i }]);
  }
  close();
});

it('files that DuckDB reads become tables: Parquet as readParquet has it', async () => {
  const path = join(folder, 'rows.parquet');
  const table: Table = Tables.fromRows([
    { id: 1, name: 'a', at: new Date(1000) },
    { id: 2, name: null, at: null },
  ]);
  await writeParquet(path, table);
  const read = await readDuckDB(`SELECT * FROM '${path}' WHERE id > ?`, { values: [0] }).collect();
  assert.equal(read.toRows(), table.toRows());
});

it('a query that DuckDB refuses, or that fails, says why', async () => {
  const code = 'ERR_GYRE_INVALID_PARAM';
  const refusedQuery = readDuckDB('SELEC 1').collect();
  await rejectsError(refusedQuery, code, /^readDuckDB: DuckDB refused the query: .*near "SELEC"$/);
  await rejectsError(readDuckDB('SELECT * FROM nope').collect(), code, /nope does not exist/);
  const failing = readDuckDB(
    "SELECT (CASE WHEN i = 9000 THEN 'x' ELSE '1' END)::INTEGER AS a FROM range(10000) t(i)",
  );
  await rejectsError(failing.collect(), 'ERR_GYRE_DATA', /DuckDB failed: .*Could not convert/);
  throwsError(() => readDuckDB(' '), code, /the query must be SQL, got " "/);
  throwsError(() => readDuckDB('SELECT 1', { batchSize: 0 }), code, /batchSize must be an integer/);
  const both = { database: 'x', connection: {} as never };
  throwsError(
    () => readDuckDB('SELECT 1', both),
    code,
    /takes a database or a connection, got both/,
  );
});

it('a signal interrupts the query', async () => {
  const signal = AbortSignal.timeout(150);
  const endless =
    'SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range < b.range';
  await rejectsError(readDuckDB(endless, { signal }).collect(), 'ERR_GYRE_ABORTED', /was aborted/);
});

it('without the package the error says how to get it', async () => {
  const loading = loadDuckDB('SQLTransformer.transform', '@duckdb/no-such-package');
  const message = /^SQLTransformer\.transform needs the package .* npm install @duckdb\/node-api$/;
  const error = await rejectsError(loading, 'ERR_GYRE_PACKAGE', message);
  assert.is((error.cause as { code?: string }).code, 'ERR_MODULE_NOT_FOUND');
});

test.run();
