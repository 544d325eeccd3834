/**
 * Makes a clone ready to run: checks the Node version, installs from package-lock.json when node_modules is
 * missing or stale, builds what is stale. One line for each thing done, none when everything is fresh.
 *
 * Imports nothing but what ships with Node, and nothing that an old Node cannot read: it has to run before
 * there is a node_modules, and to be able to say that Node is too old.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function nodeIsTooOld(version) {
  const [major, minor] = version.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * What npm last installed is what the lock file asks for: every package is there, with the version and the
 * checksum of the lock. Compared by content, not by time stamps: a checkout sets those as it likes.
 * npm writes node_modules/.package-lock.json last, so an interrupted installation counts as stale.
 *
 * @returns {string | undefined} why an installation is needed
 */
function whyInstall() {
  const manifest = readJson(join(root, 'package.json'));
  const lock = readJson(join(root, 'package-lock.json'))?.packages;
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return 'node_modules is missing';
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    if (JSON.stringify(manifest?.[kind]) !== JSON.stringify(lock?.['']?.[kind])) {
      return `package.json and package-lock.json differ in ${kind}`;
    }
  }
  for (const [path, wanted] of Object.entries(lock)) {
    if (path === '') continue;
    const got = installed[path];
    if (got === undefined) {
      if (wanted.optional || wanted.devOptional) continue;
      return `${path} is missing`;
    }
    if (got.version !== wanted.version || got.integrity !== wanted.integrity) {
      return `${path} is ${got.version}, the lock file asks for ${wanted.version}`;
    }
    if (!existsSync(join(root, path, 'package.json'))) return `${path} is missing`;
  }
  return undefined;
}

async function ensure() {
  if (nodeIsTooOld(process.versions.node)) {
    console.error(
      `Gyre needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`,
    );
    return 1;
  }
  const reason = whyInstall();
  if (reason !== undefined) {
    const { npm } = await import('./npm.mjs');
    console.log(`install: npm ci (${reason})`);
    // What builds and tests is in devDependencies: NODE_ENV=production must not leave it out.
    const { status } = npm(['ci', '--include=dev', '--include=optional'], { cwd: root });
    if (status !== 0) {
      console.error(`install: npm ci failed (exit code ${status}); see the messages above.`);
      return 1;
    }
    const still = whyInstall();
    if (still !== undefined) {
      console.error(`install: npm ci ended well, but ${still}.`);
      return 1;
    }
  }
  const { build } = await import('./build.mjs');
  return (await build()) ? 0 : 1;
}

process.exitCode = await ensure();
