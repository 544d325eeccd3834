/** The code blocks of Markdown pages: found, type-checked, compiled and run as a reader would. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The repository, with a slash at the end; compiled tests lie under build/. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));
// Inside the package, so that `gyre` means this build.
const FOLDER = join(ROOT, 'build', 'docs-snippets');
const TIMEOUT_MS = 60_000;

/**
 * A fenced block. The word after the language says what happens to it: nothing more for one that is
 * run, `no-run` for the shape of an API, which is not.
 */
export interface Snippet {
  /** `README.md:42`: the page and the line of the fence. */
  readonly where: string;
  readonly page: string;
  readonly language: string;
  readonly code: string;
  readonly runs: boolean;
  /** Name of a block that starts with `// file: name.ts`: written for the others, not run. */
  readonly file: string | null;
}

/** README.md, CONTRIBUTING.md, CHANGELOG.md and docs/. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs.sort().map((n) => `docs/${n}`)];
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** Every fenced block of a page, in order. Throws when a fence is not closed. */
export function snippetsOf(page: string, text: string = readPage(page)): Snippet[] {
  const snippets: Snippet[] = [];
  let open: { readonly info: string; readonly line: number; readonly code: string[] } | null = null;
  for (const [i, line] of text.split('\n').entries()) {
    const fence = line.match(/^```(.*)$/);
    if (fence === null) {
      open?.code.push(line);
    } else if (open === null) {
      open = { info: fence[1]!.trim(), line: i + 1, code: [] };
    } else {
      snippets.push(snippetOf(page, open));
      open = null;
    }
  }
  if (open !== null) throw new Error(`${page}:${open.line}: the code block is not closed`);
  return snippets;
}

function snippetOf(
  page: string,
  { info, line, code }: { info: string; line: number; code: readonly string[] },
): Snippet {
  const [language = '', ...words] = info.split(/\s+/);
  const file = code[0]?.match(/^\/\/ file: ([\w-]+)\.ts$/)?.[1] ?? null;
  const isCode = ['ts', 'js', 'typescript', 'javascript'].includes(language);
  const runs = isCode && file === null && !words.includes('no-run');
  return { where: `${page}:${line}`, page, language, code: code.join('\n'), runs, file };
}

/** A snippet on its way to being run. */
interface Written {
  readonly snippet: Snippet;
  /** Path of the source, `.ts`. */
  readonly path: string;
}

/**
 * Writes the runnable blocks of all pages, those of a page in one folder, and compiles them against
 * the package's types.
 *
 * @returns The problems that the compiler found, and the path of each block's JavaScript.
 */
export function compile(snippets: readonly Snippet[]): {
  readonly problems: readonly string[];
  readonly scripts: ReadonlyMap<Snippet, string>;
} {
  rmSync(FOLDER, { recursive: true, force: true });
  const written = snippets
    .filter(({ runs, file }) => runs || file !== null)
    .map((snippet, i): Written => {
      const folder = join(FOLDER, snippet.page.replace(/\W+/g, '-'));
      mkdirSync(folder, { recursive: true });
      const path = join(folder, `${snippet.file ?? `snippet-${i}`}.ts`);
      // A block without imports is a module as well.
      writeFileSync(path, `${snippet.code}\nexport {};\n`);
      return { snippet, path };
    });
  const program = ts.createProgram(
    written.map(({ path }) => path),
    compilerOptions(),
  );
  const found = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  const problems = found.map((diagnostic) => problemOf(diagnostic, written));
  const scripts = new Map(
    written.map(({ snippet, path }) => [snippet, path.replace(/\.ts$/, '.js')] as const),
  );
  return { problems, scripts };
}

/** Those of the repository, but for what only libraries have to do. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const { outDir: _, rootDir: __, tsBuildInfoFile: ___, ...rest } = options;
  return {
    ...rest,
    incremental: false,
    declaration: false,
    isolatedDeclarations: false,
    sourceMap: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
}

function problemOf(diagnostic: ts.Diagnostic, written: readonly Written[]): string {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
  const { file, start } = diagnostic;
  if (file === undefined) return message;
  const snippet = written.find(({ path }) => path === file.fileName)?.snippet;
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
  return `${snippet?.where ?? file.fileName}, line ${line + 1} of the block: ${message}`;
}

/** What came of a script. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a script in a process of its own, which must end by itself. */
export function runScript(path: string): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    cwd: dirname(path),
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  return { code: status, output: stdout, errors: stderr };
}

/**
 * What a block says that it prints: the comments behind `console.log(...);`, in order, where `...`
 * stands for anything.
 */
export function promisesOf(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said!);
}

/** The first promise that the lines of an output do not keep, in order; null when all are kept. */
export function brokenPromise(promises: readonly string[], output: string): string | null {
  const lines = output.split('\n').map((line) => line.trim());
  let at = 0;
  for (const said of promises) {
    const pattern = said.split('...').map((text) => text.replace(/[^\w\s]/g, '\\$&'));
    const wanted = new RegExp(`^${pattern.join('.*')}$`);
    const found = lines.findIndex((line, i) => i >= at && wanted.test(line));
    if (found < 0) return said;
    at = found + 1;
  }
  return null;
}
