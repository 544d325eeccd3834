/** The pages that are made of docstrings, and the table of stages in docs/stages.md. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as gyre from '../../src/index.js';
import { brokenLinks, linksOf } from './links.js';
import { ROOT, readPage } from './snippets.js';

interface StageDocs {
  readonly writeStagePages: (folder: string, gyre: object, entry?: string) => number;
}
interface AnyStageClass {
  readonly className: string;
  readonly params: Readonly<Record<string, { readonly default: unknown }>>;
}

const isStageClass = (value: unknown): value is AnyStageClass =>
  typeof value === 'function' && 'className' in value && 'params' in value;

const stages = Object.values(gyre as Readonly<Record<string, unknown>>).filter(isStageClass);
const names = stages.map(({ className }) => className).sort();

const script = pathToFileURL(join(ROOT, 'scripts', 'stage-docs.mjs')).href;
const { writeStagePages } = (await import(script)) as StageDocs;
const folder = mkdtempSync(join(tmpdir(), 'gyre-stage-docs-'));
test.after(() => rmSync(folder, { recursive: true }));

const pagesFolder = join(folder, 'pages');
mkdirSync(pagesFolder);
writeFileSync(join(pagesFolder, 'Gone.md'), 'the page of a stage that is no more');
const count = writeStagePages(pagesFolder, gyre);
const pageOf = (name: string): string => readFileSync(join(pagesFolder, `${name}.md`), 'utf8');

test('every exported stage is in the tables of docs/stages.md once, and nothing else is', () => {
  const [, tables] = readPage('docs/stages.md').split('\n## All stages\n');
  const cells = [...tables!.matchAll(/^\| (\[.*?\)) \|/gm)].map(([, cell]) => cell!);
  const rows = cells.flatMap((cell) => [...cell.matchAll(/\[(\w+)\]\(([^)]+)\)/g)]);
  assert.equal(rows.map(([, name]) => name).sort(), names);
  const others = rows.filter(([, name, path]) => {
    const source = readFileSync(join(ROOT, 'docs', path!), 'utf8');
    return !source.includes(`export class ${name} `);
  });
  assert.equal(
    others.map(([link]) => link),
    [],
  );
});

test('every exported stage has a page, and pages of stages that are gone are removed', () => {
  assert.is(count, stages.length);
  assert.equal(
    readdirSync(pagesFolder).sort(),
    ['README.md', ...names.map((n) => `${n}.md`)].sort(),
  );
  const index = linksOf(pageOf('README')).map((link) => link.replace(/\.md$/, ''));
  assert.equal([...new Set(index)].filter((name) => names.includes(name)).sort(), names);
});

test('a page has every param of its stage, in order, with default, validity and meaning', () => {
  for (const { className, params } of stages) {
    const [, section] = pageOf(className).split('\n## Params\n');
    const rows = section!
      .split('\n## ')[0]!
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.slice(2, -2).split(/(?<!\\) \| /));
    assert.equal(
      rows.map(([name]) => name),
      Object.keys(params).map((name) => `\`${name}\``),
      className,
    );
    for (const row of rows) {
      assert.is(row.length, 4, `${className}: ${row.join(' | ')}`);
      assert.ok(
        row.every((cell) => cell.trim() !== ''),
        `${className}: ${row.join(' | ')}`,
      );
      assert.not.match(row[3]!, 'Default:');
    }
  }
});

test('defaults are those of the live tables, with what docstrings add', () => {
  assert.match(pageOf('KMeans'), '| `k` | `2` | an integer >= 2 | Number of clusters');
  assert.match(
    pageOf('KMeans'),
    "| `seed` | `null`, which is Flink ML's own | an integer, or null |",
  );
  assert.match(pageOf('FeatureHasher'), '| `inputCols` | required |');
  assert.match(pageOf('FeatureHasher'), '| `categoricalCols` | `[]` (none) |');
  assert.match(pageOf('SQLTransformer'), '| a string with \\_\\_THIS\\_\\_ in it |');
});

test('a page has model data, members, sources, and links to the pages of other stages', () => {
  const model = pageOf('KMeansModel');
  assert.match(model, '| `centroids` | k centroids of one size. |');
  assert.match(model, 'Made by [`KMeans`](KMeans.md)`.fit`');
  assert.match(
    pageOf('KMeans'),
    '- Lloyd, Least squares quantization in PCM, 1982; KMeans of Flink ML.',
  );
  assert.match(pageOf('OnlineLogisticRegressionModel'), '| `snapshot()` | The model after all');
  assert.match(
    pageOf('OnlineStandardScalerModel'),
    '| `version` | 0, 1, 2, ...: one more a window.',
  );
});

test('links of the pages lead somewhere', () => {
  const broken = readdirSync(pagesFolder).flatMap((file) => brokenLinks(join(pagesFolder, file)));
  assert.equal(broken, []);
  assert.not.match([...names, 'README'].map(pageOf).join('\n'), '{@');
});

test('examples of pages import what they use', () => {
  const examples = names.flatMap((name) => [...pageOf(name).matchAll(/^```ts\n([\s\S]*?)^```/gm)]);
  assert.ok(examples.length > 40);
  for (const [, example] of examples) {
    const [line, ...body] = example!.split('\n');
    const imported = line!.match(/^import \{ (.+) \} from 'gyre';$/)?.[1]?.split(', ') ?? [];
    const used = Object.keys(gyre).filter((name) =>
      new RegExp(`\\bnew ${name}\\b`).test(body.join('\n')),
    );
    assert.ok(used.length > 0 || imported.length > 0, example);
    assert.equal(
      used.filter((name) => !imported.includes(name)),
      [],
    );
  }
});

/** A package of one stage: its source, and the live module that it compiles to. */
async function makePackage(name: string, source: string): Promise<[module: object, entry: string]> {
  const home = join(folder, name);
  mkdirSync(home);
  const entry = join(home, 'index.ts');
  writeFileSync(entry, source);
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  writeFileSync(join(home, 'index.mjs'), outputText);
  const module: object = await import(pathToFileURL(join(home, 'index.mjs')).href);
  return [module, entry];
}

