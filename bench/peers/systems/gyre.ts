/** Gyre: the program `gyre bench`, and a process of its framework that stays. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelFacts } from './model-facts.js';
import { type System, THREADS } from './system.js';

const program = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const warm = fileURLToPath(new URL('./gyre-process.js', import.meta.url));
const manifest = new URL('../../../../package.json', import.meta.url);

export const gyre: System = {
  name: 'Gyre',
  kmeansStart: 'sample',
  install: () => {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
    return `Gyre ${version} on Node ${process.versions.node}`;
  },
  endToEnd: ({ configFile }, resultFile) => ({
    file: process.execPath,
    args: [program, 'bench', configFile, '--threads', String(THREADS), '--output', resultFile],
  }),
  process: () => ({ file: process.execPath, args: ['--enable-source-maps', warm] }),
  factsOf: (_work, { model }) => model as ModelFacts,
};
