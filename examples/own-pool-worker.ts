/** The worker file of own-pool.ts: the service's own tasks, and Gyre's entry beside them. */
export { gyre } from 'gyre/worker';

/** A task of the service. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
