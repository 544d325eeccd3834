/** Some of the cases of a bench: `GYRE_BENCH_ONLY=strings,scaling npm run bench -- stages`. */
const ONLY = process.env.GYRE_BENCH_ONLY?.split(',');

/** The cases that are named, or all. */
export function selected<T>(cases: Readonly<Record<string, T>>): T[] {
  const unknown = ONLY?.filter((name) => !(name in cases)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`there is no case ${unknown.join(', ')}: ${Object.keys(cases).join(', ')}`);
  }
  return (ONLY ?? Object.keys(cases)).map((name) => cases[name]!);
}
