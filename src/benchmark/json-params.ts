/** Values of params as Flink ML writes them to JSON. */
import type { Param, ParamOptions, ParamTable } from '../core/params.js';

const SPECIAL: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * A paramMap as options of a constructor, which checks them. A param may be written as Flink ML
 * does: NaN and infinities as words, sparse vectors as `{ n, indices, values }`.
 */
export function optionsOf<V>(
  table: ParamTable<V>,
  paramMap: Readonly<Record<string, unknown>>,
): ParamOptions<V> {
  const known = table as Readonly<Record<string, Param<unknown>>>;
  const options = Object.entries(paramMap).map(([name, value]) => {
    const param = Object.hasOwn(known, name) ? known[name] : undefined;
    return [name, param === undefined ? value : valueFor(param, value)];
  });
  return Object.fromEntries(options) as ParamOptions<V>;
}

/** The value as it stands where the param takes that, or takes neither form. */
function valueFor({ accepts, read }: Param<unknown>, json: unknown): unknown {
  const isTaken = (value: unknown): boolean => accepts(read?.(value) ?? value);
  if (isTaken(json)) return json;
  const decoded = fromFlink(json);
  return isTaken(decoded) ? decoded : json;
}

function fromFlink(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromFlink);
  if (typeof json !== 'object' || json === null) return SPECIAL.get(json) ?? json;
  const entries = Object.entries(json);
  return Object.fromEntries(
    entries.map(([key, value]) => [key === 'n' ? 'size' : key, fromFlink(value)]),
  );
}
