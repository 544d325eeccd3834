import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const MAX_LINES = 600;

/** Each layer with the layers it builds on; a layer may also import itself and what those may. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  core: [],
  table: ['core'],
  io: ['table'],
  memory: ['table'],
  engine: ['memory'],
  algorithm: ['engine'],
  stage: ['algorithm', 'io'],
  online: ['stage'],
  optimization: ['stage'],
  families: ['online', 'optimization'],
  pipeline: ['families'],
  benchmark: ['pipeline'],
  cli: ['benchmark', 'pipeline', 'index'],
  index: ['cli'],
};

/** One stage a file, all in one layer. */
const FAMILIES: readonly string[] = [
  'classification',
  'clustering',
  'regression',
  'feature',
  'recommendation',
  'stats',
  'evaluation',
];

/** The layers that a layer may import, itself included. */
function allowedFrom(layer: string, seen: Set<string> = new Set()): Set<string> {
  if (!seen.has(layer)) {
    seen.add(layer);
    for (const below of BELOW[layer] ?? []) allowedFrom(below, seen);
  }
  return seen;
}

/** The layer of a path such as `src/table/column.ts`; undefined when there is no such layer. */
function layerOf(path: string): string | undefined {
  if (path === 'src/index.ts') return 'index';
  const folder = path.match(/^src\/([^/]+)\//)?.[1] ?? '';
  if (FAMILIES.includes(folder)) return 'families';
  return folder in BELOW && folder !== 'families' && folder !== 'index' ? folder : undefined;
}

/** What the rules look at in one source file. */
interface Facts {
  /** Every module specifier: of imports and exports, type-only ones too, and of `import()`. */
  readonly imports: readonly string[];
  /** `object.property` for every access of a property of a plain name. */
  readonly accesses: readonly string[];
}

function factsOf(path: string, text: string): Facts {
  const imports: string[] = [];
  const accesses: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
        imports.push(node.moduleSpecifier.text);
      }
    } else if (ts.isImportTypeNode(node)) {
      if (ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
        imports.push(node.argument.literal.text);
      }
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteralLike(specifier)) imports.push(specifier.text);
    } else if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      accesses.push(`${node.expression.text}.${node.name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false));
  return { imports, accesses };
}

/** The source path that a specifier in a file means; undefined for a package. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier === 'gyre' || specifier.startsWith('gyre/')) return 'src/index.ts';
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** What one file does against the rules, as sentences. */
function violations(path: string, text: string): string[] {
  const layer = layerOf(path);
  if (layer === undefined) return [`${path}: not in a layer of DESIGN's list`];
  const found: string[] = [];
  const allowed = allowedFrom(layer);
  const { imports, accesses } = factsOf(path, text);
  for (const specifier of imports) {
    if (specifier === '@assemblyscript/loader' && path !== 'src/memory/kernels.ts') {
      found.push(`${path}: only src/memory/kernels.ts may import ${specifier}`);
    }
    const target = resolveImport(path, specifier);
    if (target === undefined) continue;
    const targetLayer = layerOf(target);
    if (targetLayer === undefined || !allowed.has(targetLayer)) {
      found.push(`${path}: ${layer} may not import ${specifier} (${targetLayer ?? 'no layer'})`);
    }
  }
  const numeric = layer === 'algorithm' || layer === 'families';
  for (const access of accesses) {
    if (access === 'Math.random') found.push(`${path}: Math.random cannot be seeded`);
    if (access.startsWith('console.') && layer !== 'cli') {
      found.push(`${path}: ${access}; the library never prints`);
    }
    if (access === 'Date.now' && numeric) {
      found.push(`${path}: Date.now; results may depend on the input and the seed alone`);
    }
  }
  return found;
}

/** Paths of the files under a folder, relative to the root. */
function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).split(sep).join('/'));
}

/** Paths of the files that git tracks or would track; all but generated ones where there is no git. */
function trackedFiles(): string[] {
  const git = spawnSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (git.status === 0) {
    // A file that is deleted but not yet committed is still listed.
    return git.stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  }
  const folders = ['src', 'assembly', 'test', 'bench', 'examples', 'docs', 'scripts'];
  return folders.flatMap(filesUnder);
}

const sources: readonly string[] = filesUnder('src').filter((path) => path.endsWith('.ts'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('imports go down the layers only, and no source reaches for what it may not', () => {
  assert.ok(sources.length > 0);
  assert.equal(
    sources.flatMap((path) => violations(path, read(path))),
    [],
  );
});

test('the rules see every kind of import and every forbidden access', () => {
  const cases: [path: string, text: string, violations: number][] = [
    ['src/table/a.ts', `import { x } from '../core/errors.js';`, 0],
    ['src/table/a.ts', `import type { X } from '../memory/arena.js';`, 1],
    ['src/table/a.ts', `export type { X } from '../memory/arena.js';`, 1],
    ['src/table/a.ts', `export * from '../io/csv.js';`, 1],
    ['src/core/a.ts', `type X = import('../table/table.js').Table;`, 1],
    ['src/core/a.ts', `await import('../table/table.js');`, 1],
    ['src/core/a.ts', `import '../index.js';`, 1],
    ['src/core/a.ts', `import { KMeans } from 'gyre';`, 1],
    ['src/io/a.ts', `import '../memory/arena.js';`, 1],
    ['src/engine/a.ts', `import '../io/csv.js';`, 1],
    ['src/stage/a.ts', `import '../io/csv.js'; import '../engine/session.js';`, 0],
    ['src/clustering/a.ts', `import '../feature/b.js'; import '../stage/model.js';`, 0],
    ['src/clustering/a.ts', `import '../pipeline/pipeline.js';`, 1],
    ['src/stage/a.ts', `import '../pipeline/pipeline.js';`, 1],
    ['src/clustering/a.ts', `import '../pipeline/pipeline.js';`, 1],
    ['src/pipeline/a.ts', `import '../clustering/b.js'; import '../stage/c.js';`, 0],
    ['src/index.ts', `export * from './clustering/kmeans.js'; export * from './cli/main.js';`, 0],
    ['src/cli/main.ts', `import { KMeans } from '../index.js'; console.log(Date.now());`, 0],
    ['src/engine/a.ts', `import { instantiate } from '@assemblyscript/loader';`, 1],
    ['src/memory/kernels.ts', `import { instantiate } from '@assemblyscript/loader';`, 0],
    ['src/engine/a.ts', `Math.random(); console.warn(1); Date.now();`, 2],
    ['src/clustering/a.ts', `const t = Date.now(); // and console.log in a comment`, 1],
    ['src/helpers/a.ts', ``, 1],
    ['src/loose.ts', ``, 1],
  ];
  for (const [path, text, count] of cases) {
    const found = violations(path, text);
    assert.is(found.length, count, `${path}: ${text}\n${found.join('\n')}`);
  }
});

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const long = trackedFiles()
    .filter((path) => /\.(ts|mjs|js)$/.test(path))
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.equal(long, []);
});

test('no tracked file names a path of one machine', () => {
  const shared = new RegExp(['\\.\\./', 'shared\\b'].join(''));
  const home = /(?<![\w.~-])\/(?:home|Users|root|work)\/\w/;
  const found: string[] = [];
  for (const path of trackedFiles()) {
    const text = read(path);
    if (text.includes('\0')) continue;
    for (const [i, line] of text.split('\n').entries()) {
      if (shared.test(line) || home.test(line)) found.push(`${path}:${i + 1}: ${line.trim()}`);
    }
  }
  assert.equal(found, []);
});

test.run();
