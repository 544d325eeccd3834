/** The examples of docstrings, run as scripts. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import * as gyre from '../../src/index.js';

const ROOT = new URL('../../../', import.meta.url);
const FOLDER = new URL('build/test/estimators/scripts/', ROOT);
const TIMEOUT_MS = 60_000;

/** What came of a script. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a script of its own inside the package, where `gyre` means this build. */
export function runScript(name: string, source: string): Outcome {
  mkdirSync(FOLDER, { recursive: true });
  const path = fileURLToPath(new URL(`${name}.mjs`, FOLDER));
  const names = Object.keys(gyre).filter((known) => new RegExp(`\\b${known}\\b`).test(source));
  const { outputText } = ts.transpileModule(
    `import { ${names.join(', ')} } from 'gyre';\n${source}`,
    { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 } },
  );
  writeFileSync(path, outputText);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  return { code: status, output: stdout, errors: stderr };
}

/** The code of every `@example` in the docstring of a class, a function or a constant. */
export function examplesOf(sourcePath: string, name: string): string[] {
  const text = readFileSync(new URL(sourcePath, ROOT), 'utf8');
  const at = text.search(new RegExp(`export (?:class|function|const) ${name}\\b`));
  const doc = text.slice(text.lastIndexOf('/**', at), at).replaceAll(/^ \* ?/gm, '');
  return [...doc.matchAll(/@example\n```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
}

/** What an example says that it prints: the comments behind `console.log`, `...` for anything. */
export function promised(example: string): RegExp {
  const parts = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said!);
  const literal = (text: string) => text.replaceAll(/[^\w\s]/g, '\\$&').replaceAll(/\s+/g, '');
  const pattern = parts.map((said) => said.split('...').map(literal).join('.*')).join('');
  return new RegExp(`^${pattern}$`, 's');
}

/** Output without white space: long arrays are printed on several lines. */
export function withoutSpace(output: string): string {
  return output.replaceAll(/\s+/g, '');
}
