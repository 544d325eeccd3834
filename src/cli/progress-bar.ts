import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.js';

/** How often the bar is drawn; what it shows is not worked out more often either. */
const REDRAWS_PER_SECOND = 10;

/** A progress bar on `stderr`; nothing at all where nobody watches. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;
  #next = 0;

  /** @param total The value that is 100 %. */
  constructor(terminal: Terminal, total: number) {
    if (!terminal.isInteractive) return;
    this.#bar = new SingleBar({
      format: '{bar} {percentage}%  {text}',
      barCompleteChar: '━',
      barIncompleteChar: '─',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      linewrap: false,
      fps: REDRAWS_PER_SECOND,
      stream: terminal.stderr,
      // A signal is for the command, which stops the bar on its way out.
      gracefulExit: false,
    });
    this.#bar.start(total, 0, { text: '' });
  }

  /** Moves the bar. `text` is asked only when the bar is due to be drawn. */
  update(value: number, text: () => string): void {
    const now = performance.now();
    if (this.#bar === undefined || now < this.#next) return;
    this.#next = now + 1000 / REDRAWS_PER_SECOND;
    this.#bar.update(value, { text: text() });
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop();
  }
}
