/** Numbers as people read them. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567`. */
export const count = (value: number): string => grouped.format(value);

/** `0.4280`, and a dash where there is no such number. */
export const decimal = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : '–');

/** `14.3 % below 0.5000`. */
export function comparison(value: number, reference: number): string {
  const change = value / reference - 1;
  const words = `${change > 0 ? 'above' : 'below'} ${decimal(reference)}`;
  return Number.isFinite(change) ? `${percent(Math.abs(change))} ${words}` : words;
}

/** `12.3 %`. */
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

/** `0.42 s`, `12.3 s`. */
export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;

/** `3.8 GiB`. */
export const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** `840`, `12 k`, `1.24 M`: three digits at most, for what changes while one looks. */
export function short(value: number): string {
  if (value < 1e3) return value.toFixed(0);
  const [scaled, unit] = value < 1e6 ? [value / 1e3, 'k'] : [value / 1e6, 'M'];
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${unit}`;
}
