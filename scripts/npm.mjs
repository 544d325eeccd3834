/** Runs npm without its user interface, in any folder, also from inside an npm script. */

import { spawnSync } from 'node:child_process';

/**
 * What an outer `npm run` hands down and an inner npm must not obey: what it runs, where, and the flags it was
 * called with. Settings of the network (registry, certificates, proxies, tokens) stay.
 */
const OUTER =
  /^npm_(package_|lifecycle_|command$|config_(dry_run|global|(\w+_)?prefix|omit|include|only|production|json|ignore_scripts|workspaces?|save\w*|package_lock\w*|force)$)/i;

/** The environment for an npm that behaves as if it were called from a shell. */
function npmEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTER.test(name)));
}

/**
 * Runs `npm ...args` and waits. Its messages go to this process's standard error; its output is returned.
 *
 * @returns {{ status: number | null, stdout: string }} exit code (null when killed by the time-out), output
 */
export function npm(args, { cwd, timeoutMs } = {}) {
  const options = {
    cwd,
    timeout: timeoutMs,
    env: npmEnvironment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  };
  const all = [...args, '--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'];
  const cli = process.env.npm_execpath;
  const result =
    cli !== undefined && /npm-cli\.c?js$/.test(cli)
      ? spawnSync(process.execPath, [cli, ...all], options)
      : spawnSync('npm', all, { ...options, shell: process.platform === 'win32' });
  if (result.error !== undefined && result.status === null && result.signal === null) {
    throw new Error(`npm could not be started (${result.error.message}); is it on the PATH?`);
  }
  return { status: result.status, stdout: result.stdout ?? '' };
}
