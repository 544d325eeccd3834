/** Answers at once: what a task or a message costs by itself. */
import { parentPort } from 'node:worker_threads';

/** As a Piscina task. */
export function echo(value: number): number {
  return value;
}

/** As a bare worker thread; the first message says that it has none of Piscina's. */
parentPort?.on('message', (message: unknown) => {
  if (typeof message === 'number') parentPort!.postMessage(message);
});
