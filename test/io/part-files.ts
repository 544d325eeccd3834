/** What the tests of file sinks share: the parts of a folder, as who reads it sees them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const namesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).sort() : [];

/** Names of committed parts, in order. A pattern such as `part-*` finds no hidden ones. */
export function partNames(folder: string): string[] {
  return namesIn(folder).filter((name) => name.startsWith('part-'));
}

/** Names of the others. */
export function otherNames(folder: string): string[] {
  return namesIn(folder).filter((name) => !name.startsWith('part-'));
}

/** All committed parts, one after the other. */
export function contentOf(folder: string): string {
  return partNames(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}
