// @timeout 300
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Info } from '../../src/cli/info.js';
import { VERSION } from '../../src/index.js';
import { gyre, startGyre } from './gyre.js';

const ESCAPE = '\u001b';

test('the version and the help go to stdout, with exit code 0', () => {
  const version = gyre(['--version']);
  assert.is(version.stdout, `${VERSION}\n`);
  assert.is(version.status, 0);
  const help = gyre(['demo', 'flights', '--help']);
  assert.match(help.stdout, /Usage: gyre demo flights/);
  assert.match(help.stdout, /--verbose/);
  assert.is(help.status, 0);
});

test('without a command, the help goes to stderr and the exit code is 1', () => {
  for (const args of [[], ['demo']]) {
    const { status, stdout, stderr } = gyre(args);
    assert.is(status, 1);
    assert.is(stdout, '');
    assert.match(stderr, /^Usage: gyre/);
  }
});

test('unknown commands, options and values end with exit code 1 and one line', () => {
  const cases: [args: string[], message: RegExp][] = [
    [['nope'], /^gyre: unknown command 'nope'/],
    [['demo', 'flight'], /^gyre: unknown command 'flight'/],
    [['info', '--nope'], /^gyre: unknown option '--nope'/],
    [['info', 'more'], /^gyre: too many arguments/],
    [['demo', 'flights', '--rows', '0'], /^gyre: .*'0' is invalid. It must be an integer >= 1\./],
    [['demo', 'flights', '--alpha', 'x'], /^gyre: .*'x' is invalid. It must be a number > 0\./],
    [['demo', 'kmeans', '--data', 'iris'], /^gyre: .* Allowed choices are mnist, airports\./],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = gyre(args);
    assert.is(status, 1, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.not.match(stderr, /\n\s+at /);
  }
});

test('an error of the library is one line, and has its stack with --verbose', () => {
  const args = ['demo', 'flights', '--threads', '5000'];
  const short = gyre(args);
  assert.is(short.status, 1);
  assert.match(short.stderr, /^gyre: Session\.threads must be .*, got 5000\.\n$/);
  const verbose = gyre([...args, '--verbose']);
  assert.is(verbose.status, 1);
  assert.match(verbose.stderr, /^gyre: Session\.threads .*\nInvalidParamError: .*\n\s+at /);
});

test('info says what there is, for people and as JSON', () => {
  const { stdout, stderr, status } = gyre(['info']);
  assert.is(status, 0);
  assert.is(stderr, '');
  for (const name of ['gyre', 'Node', 'CPU', 'cores', 'threads', 'kernels', 'memory']) {
    assert.match(stdout, new RegExp(`^${name} +\\S`, 'm'));
  }
  const info = JSON.parse(gyre(['info', '--json']).stdout) as Info;
  assert.is(info.gyre, VERSION);
  assert.is(info.node, process.versions.node);
  assert.ok(info.threads >= 1 && info.cores >= 1);
  assert.ok(['simd', 'relaxed'].includes(info.kernels));
  assert.ok(info.memoryBytes > 0 && info.freeMemoryBytes > 0);
});

test('colours are only where a terminal is, or where they are asked for', () => {
  assert.not.ok(gyre(['info']).stdout.includes(ESCAPE));
  assert.not.ok(gyre(['info'], { env: { CI: 'true' } }).stdout.includes(ESCAPE));
  assert.ok(gyre(['info'], { env: { FORCE_COLOR: '1' } }).stdout.includes(ESCAPE));
  const both = { FORCE_COLOR: '1', NO_COLOR: '1' };
  assert.not.ok(gyre(['info'], { env: both }).stdout.includes(ESCAPE));
});

test('the command can be run as a file', () => {
  const main = readFileSync(new URL('../../src/cli/main.js', import.meta.url), 'utf8');
  assert.ok(main.startsWith('#!/usr/bin/env node\n'));
});

for (const threads of ['0', '2']) {
  const interrupt = process.platform === 'win32' ? test.skip : test;
  interrupt(`Ctrl-C ends a job on ${threads} threads with exit code 130`, async () => {
    // With a batch a flight this takes minutes.
    const args = ['demo', 'flights', '--batch-size', '1', '--threads', threads];
    const child = startGyre(args);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const [stdout, stderr] = [text(child.stdout!), text(child.stderr!)];
    await new Promise((resolve) => child.stderr!.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const start = performance.now();
    child.kill('SIGINT');
    assert.is(await ended, 130);
    assert.ok(performance.now() - start < 10_000);
    assert.is(await stdout, '');
    assert.is(await stderr, 'ready\ngyre: interrupted.\n');
  });
}

test.run();
