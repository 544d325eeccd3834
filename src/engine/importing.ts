/**
 * Whether this worker is importing a module for its operators. A script that is imported so must
 * not start a job: it would start itself again in every worker, for ever.
 */
import { isMainThread } from 'node:worker_threads';

let imports = 0;

/** True on a worker while {@link importing} runs. */
export function isImporting(): boolean {
  return imports > 0;
}

/** Imports a module for its operators. */
export async function importing<T>(load: () => Promise<T>): Promise<T> {
  if (isMainThread) return load();
  imports++;
  try {
    return await load();
  } finally {
    imports--;
  }
}
