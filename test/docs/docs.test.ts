// @timeout 300
/** What the pages say is true: code runs and prints what it says, tables, links and names agree. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as gyre from '../../src/index.js';
import {
  brokenPromise,
  compile,
  pages,
  promisesOf,
  ROOT,
  readPage,
  runScript,
  type Snippet,
  snippetsOf,
} from './snippets.js';

/** Pages whose code is run; CONTRIBUTING.md shows parts of this repository. */
const isRunPage = (page: string): boolean => page === 'README.md' || page.startsWith('docs/');

const snippets: readonly Snippet[] = pages()
  .filter(isRunPage)
  .flatMap((page) => snippetsOf(page));
const { problems, scripts } = compile(snippets);

test('every code block of README.md and docs/ compiles against the types', () => {
  assert.ok(snippets.some(({ runs }) => runs));
  assert.equal(problems, []);
});

for (const snippet of snippets) {
  if (!snippet.runs) continue;
  test(`${snippet.where} runs, prints what it says, and exits by itself`, () => {
    const { code, output, errors } = runScript(scripts.get(snippet)!);
    assert.is(code, 0, `${errors}${output}`);
    const promises = promisesOf(snippet.code);
    const broken = brokenPromise(promises, output);
    assert.is(broken, null, `it says: ${broken}\nit printed:\n${output}`);
  });
}

test('what is a block, what it promises, and what breaks a promise', () => {
  const fence = '```';
  const text = [
    `${fence}ts`,
    '// file: a.ts',
    fence,
    `${fence}ts no-run`,
    'shape',
    fence,
    `${fence}sh`,
    'npm test',
    fence,
    `${fence}js`,
    'console.log(1); // 1',
    'console.log([2]); // [ ... ]',
    fence,
  ].join('\n');
  const found = snippetsOf('page.md', text);
  assert.equal(
    found.map(({ runs, file }) => [runs, file]),
    [
      [false, 'a'],
      [false, null],
      [false, null],
      [true, null],
    ],
  );
  assert.is(found[3]!.where, 'page.md:10');
  const promises = promisesOf(found[3]!.code);
  assert.equal(promises, ['1', '[ ... ]']);
  assert.is(brokenPromise(promises, '1\nmore\n[ 2 ]\n'), null);
  assert.is(brokenPromise(promises, '[ 2 ]\n1\n'), '[ ... ]');
  assert.is(brokenPromise(['10'], '1\n'), '10');
  assert.throws(() => snippetsOf('page.md', `${fence}ts`), /page\.md:1/);
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('links between pages lead somewhere', () => {
  const broken: string[] = [];
  for (const page of pages()) {
    const text = readPage(page).replace(/^```[\s\S]*?^```/gm, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [path, anchor] = target!.split('#') as [string, string?];
      const file = path === '' ? page : join(dirname(page), path);
      const exists = existsSync(join(ROOT, file));
      const found = exists && (anchor === undefined || anchorsOf(file).includes(anchor));
      if (!found) broken.push(`${page}: ${target}`);
    }
  }
  assert.equal(broken, []);
});

test('README.md names every error code', () => {
  const readme = readPage('README.md');
  const source = readFileSync(join(ROOT, 'src/core/errors.ts'), 'utf8');
  const codes = new Set(source.match(/ERR_GYRE_[A-Z]+/g));
  assert.ok(codes.size > 10);
  assert.equal(
    [...codes].filter((code) => !readme.includes(code)),
    [],
  );
});

test('tests that docs/differences.md names are there', () => {
  const page = 'docs/differences.md';
  const named = [...readPage(page).matchAll(/`(test\/[\w/.-]+)`: "([^"]+)"/g)];
  assert.ok(named.length > 5);
  const missing = named.filter(([, path, title]) => {
    const file = join(ROOT, path!);
    // A line break of the page is a space of the title.
    return !existsSync(file) || !readFileSync(file, 'utf8').includes(title!.replace(/\s+/g, ' '));
  });
  assert.equal(
    missing.map(([whole]) => whole),
    [],
  );
});

interface AnyStageClass {
  readonly className: string;
  readonly params: Readonly<Record<string, { readonly default: unknown }>>;
}

const isStageClass = (value: unknown): value is AnyStageClass =>
  typeof value === 'function' && 'className' in value && 'params' in value;

/** A default as a table of docs/stages.md shows it. */
function shown(value: unknown): string {
  if (value === undefined) return 'required';
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

/** Names and defaults by class: rows `| name | default | ... |` under a heading of the class. */
function paramTables(): Map<string, [string, string][]> {
  const tables = new Map<string, [string, string][]>();
  let current: [string, string][] | undefined;
  for (const line of readPage('docs/stages.md').split('\n')) {
    const heading = line.match(/^#+ (\w+)$/)?.[1];
    if (heading !== undefined) {
      current = [];
      tables.set(heading, current);
    }
    const row = line.match(/^\| `(\w+)` \| `?([^|`]*)`? \|/);
    if (row !== null) current?.push([row[1]!, row[2]!.trim()]);
  }
  return tables;
}

test('docs/stages.md has the params of every stage, with their defaults', () => {
  const classes = Object.values(gyre as Readonly<Record<string, unknown>>).filter(isStageClass);
  assert.ok(classes.length > 0);
  const tables = paramTables();
  for (const { className, params } of classes) {
    const want = Object.entries(params).map(([name, param]) => [name, shown(param.default)]);
    const byName = (a: readonly string[], b: readonly string[]) => (a[0]! < b[0]! ? -1 : 1);
    assert.equal(tables.get(className)?.sort(byName), want.sort(byName) as never, className);
  }
});

test.run();
