/** The two output streams: colours where they are wanted, tables, one-line messages. */
import Table from 'cli-table3';
import pc from 'picocolors';

/** Colour functions; each returns its argument where there are no colours. */
export type Colors = ReturnType<typeof pc.createColors>;

/** A table: cells as text, numbers to be right-aligned. */
export interface TextTable {
  readonly head?: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Per column. **Default:** all left. */
  readonly align?: readonly ('left' | 'right')[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a command writes: results to `stdout`, everything else to `stderr`. */
export class Terminal {
  /** For text that goes to `stdout`. */
  readonly colors: Colors;
  /** Whether somebody watches `stderr`, so that a progress bar makes sense. */
  readonly isInteractive: boolean;
  readonly stderr: NodeJS.WriteStream;
  readonly #stdout: NodeJS.WriteStream;
  readonly #errorColors: Colors;

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env: Environment) {
    this.#stdout = stdout;
    this.stderr = stderr;
    this.colors = pc.createColors(hasColors(stdout, env));
    this.#errorColors = pc.createColors(hasColors(stderr, env));
    this.isInteractive = stderr.isTTY === true && env.TERM !== 'dumb';
  }

  /** Writes a line of the result. */
  print(line = ''): void {
    this.#stdout.write(`${line}\n`);
  }

  /** Writes columns without borders, under a bold head. */
  printTable({ head = [], rows, align = [] }: TextTable): void {
    const table = new Table({
      head: head.map((title) => this.colors.bold(title)),
      colAligns: [...align],
      chars: NO_BORDERS,
      style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    });
    table.push(...rows.map((row) => [...row]));
    const lines = table.toString().split('\n');
    this.print(lines.map((line) => line.trimEnd()).join('\n'));
  }

  /** Writes `gyre: message` to `stderr`. */
  error(message: string): void {
    this.note(`${this.#errorColors.red('gyre:')} ${message}`);
  }

  /** Writes a line to `stderr`. */
  note(line: string): void {
    this.stderr.write(`${line}\n`);
  }
}

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/** @see https://no-color.org */
function hasColors(stream: NodeJS.WriteStream, env: Environment): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
