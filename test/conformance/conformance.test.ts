import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Session } from '../../src/index.js';
import {
  type Check,
  errorCheck,
  paramChecks,
  pathsIn,
  type RunContext,
  tableChecks,
} from './batch-checks.js';
import { clusterChecks, isClusterVector } from './cluster-checks.js';
import { linearChecks, STANDING_FOR } from './linear-checks.js';
import { needsClass, streamChecks } from './online-checks.js';
import { callChecks, splitChecks } from './operator-checks.js';
import { readable } from './readable.js';
import { classOf } from './stages.js';
import { staticChecks } from './static-checks.js';
import { hasTwoOutputs, twoOutputChecks } from './two-output-checks.js';
import { readExceptions, readVectors, unknownFields, type Vector } from './vector.js';
import { windowChecks } from './window-checks.js';

const folder = mkdtempSync(join(tmpdir(), 'gyre-conformance-'));
const sessions = [0, 2].map((threads) => new Session({ threads }));
const vectors = readVectors();
const exceptions = readExceptions();
const newPath = pathsIn(folder);

test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  rmSync(folder, { recursive: true });
});

function checksOf(vector: Vector, context: RunContext): Check[] {
  const linear = linearChecks(vector, context);
  if (linear !== null) return linear;
  if (hasTwoOutputs(vector)) {
    return [...paramChecks(vector, context), ...twoOutputChecks(vector, context)];
  }
  if (isClusterVector(vector)) {
    return [...paramChecks(vector, context), ...clusterChecks(vector, context)];
  }
  if (vector.stream !== undefined && !Array.isArray(vector.stream)) {
    return [...paramChecks(vector, context), ...windowChecks(vector, context)];
  }
  if (vector.expectTables !== undefined || vector.call !== undefined) {
    return [...splitChecks(vector, context), ...callChecks(vector, context)];
  }
  if (vector.stream !== undefined || vector.modelStream !== undefined) {
    return [...paramChecks(vector, context), ...streamChecks(vector, context)];
  }
  return [
    ...paramChecks(vector, context),
    ...staticChecks(vector, context),
    ...errorCheck(vector, context),
    ...tableChecks(vector, context),
  ];
}

/** Runs every check; one with an exception must fail, or the exception is not needed. */
async function run(vector: Vector, context: RunContext): Promise<void> {
  assert.equal(unknownFields(vector), [], 'fields that the runner does not know');
  const excepted = exceptions[vector.id] ?? {};
  const checks = checksOf(vector, context);
  const names = checks.map(([name]) => name);
  assert.ok(names.length > 0, 'the vector checks something');
  for (const name of Object.keys(excepted)) {
    assert.ok(names.includes(name), `the exception "${name}" is for a check of the vector`);
  }
  for (const [name, check] of checks) {
    if (excepted[name] === undefined) {
      await check();
      continue;
    }
    const [outcome] = await Promise.allSettled([(async () => check())()]);
    assert.is(outcome.status, 'rejected', `the exception "${name}" is not needed`);
  }
}

for (const vector of vectors) {
  const Class = classOf(STANDING_FOR[vector.stage] ?? vector.stage);
  const missing = Class === undefined ? vector.stage : needsClass(vector);
  test(
    vector.id,
    readable(async () => {
      assert.is(missing, undefined, `there is no ${missing}`);
      await run(vector, { Class: Class!, sessions, newPath });
    }),
  );
}

test('every exception names a vector and has a reason', () => {
  for (const [id, checks] of Object.entries(exceptions)) {
    assert.ok(
      vectors.some((vector) => vector.id === id),
      `${id} is a vector`,
    );
    for (const reason of Object.values(checks)) assert.ok(reason.length > 20, `${id}: a reason`);
  }
});

test('vector ids are unique, so that exceptions mean one vector', () => {
  assert.is(new Set(vectors.map(({ id }) => id)).size, vectors.length);
});

test.run();