const TYPES = `
interface Param<T> { readonly default: T; readonly expected: string }
type ParamTable<V> = { readonly [K in keyof V]: Param<V[K]> };
`;

test('what is not said, or said wrongly, fails by name, and nothing is written', async () => {
  const [module, entry] = await makePackage(
    'silent',
    `${TYPES}
    interface SilentParams {
      readonly rounds: number;
      /** How many. **Default:** 3. */
      readonly many: number;
      /** Which. **Default:** \`'a'\`, as ever. See {@link Nowhere}. */
      readonly which: string;
    }
    export class Silent {
      static readonly className = 'Silent';
      static readonly params: ParamTable<SilentParams> = {
        rounds: { default: 1, expected: 'an integer' },
        many: { default: 2, expected: 'an integer' },
        which: { default: 'a', expected: 'a word' },
      };
      get modelData(): { readonly mean: number } {
        return { mean: 0 };
      }
    }`,
  );
  const target = join(folder, 'unwritten');
  try {
    writeStagePages(target, module, entry);
    assert.unreachable();
  } catch (error) {
    assert.equal((error as Error).message.split('\n'), [
      'Silent has no docstring',
      'Silent.rounds has no docstring',
      'Silent.many: the default is `2`, the docstring has 3',
      'Silent: {@link Nowhere} leads nowhere',
      'Silent.modelData.mean has no docstring',
    ]);
  }
  assert.not.ok(readdirSync(folder).includes('unwritten'));
});

test('a stage of a package of its own has a page like all others', async () => {
  const [module, entry] = await makePackage(
    'spoken',
    `${TYPES}
    interface Base {
      /** How many of \`a | b\`. **Default:** 2, or so. More of it. */
      readonly many: number;
    }
    interface SpokenParams extends Base {
      readonly many: number;
    }
    /**
     * Speaks of 0, 1, ... words: {@link Spoken.words}.
     *
     * @throws Error never.
     * @see Somebody, 1999.
     * @example
     * \`\`\`ts
     * const spoken = new Spoken();
     * \`\`\`
     */
    export class Spoken {
      static readonly className = 'Spoken';
      static readonly params: ParamTable<SpokenParams> = { many: { default: 2, expected: 'an int' } };
      /** The words. */
      words(): void {}
      /** @internal Not for readers. */
      hidden(): void {}
    }`,
  );
  const target = join(folder, 'spoken-pages');
  assert.is(writeStagePages(target, module, entry), 1);
  const source = relative(ROOT, entry).replaceAll('\\', '/');
  assert.equal(readFileSync(join(target, 'Spoken.md'), 'utf8').split('\n'), [
    '# Spoken',
    '',
    `Stage of stages, in [${source}](../spoken/index.ts).`,
    '',
    'Speaks of 0, 1, ... words: `Spoken.words`.',
    '',
    '## Params',
    '',
    '| param | default | valid | meaning |',
    '| --- | --- | --- | --- |',
    '| `many` | `2`, or so | an int | How many of `a \\| b`. More of it. |',
    '',
    '## Members',
    '',
    '| member | what it is |',
    '| --- | --- |',
    '| `words()` | The words. |',
    '',
    '## Example',
    '',
    '```ts',
    "import { Spoken } from 'gyre';",
    '',
    'const spoken = new Spoken();',
    '```',
    '',
    '## Errors',
    '',
    '- Error never.',
    '',
    '## Sources',
    '',
    '- Somebody, 1999.',
    '',
  ]);
  assert.match(readFileSync(join(target, 'README.md'), 'utf8'), 'Speaks of 0, 1, ... words');
});

test.run();
