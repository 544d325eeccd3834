import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, SQLTransformer, Table, TableStream, Vectors } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { digestOfTable } from '../estimators/digest.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const sql = (statement: string) => new SQLTransformer({ statement });
const rowsOf = async (statement: string, input: Table | TableStream) => {
  const output =
    input instanceof TableStream
      ? await sql(statement).transform(input).collect()
      : await sql(statement).transform(input);
  return output.toRows();
};

/** A column of every type, with null in some rows when `nulls`. */
function everyType(rows: number, seed: number, nulls: boolean): Table {
  const random = seeded(seed);
  const cells = <T>(make: (row: number) => T): (T | null)[] =>
    Array.from({ length: rows }, (_, row) => (nulls && random.below(4) === 0 ? null : make(row)));
  const edges = [Number.NaN, -0, 0, Infinity, -Infinity, 5e-324, 1.5];
  const long = () => BigInt.asIntN(64, BigInt(random.below(2 ** 31)) << 33n) - 1n;
  const texts = ['', 'a', 'é☃', '\u{1F600}', 'o\'clock "quoted"', 'x'.repeat(300), 'a\0b'];
  const ints = () => Array.from({ length: random.below(4) }, () => random.below(100));
  const stamps = (unit: 's' | 'ms' | 'us' | 'ns') => {
    const values = BigInt64Array.from({ length: rows }, () => BigInt(random.below(2 ** 31)) - 9n);
    return Column.timestamp(values, unit);
  };
  const sparse = cells(() => Vectors.sparse(9, [1, 3 + random.below(6)], [random.unit(), -1]));
  return Table.fromColumns(
    {
      float64: cells(() => edges[random.below(edges.length)]),
      float32: cells(() => Math.fround(edges[random.below(edges.length)]!)),
      int32: cells(() => random.below(2 ** 32) - 2 ** 31),
      int64: cells(long),
      boolean: cells(() => random.below(2) === 0),
      string: cells(() => texts[random.below(texts.length)]),
      dense: cells(() => [random.unit(), -random.unit(), 0]),
      sparse,
      lists: cells(ints),
      longs: cells(() => [1n, -5n, 2n ** 62n]),
      texts: cells(() => [texts[random.below(texts.length)], null]),
      s: stamps('s'),
      ms: stamps('ms'),
      us: stamps('us'),
      ns: stamps('ns'),
      'a "name"; --': cells((row) => row),
    },
    {
      ...{ float64: 'float64', float32: 'float32', int32: 'int32', int64: 'int64' },
      ...{ boolean: 'boolean', string: 'string', dense: 'vector', sparse: 'sparseVector' },
      ...{ lists: 'int32[]', longs: 'int64[]', texts: 'string[]' },
      'a "name"; --': 'float64',
    },
  );
}

const shown = (table: Table): string =>
  JSON.stringify(
    table.toRows().map((row) => Object.values(row)),
    (_, value) => {
      if (typeof value === 'bigint') return `${value}n`;
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    },
  );

it('columns of every type come back as they went in, over the borders of chunks', async () => {
  for (const nulls of [false, true]) {
    for (const rows of [0, 1, 2048, 2049]) {
      const table = everyType(rows, rows + 1, nulls);
      const output = await sql('SELECT * FROM __THIS__').transform(table);
      assert.equal([...output.columnNames], [...table.columnNames]);
      assert.equal(output.schema, table.schema);
      assert.is(shown(output), shown(table), `${rows} rows, nulls: ${nulls}`);
      for (const unit of ['s', 'ms', 'us', 'ns'] as const) {
        const stamps = output.column(unit, 'timestamp');
        assert.is(stamps.unit, unit);
        assert.equal(stamps.values, table.column(unit, 'timestamp').values);
      }
    }
  }
});

it('a slice, a dictionary and 32-bit vectors go in too', async () => {
  const slice = everyType(100, 3, true).slice(13, 77);
  const output = await sql('SELECT * FROM __THIS__').transform(slice);
  assert.is(shown(output), shown(slice));
  const table = Table.fromColumns({
    city: Column.dictionary(Int32Array.of(1, 0, -1, 1), ['Oslo', 'Rome']),
    v: Column.dense(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2),
  });
  const back = await sql('SELECT city, v FROM __THIS__').transform(table);
  assert.equal(back.column('city').toArray(), ['Rome', 'Oslo', null, 'Rome']);
  assert.instance(back.column('v', 'vector').values, Float32Array);
  assert.equal([...back.column('v', 'vector').values], [1, 2, 3, 4, 5, 6, 7, 8]);
});

