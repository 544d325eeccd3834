/** What models come to, and whether those of two systems are equal. */

/** Numbers and strings of a model, by name. */
export type ModelFacts = Readonly<Record<string, readonly (number | string)[]>>;

/**
 * Compares the model of another system with Gyre's.
 *
 * @param tolerance Of numbers, relative to the larger of 1 and Gyre's.
 * @throws Error with the first value that differs.
 */
export function checkFacts(got: ModelFacts, want: ModelFacts, tolerance: number): void {
  for (const [name, wanted] of Object.entries(want)) {
    const given = got[name];
    if (given?.length !== wanted.length) {
      throw new Error(`${name}: Gyre has ${wanted.length} values, the other ${given?.length ?? 0}`);
    }
    const at = wanted.findIndex((value, i) => !isClose(given[i]!, value, tolerance));
    if (at < 0) continue;
    throw new Error(`${name}[${at}]: Gyre has ${wanted[at]}, the other ${given[at]}`);
  }
}

function isClose(got: number | string, want: number | string, tolerance: number): boolean {
  if (typeof got === 'string' || typeof want === 'string') return got === want;
  return Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));
}
