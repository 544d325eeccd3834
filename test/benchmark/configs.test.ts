import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simpleName } from '../../src/benchmark/class-names.js';
import { type BenchmarkSpec, readConfig, readEntry } from '../../src/benchmark/config.js';
import { isMeasured, runBenchmark } from '../../src/benchmark/run-benchmarks.js';
import { Session } from '../../src/index.js';
import { STAGES } from '../../src/pipeline/stages.js';

const folder = fileURLToPath(new URL('../../../bench/configs/', import.meta.url));
const SCALE = 1e-4;

/** Stages that are made of stages: there is nothing of their own to measure. */
const COMPOSITES: readonly string[] = ['Graph', 'GraphModel', 'Pipeline', 'PipelineModel'];
/** Entries that Flink ML has to show that a failure does not end the run. */
const FAILING: readonly string[] = ['Undefined-Parameter', 'Unmatch-Input'];
/** No entry of its vectors has 20 values or fewer; 100 rows have no two users who share two items. */
const WITHOUT_OUTPUT: readonly string[] = ['vectorindexer', 'swing'];

const files = readdirSync(folder).sort();
const configs = files.map((file) => readConfig(readFileSync(join(folder, file), 'utf8'), file));

/** What an entry asks for; those that are to fail are well-formed as well. */
const specs: readonly BenchmarkSpec[] = configs.flat().map(readEntry);

test('every stage is benchmarked, and nothing that is none', () => {
  const stages = Object.keys(STAGES).filter((name) => !COMPOSITES.includes(name));
  const benchmarked = new Set(specs.map(({ stage }) => simpleName(stage.className)));
  assert.equal([...benchmarked].sort(), stages.sort());
});

test('the files of Flink ML are there, with all of their entries', () => {
  const shipped = specs.filter(({ stage }) => stage.className.startsWith('org.apache.flink.ml.'));
  assert.is(shipped.length, 43);
  for (const { inputData } of shipped) {
    assert.match(inputData.className, /^org\.apache\.flink\.ml\.benchmark\.datagenerator\./);
  }
  const names = configs.flat().map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  assert.ok(files.every((file) => /^[a-z-]+\.json$/.test(file)));
});

const session = new Session({ threads: 0 });
const { signal } = new AbortController();

for (const [i, entries] of configs.entries()) {
  test(`${files[i]} runs on a ten-thousandth of the rows`, async () => {
    assert.ok(entries.length > 0);
    for (const entry of entries) {
      const { results } = await runBenchmark(entry, { session, signal, scale: SCALE });
      if (FAILING.includes(entry.name)) {
        assert.ok(!isMeasured(results));
        assert.match(results.exception, /^InvalidParamError \(ERR_GYRE_INVALID_PARAM\): /);
        continue;
      }
      assert.ok(isMeasured(results), `${entry.name}: ${JSON.stringify(results)}`);
      assert.ok(results.inputRecordNum >= 100 && results.inputRecordNum <= 10_000);
      const hasOutput = results.outputRecordNum > 0;
      assert.is(hasOutput, !WITHOUT_OUTPUT.includes(entry.name), entry.name);
    }
  });
}

test.after(() => session.destroy());

test.run();