it('inputs are left as they were, and sums have the same bits every time', async () => {
  const random = seeded(1);
  const table = Table.fromColumns({ x: random.f64(300_000) });
  const before = digestOfTable(table);
  const sums = new Set<number>();
  for (let i = 0; i < 3; i++) {
    const [row] = await rowsOf('SELECT sum(x) AS s FROM __THIS__', table);
    sums.add(row!.s as number);
  }
  assert.is(sums.size, 1);
  assert.is(digestOfTable(table), before);
});

const batches = (): TableStream =>
  TableStream.from(
    [
      [1, 10],
      [2, 20],
      [1, 30],
      [3, 40],
    ].map(([k, v]) => Table.fromRows([{ k, v }])),
  );

it('a query that looks at each row alone gives a batch for each batch of a stream', async () => {
  for (const [statement, expected] of [
    ['SELECT v + 1 AS w FROM __THIS__', [11, 21, 31, 41]],
    ['SELECT v AS w FROM __THIS__ WHERE k = 1', [10, 30]],
    ['WITH t AS (SELECT k * v AS w FROM __THIS__) SELECT w FROM t WHERE w > 10', [40, 30, 120]],
    ['SELECT unnest([k, v]) AS w FROM __THIS__ WHERE k = 2', [2, 20]],
  ] as const) {
    const outputs: Table[] = [];
    for await (const output of sql(statement).transform(batches())) outputs.push(output);
    assert.is(outputs.length, 4, statement);
    const rows = outputs.flatMap((output) => output.toRows());
    assert.equal(
      rows.map(({ w }) => w),
      [...expected],
      statement,
    );
  }
});

it('any other query gives its result when the stream has ended', async () => {
  for (const [statement, expected] of [
    ['SELECT sum(v) AS w FROM __THIS__', [100]],
    ['SELECT k AS w FROM __THIS__ GROUP BY k ORDER BY k', [1, 2, 3]],
    ['SELECT DISTINCT k AS w FROM __THIS__ ORDER BY w', [1, 2, 3]],
    ['SELECT v AS w FROM __THIS__ LIMIT 2', [10, 20]],
    ['SELECT v AS w FROM __THIS__ ORDER BY v DESC', [40, 30, 20, 10]],
    ['SELECT sum(v) OVER (ORDER BY v) AS w FROM __THIS__ ORDER BY v', [10, 30, 60, 100]],
    [
      'SELECT a.v AS w FROM __THIS__ a JOIN __THIS__ b ON a.k = b.v / 10 ORDER BY w',
      [10, 20, 30, 40],
    ],
    ['SELECT v AS w FROM __THIS__ WHERE v = (SELECT max(v) FROM __THIS__)', [40]],
    ['SELECT row_number() OVER () AS w FROM __THIS__', [1, 2, 3, 4]],
  ] as const) {
    const rows = await rowsOf(statement, batches());
    assert.equal(
      rows.map(({ w }) => w),
      [...expected],
      statement,
    );
  }
});

it('a stream without batches gives none, and one can be read again where its source can', async () => {
  assert.equal(await rowsOf('SELECT * FROM __THIS__', TableStream.from([])), []);
  const stream = sql('SELECT sum(v) AS w FROM __THIS__').transform(batches());
  assert.equal((await stream.collect()).toRows(), (await stream.collect()).toRows());
});

it('tumbling windows of Flink are understood, over timestamps and milliseconds', async () => {
  const at = [0, 599_999, 600_000, 1_800_000, -1];
  const statement =
    "SELECT window_start AS s, window_end AS e, window_time AS t, count(*) AS n FROM TABLE(TUMBLE(TABLE __THIS__, DESCRIPTOR(time), INTERVAL '10' MINUTES)) GROUP BY s, e, t ORDER BY s";
  const named = statement
    .replace('TABLE __THIS__', 'data => table __THIS__')
    .replace('DESCRIPTOR(time)', 'TIMECOL => DESCRIPTOR("time")')
    .replace('INTERVAL', 'SIZE => INTERVAL');
  for (const time of [
    Column.timestamp(BigInt64Array.from(at, BigInt)),
    Column.numeric(BigInt64Array.from(at, BigInt)),
    Float64Array.from(at),
  ]) {
    for (const text of [statement, named]) {
      const rows = await rowsOf(text, Table.fromColumns({ time }));
      const ms = (value: unknown) => (value as Date).getTime();
      assert.equal(
        rows.map(({ s, e, t, n }) => [ms(s), ms(e), ms(t), n]),
        [
          [-600_000, 0, -1, 1],
          [0, 600_000, 599_999, 2],
          [600_000, 1_200_000, 1_199_999, 1],
          [1_800_000, 2_400_000, 2_399_999, 1],
        ],
      );
    }
  }
});

