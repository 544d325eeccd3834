import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gyre, startGyre, withFolder } from './gyre.js';

const demo = fileURLToPath(new URL('../../../bench/configs/benchmark-demo.json', import.meta.url));

test('a file is run: a table, the results beside their entries, and a page', () => {
  withFolder((folder) => {
    const [output, page] = [join(folder, 'new', 'out.json'), join(folder, 'page.html')];
    const flags = ['--output', output, '--html', page, '--threads', '0', '--scale', '0.1'];
    const { status, stdout, stderr } = gyre(['bench', demo, ...flags]);
    assert.is(status, 0, stderr);
    assert.is(stderr, '');
    assert.match(stdout, /^benchmark +rows in +rows out +time +rows in\/s +peak memory$/m);
    assert.match(stdout, /^KMeansModel-5 +5,000 +5,000 +0\.\d\d s/m);
    assert.match(stdout, /^Unmatch-Input {2}failed: InvalidParamError .*colNames must be/m);
    assert.match(stdout, /^0 threads · (simd|relaxed) kernels$/m);
    assert.ok(stdout.includes(`results: ${output}\n`));
    assert.ok(stdout.includes(`page: ${page}\n`));

    const { version, ...entries } = JSON.parse(readFileSync(output, 'utf8'));
    assert.is(version, 1);
    assert.is(Object.keys(entries).length, 8);
    const { stage, inputData, results } = entries['KMeans-1'];
    assert.is(stage.className, 'org.apache.flink.ml.clustering.kmeans.KMeans');
    assert.is(inputData.paramMap.numValues, 10_000);
    assert.equal([results.inputRecordNum, results.outputRecordNum], [1000, 2]);
    assert.match(entries['Undefined-Parameter'].results.exception, /has no param "featureCol"/);

    const html = readFileSync(page, 'utf8');
    assert.is(html.match(/<svg /g)?.length, 2);
    assert.match(html, /6 of 8 benchmarks of benchmark-demo\.json on 0 threads/);
    // Bars of six, and one curve: the model with inputs of five sizes.
    assert.is(html.match(/stroke-width="14"/g)?.length, 6);
    assert.is(html.match(/<circle /g)?.length, 5);
    assert.match(html, /Unmatch-Input failed/);
    assert.not.match(html, /NaN|undefined|<script|https?:/);
  });
});

test('a page without a figure has the failures alone', () => {
  withFolder((folder) => {
    const [config, page] = [join(folder, 'c.json'), join(folder, 'page.html')];
    writeFileSync(config, '{"version": 1, "<b>": {"stage": {"className": "<i>"}}}');
    const { status } = gyre(['bench', config, '--html', page]);
    assert.is(status, 0);
    const html = readFileSync(page, 'utf8');
    assert.match(html, /0 of 1 benchmarks of c\.json/);
    assert.not.match(html, /<b>|<i>|<svg/);
  });
});

test('what is no file of benchmarks ends with exit code 1 and one line', () => {
  withFolder((folder) => {
    const config = join(folder, 'config.json');
    writeFileSync(config, '{"version": 2}');
    const cases: [args: string[], message: RegExp][] = [
      [[config], /^gyre: .*config\.json: version must be 1, got 2\.\n$/],
      [[join(folder, 'none.json')], /^gyre: ENOENT: .*none\.json'\n$/],
      [[], /^gyre: missing required argument 'config'/],
      [[demo, '--scale', '0'], /^gyre: .*'0' is invalid\. It must be a number > 0\./],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = gyre(['bench', ...args]);
      assert.is(status, 1, args.join(' '));
      assert.is(stdout, '');
      assert.match(stderr, message);
    }
  });
});

const interrupt = process.platform === 'win32' ? test.skip : test;
interrupt('Ctrl-C keeps what has been measured', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gyre-bench-test-'));
  try {
    const [config, output] = [join(folder, 'c.json'), join(folder, 'out.json')];
    const entry = (numValues: number) => ({
      stage: { className: 'DCT' },
      inputData: {
        className: 'DenseVectorGenerator',
        paramMap: { colNames: [['input']], vectorDim: 64, numValues },
      },
    });
    writeFileSync(config, JSON.stringify({ version: 1, short: entry(100), long: entry(1e9) }));
    const child = startGyre(['bench', config, '--output', output, '--threads', '0']);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const [stdout, stderr] = [text(child.stdout!), text(child.stderr!)];
    await new Promise((resolve) => child.stderr!.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill('SIGINT');
    // One that does not heed it must not outlive the test.
    const last = setTimeout(() => child.kill('SIGKILL'), 10_000);
    assert.is(await ended, 130);
    clearTimeout(last);
    assert.is(await stdout, '');
    assert.is(await stderr, 'ready\ngyre: interrupted.\n');
    const { version, ...entries } = JSON.parse(readFileSync(output, 'utf8'));
    assert.is(version, 1);
    assert.equal(Object.keys(entries), ['short']);
    assert.is(entries.short.results.outputRecordNum, 100);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
