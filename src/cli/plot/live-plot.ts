/** A drawing on `stderr` that changes while one looks; lines on `stdout` where nobody watches. */
import type { Terminal } from '../terminal.js';

const REDRAWS_PER_SECOND = 15;
/** Lines that stand for the plot where nobody watches. */
const LINES = 10;

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\x1b[2K';
const CLEAR_BELOW = '\x1b[J';
const up = (lines: number): string => (lines > 0 ? `\x1b[${lines}A` : '');

/** What there is to show, made only when it is shown. */
export interface Frame {
  readonly plot: () => readonly string[];
  readonly line: () => string;
}

export class LivePlot {
  readonly #terminal: Terminal;
  readonly #prints: boolean;
  #height = 0;
  #next = 0;
  #printed = 0;

  /** @param prints Whether lines are wanted where nobody watches. */
  constructor(terminal: Terminal, prints: boolean) {
    this.#terminal = terminal;
    this.#prints = prints;
  }

  /** @param share How much of the work is done, 0 to 1. */
  draw(share: number, { plot, line }: Frame): void {
    if (this.#terminal.isInteractive) this.#redraw(plot);
    else if (this.#prints && share * LINES >= this.#printed + 1) {
      this.#printed = Math.floor(share * LINES);
      this.#terminal.print(line());
    }
  }

  /** Takes the drawing away. */
  stop(): void {
    if (this.#height > 0) this.#terminal.stderr.write(up(this.#height) + CLEAR_BELOW + SHOW_CURSOR);
    this.#height = 0;
  }

  #redraw(plot: Frame['plot']): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + 1000 / REDRAWS_PER_SECOND;
    const lines = plot();
    const text = lines.map((line) => `${CLEAR_LINE}${line}\n`).join('');
    this.#terminal.stderr.write(HIDE_CURSOR + up(this.#height) + text);
    this.#height = lines.length;
  }
}
