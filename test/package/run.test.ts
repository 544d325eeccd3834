import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const runner = fileURLToPath(new URL('../../../test/run.mjs', import.meta.url));
const uvu = `import { test } from ${JSON.stringify(import.meta.resolve('uvu'))};\n`;
const PASSING = `${uvu}test('one', () => {}); test('two', () => {}); test.run();\n`;
const FOREVER = 'setInterval(() => {}, 1000);';

interface Run extends SpawnSyncReturns<string> {
  /** The last line of the output. */
  readonly summary: string | undefined;
}

/** Runs the runner over a temporary folder with these compiled files. */
function run(files: Record<string, string>, filters: string[] = [], env: object = {}): Run {
  const root = mkdtempSync(join(tmpdir(), 'gyre-run-test-'));
  try {
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    for (const [name, source] of Object.entries(files)) {
      const path = join(root, 'build/test', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, source);
    }
    const result = spawnSync(process.execPath, [runner, '--root', root, ...filters], {
      encoding: 'utf8',
      env: { ...process.env, GYRE_TEST_NODE: '', ...env },
    });
    return { ...result, summary: result.stdout.trimEnd().split('\n').at(-1) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

const test = suite('test/run.mjs');

test('sums the tests of all files and folders and exits with 0', () => {
  const { status, summary, stdout } = run({
    'a.test.js': PASSING,
    'deep/er/b.test.js': `${uvu}test.skip('later', () => {}); test('now', () => {}); test.run();`,
    'deep/not-a-test.js': 'process.exit(1);',
  });
  assert.is(summary, '3 passed, 0 failed, 1 skipped');
  assert.is(status, 0);
  assert.match(stdout, /^ok {3}deep\/er\/b .* 1 passed, 1 skipped, \d+ ms$/m);
});

test('a failing test fails the run, and its output is shown in full without colours', () => {
  const { status, summary, stdout } = run(
    {
      'bad.test.js': `${uvu}test('ok', () => {});
test('bad', () => { throw new Error('broken here'); }); test.run();`,
      'good.test.js': PASSING,
    },
    [],
    { FORCE_COLOR: '1' },
  );
  assert.is(summary, '3 passed, 1 failed, 0 skipped');
  assert.is(status, 1);
  assert.match(stdout, /broken here/);
  assert.not.ok(stdout.includes('\u001b'));
});

test('a file that hangs is killed with the processes it started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-run-beat-'));
  const beat = join(folder, 'beat');
  const program = `setInterval(() => require('fs').appendFileSync(${JSON.stringify(beat)}, '.'), 20)`;
  try {
    const start = performance.now();
    const { status, summary, stdout } = run({
      'hang.test.js': `// @timeout 2
import { spawn } from 'node:child_process';
spawn(process.execPath, ['-e', ${JSON.stringify(program)}], { stdio: 'inherit' });
console.log('it hangs');
${FOREVER}`,
    });
    assert.is(summary, '0 passed, 1 failed, 0 skipped');
    assert.is(status, 1);
    assert.match(stdout, /killed after 2 s/);
    assert.match(stdout, /it hangs/);
    assert.ok(performance.now() - start < 30_000);
    const beats = readFileSync(beat).length;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    assert.ok(beats > 0, 'the process ran');
    assert.is(readFileSync(beat).length, beats, 'the process does not run any more');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a file that hangs after its last test fails too', () => {
  const { status, summary } = run({
    'open.test.js': `// A comment before it.\n// @timeout 2\n${PASSING}${FOREVER}`,
  });
  assert.is(summary, '2 passed, 1 failed, 0 skipped');
  assert.is(status, 1);
});

test('a file that ends while a process it started lives on fails', () => {
  const { status, summary, stdout } = run({
    'orphan.test.js': `${PASSING}
import { spawn } from 'node:child_process';
spawn(process.execPath, ['-e', '${FOREVER}'], { stdio: 'inherit' }).unref();`,
  });
  assert.is(summary, '2 passed, 1 failed, 0 skipped');
  assert.match(stdout, /left a process behind/);
  assert.is(status, 1);
});

test('a file that forgets to run its suite, or has no test, fails', () => {
  const { status, summary, stdout } = run({
    'empty.test.js': `${uvu}test.run();`,
    'forgot.test.js': `${uvu}test('never', () => {});`,
    'good.test.js': PASSING,
  });
  assert.is(summary, '2 passed, 2 failed, 0 skipped');
  assert.match(stdout, /^FAIL empty .*ran 0 tests/m);
  assert.match(stdout, /^FAIL forgot .*no summary/m);
  assert.is(status, 1);
});

test('a file that exits early fails, whatever its exit code', () => {
  const { status, summary } = run({
    'exit.test.js': `${uvu}test('leaves', () => process.exit(0)); test.run();`,
    'never.test.js': `${uvu}test('never settles', () => new Promise(() => {})); test.run();`,
    'throws.test.js': `throw new Error('at import');`,
  });
  assert.is(summary, '0 passed, 3 failed, 0 skipped');
  assert.is(status, 1);
});

test('a hook that throws and an exit code after passing tests fail', () => {
  const { status, summary, stdout } = run({
    'code.test.js': `${PASSING}process.on('exit', () => { process.exitCode = 3; });`,
    'hook.test.js': `${uvu}test.before(() => { throw new Error('hook'); });
test('one', () => {}); test.run();`,
  });
  assert.is(summary, '2 passed, 2 failed, 0 skipped');
  assert.match(stdout, /^FAIL code .*exit code 3/m);
  assert.match(stdout, /^FAIL hook .*1 failed/m);
  assert.is(status, 1);
});

test('no test file at all fails, and so does a filter that matches none', () => {
  const nothing = run({});
  assert.is(nothing.summary, '0 passed, 1 failed, 0 skipped');
  assert.is(nothing.status, 1);
  const { status, summary, stdout } = run({ 'a.test.js': PASSING }, ['a', 'unlike-any']);
  assert.is(summary, '2 passed, 1 failed, 0 skipped');
  assert.match(stdout, /No test file matches unlike-any\./);
  assert.is(status, 1);
});

test('filters select by part of the path, of the source or of the compiled file', () => {
  const files = { 'memory/ring.test.js': PASSING, 'core/other.test.js': 'process.exit(1);' };
  for (const filter of ['memory/ring', 'ring.test.ts', './test/memory', 'build/test/memory/']) {
    assert.is(run(files, [filter]).summary, '2 passed, 0 failed, 0 skipped', filter);
  }
});

test('files marked serial run alone, after all others', () => {
  const log = (name: string): string => `import { appendFileSync } from 'node:fs';
const say = (what) => appendFileSync('log', what + ' ${name} ');
say('start'); process.on('exit', () => { say('end'); }); setTimeout(() => {}, 200);`;
  const { status, stdout } = run({
    'a.test.js': `// @serial\n${PASSING}${log('a')}`,
    'b.test.js': `// @serial\n${PASSING}${log('b')}`,
    'c.test.js': `// @serial
import { readFileSync } from 'node:fs'; console.log(readFileSync('log', 'utf8'));`,
    'z.test.js': `${PASSING}${log('z')}`,
  });
  assert.is(status, 1);
  assert.match(stdout, /start z end z start a end a start b end b/);
});

test('GYRE_TEST_NODE names the Node that runs the files', () => {
  const missing = join(tmpdir(), 'no-such-node');
  const { status, stdout } = run({ 'a.test.js': PASSING }, [], { GYRE_TEST_NODE: missing });
  assert.is(status, 1);
  assert.match(stdout, /no-such-node/);
});

test.run();
