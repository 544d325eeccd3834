/** A process that stays: what is asked and answered are lines of JSON. */
import { createInterface } from 'node:readline';
import { type Command, killGroup, type Started, start } from './command.js';

/** The fields of an answer, by what was asked. */
export type Answer = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Asks a warm process, one request at a time. */
export class LineProcess {
  readonly #who: string;
  readonly #started: Started;
  #waiting: Waiting | null = null;
  #failure: Error | null = null;

  /** @param who The system, for messages. */
  constructor(who: string, command: Command) {
    this.#who = who;
    this.#started = start(command);
    const { child, tail } = this.#started;
    createInterface({ input: child.stdout! }).on('line', (line) => this.#take(line));
    child.once('error', (error) => this.#fail(error));
    child.stdin!.on('error', (error) => this.#fail(error));
    child.once('close', (code, signal) =>
      this.#fail(new Error(`${who} ended with ${code ?? signal}:\n${tail()}`)),
    );
  }

  /** @throws Error when the process fails, or takes longer than the limit: it is ended then. */
  async ask(request: object, limitSeconds: number): Promise<Answer> {
    if (this.#failure !== null) throw this.#failure;
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#started.child.stdin!.write(`${JSON.stringify(request)}\n`);
    const timer = setTimeout(() => {
      this.#fail(new Error(`${this.#who} took longer than ${limitSeconds} s`));
      killGroup(this.#started.child);
    }, limitSeconds * 1000);
    try {
      const answer = await answered;
      if (answer.error !== undefined) throw new Error(`${this.#who} failed:\n${answer.error}`);
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process: by the end of its input, or after ten seconds by force. */
  async close(): Promise<void> {
    const { child } = this.#started;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin!.end();
    const timer = setTimeout(() => killGroup(child), 10_000);
    await ended;
    clearTimeout(timer);
  }

  /** JVMs and their libraries print what they like: lines that are no JSON are not for us. */
  #take(line: string): void {
    if (!line.startsWith('{')) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(JSON.parse(line) as Answer);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = null;
  }
}
