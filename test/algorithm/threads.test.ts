import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { aggregate } from '../../src/algorithm/aggregate.js';
import { mapRows } from '../../src/algorithm/map-rows.js';
import { type TrainingProgress, train } from '../../src/algorithm/train.js';
import { Session } from '../../src/engine/session.js';
import { Table } from '../../src/table/table.js';
import { closeSessions, rejects, sessionOf, THREADS, within } from '../engine/support.js';
import { aggregationRef, mappingRef, type ToyState, trainingRef } from './toy.js';

test.after(closeSessions);

/** So much that no job is run inline for being small. */
const LARGE = 1e9;
const ROUNDS = 12;

const tableOf = (rows: number): Table =>
  Table.fromColumns({ x: Float64Array.from({ length: rows }, (_, i) => Math.sin(i) * 1000) });

const bits = (values: Float64Array): string => Buffer.from(values.slice().buffer).toString('hex');

const initial = (): ToyState => ({ weights: Float64Array.from([0.1, 0.2]), rounds: 0 });

for (const rows of [1, 5000, 33_000, 150_001]) {
  const table = tableOf(rows);

  test(`training on ${rows} rows gives the same bits on any number of threads`, async () => {
    const results = new Set<string>();
    for (const threads of THREADS) {
      const seen: TrainingProgress[] = [];
      const state = await within(
        30_000,
        train('Toy.fit', trainingRef({ rounds: ROUNDS }), table, initial(), LARGE, {
          session: sessionOf(threads),
          onRound: (progress) => seen.push(progress),
        }),
      );
      assert.is(state.rounds, ROUNDS);
      assert.equal(
        seen.map(({ epoch }) => epoch),
        Array.from({ length: ROUNDS }, (_, i) => i),
      );
      const losses = Float64Array.from(seen, ({ metrics }) => metrics.loss!);
      results.add(bits(state.weights) + bits(losses));
    }
    assert.is(results.size, 1);
  });

  test(`aggregating ${rows} rows gives the same bits on any number of threads`, async () => {
    const results = new Set<string>();
    for (const threads of THREADS) {
      const options = { session: sessionOf(threads) };
      const result = await within(
        30_000,
        aggregate<unknown, number[]>('Toy.fit', aggregationRef, table, LARGE, options),
      );
      assert.is(result[1], rows);
      results.add(bits(Float64Array.from(result)));
    }
    assert.is(results.size, 1);
  });

  test(`mapping ${rows} rows gives every row once on any number of threads`, async () => {
    const outputs = {
      y: { type: 'float64', width: 1 },
      k: { type: 'int32', width: 2 },
    } as const;
    const results = new Set<string>();
    for (const threads of THREADS) {
      const options = { session: sessionOf(threads) };
      const { y, k } = await within(
        30_000,
        mapRows('Toy.transform', mappingRef, table, outputs, LARGE, options),
      );
      assert.is(y.length, rows);
      assert.ok(Array.from({ length: rows }, (_, i) => k[2 * i]).every((row, i) => row === i));
      results.add(bits(y as Float64Array));
    }
    assert.is(results.size, 1);
  });
}

test('the sums can tell orders apart', async () => {
  const table = tableOf(150_001);
  const x = (table.toRows() as { x: number }[]).map((row) => row.x);
  const options = { session: sessionOf(0) };
  const [sum] = await aggregate<unknown, number[]>('Toy', aggregationRef, table, LARGE, options);
  const plain = x.reduce((a, b) => a + b, 0);
  assert.is.not(sum, plain);
  assert.ok(Math.abs(sum! - plain) < 1e-6);
});

test('small work runs on the calling thread and starts no workers', async () => {
  const session = new Session({ threads: 2 });
  const started = performance.now();
  const options = { session };
  await aggregate<unknown, number[]>('Toy', aggregationRef, tableOf(100), 100, options);
  assert.ok(performance.now() - started < 1000);
  await session.close();
});

for (const threads of [0, 2]) {
  const on = `${threads} threads`;
  const fit = (options: object, params = {}) =>
    within(
      10_000,
      train('Toy.fit', trainingRef({ rounds: 1e6, ...params }), tableOf(20_000), initial(), LARGE, {
        session: sessionOf(threads),
        ...options,
      }),
    );

  test(`an abort stops a training, on ${on}`, async () => {
    const error = await rejects(
      fit({ signal: AbortSignal.timeout(60) }),
      'ERR_GYRE_ABORTED',
      /^Toy\.fit was aborted\.$/,
    );
    assert.is(error.cause?.name, 'TimeoutError');
  });

  test(`an error in onRound comes out and stops the training, on ${on}`, async () => {
    let rounds = 0;
    const onRound = ({ epoch }: TrainingProgress) => {
      rounds++;
      if (epoch === 3) throw Object.assign(new Error('enough'), { code: 'MINE' });
    };
    await rejects(fit({ onRound }), 'MINE', /^enough$/);
    assert.is(rounds, 4);
    // The session is free again: this would wait for the training otherwise.
    const state = await fit({}, { rounds: 2 });
    assert.is(state.rounds, 2);
  });

  test(`an error in partial or update says where, on ${on}`, async () => {
    for (const [where, name] of [
      ['partial', 'PartialsOfShards'],
      ['update', 'UpdateState'],
    ]) {
      const failing = fit({}, { fail: { epoch: 2, where } });
      const message = new RegExp(`^${name} .* threw: ${where} fails$`);
      const error = await rejects(failing, 'ERR_GYRE_OPERATOR', message);
      assert.match(error.cause?.stack ?? '', /toy\.[jt]s/);
    }
  });

  test(`the caller's initial state is not changed, on ${on}`, async () => {
    const start = initial();
    const options = { session: sessionOf(threads) };
    const ref = trainingRef({ rounds: 3 });
    await train('Toy.fit', ref, tableOf(5000), start, LARGE, options);
    assert.equal(start, initial());
  });
}

test.run();
