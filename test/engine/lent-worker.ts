/** The worker file of a service that lends its pool: its own task, and Gyre's entry. */
export { gyre } from '../../src/engine/worker.js';

export function double(value: number): number {
  return 2 * value;
}
