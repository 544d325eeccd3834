/**
 * The folder that holds the spill files of one attempt to run a job:
 * `<base>/gyre-spill-<pid>-<n>-<host>-<random>`.
 *
 * The name says whose it is, so that folders that a killed process left can be told from those in
 * use. A process id means something on its own host only, and containers may share a disk: so the
 * name has the host's, too.
 */
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { type FileCalls, quietly, SpillFile, spillError } from './spill-file.js';

const NAME = /^gyre-spill-(\d+)-\d+-([0-9a-f]+)-[0-9a-f]+$/;
/** Clocks of file systems run a little behind. */
const CLOCK_SLACK_MS = 1000;

const hostTag = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

let folders = 0;
let files = 0;
/** Bases that this thread has swept. */
const swept = new Set<string>();

/** A folder of spill files, which is made when the first of them is. */
export class SpillFolder {
  readonly path: string;
  readonly #calls: FileCalls;

  /**
   * @param path Of a folder that {@link under} named, here or on another thread of this process.
   * @param calls For tests.
   */
  constructor(path: string, calls: FileCalls = fs) {
    this.path = path;
    this.#calls = calls;
  }

  /** A folder with a new name. Nothing is on the disk yet. */
  static under(base: string = tmpdir()): SpillFolder {
    const random = randomBytes(4).toString('hex');
    const name = `gyre-spill-${process.pid}-${folders++}-${hostTag()}-${random}`;
    return new SpillFolder(join(base, name));
  }

  /**
   * Makes a file of a new name, and the folder if it is the first.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when that cannot be done.
   */
  open(): SpillFile {
    const path = join(this.path, `${threadId}-${files++}.spill`);
    let made: string | undefined;
    try {
      made = fs.mkdirSync(this.path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw spillError('its folder could not be made', path, 0, cause);
    }
    if (made !== undefined) sweepOnce(dirname(this.path));
    return new SpillFile(path, this.#calls);
  }

  /** Deletes the folder and all that is in it. May be called any number of times, never throws. */
  remove(): void {
    quietly(() => fs.rmSync(this.path, { recursive: true, force: true }));
  }
}

function sweepOnce(base: string): void {
  if (swept.has(base)) return;
  swept.add(base);
  sweep(base);
}

/**
 * Deletes the folders that processes of this host and user left in `base` and that are not alive
 * any more. What cannot be deleted stays. Never throws.
 */
export function sweep(base: string): void {
  quietly(() => {
    const host = hostTag();
    for (const name of fs.readdirSync(base)) {
      const [, pid, itsHost] = NAME.exec(name) ?? [];
      if (itsHost !== host) continue;
      const path = join(base, name);
      quietly(() => {
        if (isLeft(Number(pid), fs.lstatSync(path))) fs.rmSync(path, { recursive: true });
      });
    }
  });
}

/** Whether a folder's process has ended. */
function isLeft(pid: number, { uid, mtimeMs }: fs.Stats): boolean {
  if (uid !== (process.getuid?.() ?? uid)) return false;
  // In a container that was started again, the process before had the id of this one.
  if (pid === process.pid) return mtimeMs + CLOCK_SLACK_MS < Date.now() - process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}
