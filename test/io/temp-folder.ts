import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

/** A new folder that is removed when the process ends. */
export function tempFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `gyre-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The number of files that this process has open, where the system says so; else 0. */
export function openFiles(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}

/** Asserts that as many files are open as before, soon: who aborts does not wait for the closing. */
export async function assertFilesClosed(before: number): Promise<void> {
  for (let i = 0; i < 100 && openFiles() > before; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.is(openFiles(), before);
}
