/**
 * Runs the compiled test files, each in a process of its own, two at a time, and sums up what uvu reports.
 *
 *   node test/run.mjs [filter...]      filter: part of a path, such as memory/ring or test/core/errors.test.ts
 *
 * A file fails when a test fails, when it ran none, when it ends without uvu's summary or with another exit code
 * than 0, and when it takes too long or leaves a process behind. Comments at the top of a test file:
 *
 *   // @timeout 300     seconds until its whole process group is killed; 120 if absent
 *   // @serial          run alone, after all others: for tests that measure time
 *
 * GYRE_TEST_NODE names another Node to run the files with. `--root <dir>` (for the test of this runner) is
 * the folder that holds build/test and test. The last line is always `N passed, N failed, N skipped`.
 */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';

const DEFAULT_TIMEOUT_S = 120;
const CONCURRENCY = 2;
/** How long the output of a file may stay open after the file itself has ended. */
const LINGER_MS = 3_000;

const { values, positionals: filters } = parseArgs({
  options: { root: { type: 'string', default: dirname(import.meta.dirname) } },
  allowPositionals: true,
});
const root = resolve(values.root);
const node = process.env.GYRE_TEST_NODE || process.execPath;
const running = new Set();

/** The compiled test files, as `core/errors`, sorted. */
function findTests() {
  const folder = join(root, 'build', 'test');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.test.js'))
    .map((path) => path.slice(0, -'.test.js'.length))
    .sort();
}

/** The tests a filter names: by any part of the path of the source or of the compiled file. */
function select(tests, filter) {
  const wanted = relative(root, resolve(root, filter)).split(sep).join('/');
  const part = wanted.replace(/^build\//, '').replace(/\.(ts|js)$/, '');
  return tests.filter((name) => `test/${name}.test`.includes(part));
}

/** The markers in the comment at the top of a test's source. */
function markers(name) {
  const source = join(root, 'test', `${name}.test.ts`);
  const compiled = join(root, 'build', 'test', `${name}.test.js`);
  const text = readFileSync(existsSync(source) ? source : compiled, 'utf8');
  const top = text.match(/^(?:\s*\/\/.*\n|\s*\n)*/)?.[0] ?? '';
  const timeout = top.match(/^\s*\/\/ @timeout (\d+)\s*$/m)?.[1];
  return {
    timeoutS: timeout === undefined ? DEFAULT_TIMEOUT_S : Number(timeout),
    serial: /^\s*\/\/ @serial\s*$/m.test(top),
  };
}

function killGroup(child) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}

/** Runs one file to its end; resolves to its output, exit code, and why it was killed, if it was. */
function execute(name, timeoutS) {
  return new Promise((done) => {
    const file = join(root, 'build', 'test', `${name}.test.js`);
    const chunks = [];
    let killed;
    let linger;
    const child = spawn(node, ['--enable-source-maps', file], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const kill = (reason) => {
      killed ??= reason;
      killGroup(child);
    };
    running.add(child);
    const timer = setTimeout(() => kill(`killed after ${timeoutS} s`), timeoutS * 1000);
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const finish = (code, signal) => {
      clearTimeout(timer);
      clearTimeout(linger);
      running.delete(child);
      const output = stripVTControlCharacters(Buffer.concat(chunks).toString());
      done({ output, code, killed: killed ?? (signal ? `ended by ${signal}` : undefined) });
    };
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      if (child.pid === undefined) finish(1, null);
    });
    child.on('exit', () => {
      linger = setTimeout(() => kill('left a process behind'), LINGER_MS);
    });
    child.on('close', (code, signal) => {
      killGroup(child);
      finish(code, signal);
    });
  });
}

/** What uvu's last summary says, or undefined when there is none. */
function parseSummary(output) {
  const all = [
    ...output.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n/gm),
  ];
  const last = all.at(-1);
  return last && { total: Number(last[1]), passed: Number(last[2]), skipped: Number(last[3]) };
}

/** Runs one file and judges it; `problem` says why a file counts as failed. */
async function runFile(name) {
  const { timeoutS } = markers(name);
  const start = performance.now();
  const { output, code, killed } = await execute(name, timeoutS);
  const ms = Math.round(performance.now() - start);
  const { total, passed, skipped } = parseSummary(output) ?? { total: 0, passed: 0, skipped: 0 };
  let failed = total - passed;
  let problem = failed > 0 ? `${failed} failed` : undefined;
  if (killed !== undefined) problem = killed;
  else if (parseSummary(output) === undefined) problem = `no summary, exit code ${code}`;
  else if (total === 0) problem = 'ran 0 tests';
  else if (code !== 0 && failed === 0) problem = `exit code ${code}`;
  if (problem !== undefined && failed === 0) failed = 1;
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  const verdict = problem === undefined ? 'ok  ' : 'FAIL';
  const reason = problem === undefined ? '' : `  (${problem})`;
  console.log(`${verdict} ${name.padEnd(40)} ${passed} passed${skips}, ${ms} ms${reason}`);
  return { name, passed, failed, skipped, problem, output };
}

/** Takes names from the front of a queue, `width` files at a time. */
async function runAll(queue, width, results) {
  const lane = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      results.push(await runFile(name));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

async function main() {
  const results = [];
  const tests = findTests();
  let selected = tests;
  if (filters.length > 0) {
    const perFilter = filters.map((filter) => select(tests, filter));
    for (const [i, found] of perFilter.entries()) {
      if (found.length > 0) continue;
      console.log(`No test file matches ${filters[i]}.`);
      results.push({ passed: 0, failed: 1, skipped: 0 });
    }
    selected = tests.filter((name) => perFilter.some((found) => found.includes(name)));
  } else if (tests.length === 0) {
    console.log('There are no compiled test files under build/test; run the build first.');
    results.push({ passed: 0, failed: 1, skipped: 0 });
  }
  const isSerial = new Map(selected.map((name) => [name, markers(name).serial]));
  await runAll(
    selected.filter((name) => !isSerial.get(name)),
    CONCURRENCY,
    results,
  );
  await runAll(
    selected.filter((name) => isSerial.get(name)),
    1,
    results,
  );

  for (const { name, problem, output } of results) {
    // A single file is run to look at it, so its output is shown even when it passed.
    if (problem === undefined && (selected.length > 1 || output === undefined)) continue;
    if (name !== undefined)
      console.log(`\n---- ${name}${problem ? `: ${problem}` : ''}\n${output}`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(130);
  });
}
await main();
