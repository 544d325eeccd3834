// @timeout 300
/** What the pages say is true: code runs and prints what it says, tables, links and names agree. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { brokenLinks } from './links.js';
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

test('links between pages lead somewhere', () => {
  assert.equal(
    pages().flatMap((page) => brokenLinks(join(ROOT, page))),
    [],
  );
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

test.run();
