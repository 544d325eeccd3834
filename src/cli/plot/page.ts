/** Pages of the demos: one HTML file, drawn in SVG, that loads nothing and runs no script. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VERSION } from '../../index.js';
import { rangeOf, type Series, thinned } from './chart.js';

const STYLE = `
:root { color-scheme: light dark; --page: #f5f6f8; --card: #fff; --text: #16202c; --muted: #5d6b7b; --grid: #e4e8ee; --line: #0b62d6; }
@media (prefers-color-scheme: dark) { :root { --page: #0e141b; --card: #17202a; --text: #e8edf3; --muted: #97a6b7; --grid: #263341; --line: #62a8ff; } }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 900px; margin: 0 auto; padding: 32px 20px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 16px; margin: 0; }
p, footer { color: var(--muted); margin: 0 0 16px; }
section { background: var(--card); border-radius: 12px; padding: 16px 18px; margin: 0 0 16px; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--muted); }
.grid { stroke: var(--grid); fill: none; }
.line { stroke: var(--line); stroke-width: 2; fill: none; vector-effect: non-scaling-stroke; }
`;

export interface Section {
  readonly title: string;
  readonly text: string;
  /** An `<svg>` element. */
  readonly drawing: string;
}

export const html = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The page as HTML. */
export function page(title: string, lead: string, sections: readonly Section[]): string {
  const body = sections.map(
    ({ title: name, text, drawing }) =>
      `<section><h2>${html(name)}</h2><p>${html(text)}</p>${drawing}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)} · Gyre</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${html(title)}</h1>
<p>${html(lead)}</p>
${body.join('\n')}
<footer>Made by Gyre ${html(VERSION)}, Node ${process.versions.node}.</footer>
</main>
</body>
</html>
`;
}

/** Writes a page; its folder is made. Returns the whole path. */
export async function writePage(file: string, text: string): Promise<string> {
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const WIDTH = 860;
const HEIGHT = 240;
const LEFT = 56;

/** A value over time, with marks at some steps. */
export function svgChart(
  { label, values, digits }: Series,
  marks: ReadonlyMap<number, string> = new Map(),
): string {
  const points = thinned(values);
  const [low, high] = rangeOf(points);
  const x = (share: number) => (LEFT + share * (WIDTH - LEFT)).toFixed(1);
  const y = (value: number) => (((high - value) / (high - low)) * (HEIGHT - 20) + 8).toFixed(1);
  const path = points.map((value, i) => `${x(i / Math.max(points.length - 1, 1))},${y(value)}`);
  const ticks = [low, (low + high) / 2, high].map(
    (value) =>
      `<path class="grid" d="M${LEFT} ${y(value)}H${WIDTH}"/><text x="${LEFT - 6}" y="${y(value)}" text-anchor="end" dominant-baseline="middle">${value.toFixed(digits)}</text>`,
  );
  const marked = [...marks].map(([step, text]) => {
    const at = x(step / Math.max(values.length - 1, 1));
    return `<path class="grid" d="M${at} 8V${HEIGHT - 12}"/><text x="${at}" y="${HEIGHT - 1}" text-anchor="middle">${html(text)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${html(label)}">${ticks.join('')}${marked.join('')}<polyline class="line" points="${path.join(' ')}"/></svg>`;
}
