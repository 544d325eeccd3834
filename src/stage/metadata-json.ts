/**
 * JSON for metadata, where a param may be a number that JSON has no form for: those stand as
 * `{ "$number": "Infinity" }`. What it writes, it reads back to the bit.
 */

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** A number in the form that JSON can hold. */
function marked(_key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  if (Object.is(value, -0)) return { $number: '-0' };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function unmarked(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const name: unknown = (value as { $number?: unknown }).$number;
  return (typeof name === 'string' ? NUMBERS.get(name) : undefined) ?? value;
}

/** The text of a metadata file. */
export function metadataText(metadata: object): string {
  return `${JSON.stringify(metadata, marked, 2)}\n`;
}

/** What {@link metadataText} wrote. @throws SyntaxError when it is not JSON. */
export function parseMetadataText(text: string): unknown {
  return JSON.parse(text, unmarked);
}
