import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Session } from '../../src/engine/session.js';
import { shardCount, shardStart } from '../../src/engine/shard.js';
import { Column, StandardScaler, Table } from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { SeeAgain, type Seen, SeeShards } from './passing-operators.js';

const ROWS = 20_000;

/** Columns of every layout, with nulls; `extra` rows before them are cut off. */
function tableOf(extra: number): Table {
  const rows = ROWS + extra;
  const all = Array.from({ length: rows }, (_, i) => i);
  const values = float64(rows * 3).map((_, i) => i / 7);
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (rows + 1))).map((_, i) => i);
  const indices = offsets.slice(0, rows).map((i) => i % 5);
  const table = Table.fromColumns(
    {
      float: values.subarray(0, rows),
      dense: Column.dense(values, 3),
      sparse: Column.sparse(5, offsets, indices, values.subarray(0, rows)),
      text: all.map((i) => (i % 11 === 0 ? null : `row ${i} of a text that is long`)),
      label: all.map((i) => (i % 3 === 0 ? 'a' : 'b')),
      list: all.map((i) => Array.from({ length: i % 4 }, (_, j) => i + j)),
      int: all.map((i) => BigInt(i)),
      flag: all.map((i) => (i % 13 === 0 ? null : i % 2 === 0)),
    },
    { list: 'float64[]' },
  );
  return table.slice(extra);
}

async function seenBy(
  Operator: typeof SeeShards | typeof SeeAgain,
  table: Table,
  threads: number,
  passing: boolean,
): Promise<Seen[]> {
  await using session = new Session({ threads });
  const job = session.job('shards');
  const seen = job.table(table, { passing }).process(Operator, undefined).gather().output();
  const all = await seen.toArray();
  return all.sort((a, b) => a.index - b.index);
}

for (const threads of [0, 1, 2]) {
  for (const extra of [0, 1003]) {
    const what = `${extra === 0 ? 'a table' : 'the slice of a table'} on ${threads} workers`;

    test(`passing shards are those that stay, of ${what}`, async () => {
      const table = tableOf(extra);
      const stay = await seenBy(SeeShards, table, threads, false);
      const pass = await seenBy(SeeShards, table, threads, true);
      assert.is(pass.length, shardCount(ROWS));
      assert.equal(pass, stay);
    });

    test(`a passing shard is written again when it is asked for again, of ${what}`, async () => {
      const table = tableOf(extra);
      const pass = await seenBy(SeeAgain, table, threads, true);
      assert.equal(pass, await seenBy(SeeShards, table, threads, false));
    });
  }

  test(`arrays that are not shared pass, too, on ${threads} workers`, async () => {
    const values = Float64Array.from({ length: ROWS }, (_, i) => i);
    const pass = await seenBy(SeeShards, Table.fromColumns({ x: values }), threads, true);
    pass.forEach(({ cells, index, rowStart }) => {
      assert.is(rowStart, shardStart(ROWS, shardCount(ROWS), index));
      assert.is(JSON.parse(cells)[0].x, rowStart);
    });
  });

  test(`a table of more than all memory of the session is scaled on ${threads} workers`, async () => {
    const maxBytes = [1 << 24, 48 << 20, 64 << 20][threads]!;
    const [rows, dim] = [400_000, 25];
    const values = float64(rows * dim);
    for (let i = 0; i < values.length; i++) values[i] = i % 1000;
    assert.ok(values.byteLength > maxBytes);
    await using session = new Session({ threads, inlineWork: 0, memory: { maxBytes } });
    const table = Table.fromColumns({ input: Column.dense(values, dim) });
    const model = await new StandardScaler({ withMean: true }).fit(table, { session });
    const scaled = (await model.transform(table, { session })).column('output', 'vector').values;
    const [mean, std] = [model.modelData.mean.values, model.modelData.std.values];
    for (let i = 0; i < scaled.length; i += 9973) {
      const wanted = (values[i]! - mean[i % dim]!) / std[i % dim]!;
      assert.ok(Math.abs(scaled[i]! - wanted) < 1e-12, `entry ${i}: ${scaled[i]}, not ${wanted}`);
    }
  });
}

test.run();
