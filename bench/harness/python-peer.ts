/** A Python process that does the same work as Gyre: what is asked and answered are lines of JSON. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const scripts = new URL('../../../bench/peers/', import.meta.url);
const environment = new URL('../../peers/', import.meta.url);
const pathOf = (name: string, base: URL): string => fileURLToPath(new URL(name, base));

/** Every library that starts threads of its own takes its number from one of these. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'POLARS_MAX_THREADS',
];

/** The fields of an answer, by what was asked. */
export type Answer = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Requests are answered one after the other, in their order. */
export class PythonPeer {
  readonly #process: ChildProcess;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;

  private constructor(python: string, script: string, threads: number) {
    const limits = Object.fromEntries(THREAD_VARIABLES.map((name) => [name, String(threads)]));
    this.#process = spawn(python, ['-u', pathOf(script, scripts)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...limits },
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => this.#take(line));
    this.#process.on('error', (error) => this.#fail(error));
    this.#process.stdin!.on('error', (error) => this.#fail(error));
    this.#process.on('exit', (code, signal) => {
      this.#fail(new Error(`the Python peer ended with ${code ?? signal}`));
    });
  }

  /**
   * Starts a script of bench/peers, whose packages are installed under build/peers when they are not
   * there. Returns null, with a line on standard error, where Python or its packages cannot be had.
   */
  static start(script: string, threads: number): PythonPeer | null {
    try {
      return new PythonPeer(preparedPython(), script, threads);
    } catch (error) {
      console.error(`bench: NO PEERS IN PYTHON, they are left out: ${(error as Error).message}`);
      return null;
    }
  }

  ask(request: object): Promise<Answer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Ends the process, which has answered all. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin!.end();
    await ended;
  }

  #take(line: string): void {
    const { resolve, reject } = this.#waiting.shift()!;
    const answer = JSON.parse(line) as Answer;
    if (answer.error === undefined) resolve(answer);
    else reject(new Error(`the Python peer failed:\n${answer.error}`));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** The interpreter of an environment with the packages of requirements.txt. */
function preparedPython(): string {
  const windows = process.platform === 'win32';
  const python = pathOf(windows ? 'venv/Scripts/python.exe' : 'venv/bin/python', environment);
  const wanted = pathOf('requirements.txt', scripts);
  // Written last: a copy that differs or is missing says that the environment is not complete.
  const installed = pathOf('requirements.txt', environment);
  const isPrepared =
    existsSync(python) &&
    existsSync(installed) &&
    readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8');
  if (isPrepared) return python;
  mkdirSync(environment, { recursive: true });
  rmSync(installed, { force: true });
  console.error(`bench: installing ${readFileSync(wanted, 'utf8').trim().split('\n').join(', ')}`);
  run(windows ? 'python' : 'python3', ['-m', 'venv', pathOf('venv', environment)]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', wanted]);
  copyFileSync(wanted, installed);
  return python;
}

function run(command: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) {
    const reason = stderr.trim().split('\n').at(-1);
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${reason}`);
  }
}