it('__THIS__ in a string stays as it is', async () => {
  const rows = await rowsOf("SELECT '__THIS__' AS w FROM __THIS__", Table.fromRows([{ a: 1 }]));
  assert.equal(rows, [{ w: '__THIS__' }]);
});

it('a statement sees the table and nothing else', async () => {
  const table = Table.fromRows([{ a: 1 }]);
  for (const source of [
    "read_csv('/etc/passwd')",
    "'/etc/passwd'",
    "read_text('/etc/hostname')",
    "read_json('http://localhost:1/x.json')",
  ]) {
    const running = sql(`SELECT * FROM __THIS__, ${source}`).transform(table);
    await rejectsError(running, 'ERR_GYRE_INVALID_PARAM', /Permission Error|Catalog Error/);
  }
});

it('what is no query, or no query of this table, is refused', async () => {
  const table = Table.fromRows([{ a: 'x' }]);
  for (const [statement, message] of [
    ['SELEC * FROM __THIS__', /DuckDB refused the query: .*syntax error at or near "SELEC"$/],
    ['SELECT nope FROM __THIS__', /refused the query: .*"nope" not found/],
    ['SELECT * FROM __THIS__, other', /other does not exist/],
    [
      'DELETE FROM __THIS__',
      /must be one query without parameters, got a statement of kind DELETE/,
    ],
    ['SELECT 1; SELECT * FROM __THIS__', /must be one query without parameters, got 2 statements/],
    ['SELECT ? FROM __THIS__', /must be one query without parameters, got 1 parameters/],
    ["COPY __THIS__ TO '/tmp/gyre-must-not-be'", /refused|kind COPY/],
    ['INSTALL httpfs; --__THIS__', /kind LOAD|refused/],
  ] as const) {
    const running = sql(statement).transform(table);
    await rejectsError(running, 'ERR_GYRE_INVALID_PARAM', message);
    const stream = sql(statement).transform(TableStream.from([table]));
    await rejectsError(stream.collect(), 'ERR_GYRE_INVALID_PARAM', message);
  }
  const failing = sql('SELECT CAST(a AS INTEGER) FROM __THIS__').transform(table);
  await rejectsError(failing, 'ERR_GYRE_DATA', /DuckDB failed: Conversion Error: .*'x' to INT32/);
  const blob = sql("SELECT 'a'::BLOB AS b FROM __THIS__").transform(table);
  await rejectsError(blob, 'ERR_GYRE_SCHEMA', /column "b": a column of DuckDB's type BLOB/);
  const twice = Table.fromColumns({ a: [1], A: [2] });
  const cases = sql('SELECT * FROM __THIS__').transform(twice);
  await rejectsError(cases, 'ERR_GYRE_SCHEMA', /must differ in more than case, got "a" and "A"/);
});

it('a signal interrupts a query that is on its way', async () => {
  const table = Table.fromColumns({ x: new Float64Array(3000) });
  const endless =
    'SELECT count(*) AS n FROM __THIS__ a, __THIS__ b, __THIS__ c, __THIS__ d WHERE a.x + b.x + c.x < d.x';
  const signal = AbortSignal.timeout(200);
  const running = sql(endless).transform(table, { signal });
  await rejectsError(running, 'ERR_GYRE_ABORTED', /SQLTransformer\.transform was aborted/);
  const controller = new AbortController();
  const stream = sql(endless).transform(TableStream.from([table]), { signal: controller.signal });
  const reading = stream.collect();
  setTimeout(() => controller.abort(), 100);
  await rejectsError(reading, 'ERR_GYRE_ABORTED', /was aborted/);
});

test.run();
