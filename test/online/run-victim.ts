/** Runs processes that learn, and kills some of them. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./victim.js', import.meta.url));

/** A line that a process prints. */
export type Line = { readonly number: number; readonly text: string } | { readonly final: string };

/** What a process said before its end. */
export interface Ended {
  readonly killed: boolean;
  readonly versions: readonly { readonly number: number; readonly text: string }[];
  /** The digest of the final model; null when it did not come so far. */
  readonly final: string | null;
}

/** @param killAfter The process is killed when it has told of so many versions; null: never. */
export function runVictim(args: readonly string[], killAfter: number | null): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (killAfter !== null && output.split('\n').length > killAfter) child.kill('SIGKILL');
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      // The last piece is empty, or a line that the kill cut off.
      const lines = output.split('\n').slice(0, -1);
      const said = lines.map((line) => JSON.parse(line) as Line);
      const versions = said.flatMap((line) => ('text' in line ? [line] : []));
      const final = said.flatMap((line) => ('final' in line ? [line.final] : []))[0] ?? null;
      if (signal === null && code !== 0) fail(new Error(`it ended with code ${code}`));
      else done({ killed: signal === 'SIGKILL', versions, final });
    });
  });
}
