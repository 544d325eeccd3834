/** The style sheet of the flights page, after uPlot's own. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8;
  --card: #ffffff;
  --text: #16202c;
  --muted: #5d6b7b;
  --grid: #e4e8ee;
  --accent: #0b62d6;
  --faint: #9cc3f2;
  --bar: #cfd8e4;
  --warm: #d2571e;
  --shadow: 0 1px 2px rgb(20 30 45 / 8%), 0 4px 16px rgb(20 30 45 / 5%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e141b;
    --card: #17202a;
    --text: #e8edf3;
    --muted: #97a6b7;
    --grid: #263341;
    --accent: #62a8ff;
    --faint: #3b618f;
    --bar: #344353;
    --warm: #ff9a5c;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 40px 24px 32px; }
h1 { margin: 0; font-size: clamp(26px, 4vw, 38px); line-height: 1.15; letter-spacing: -0.02em; }
.lead { max-width: 68ch; margin: 12px 0 28px; color: var(--muted); font-size: 17px; }
.cards {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
  gap: 14px;
  margin: 0 0 20px;
}
.cards > div, section {
  background: var(--card);
  border-radius: 12px;
  box-shadow: var(--shadow);
}
.cards > div { padding: 16px 18px; }
.cards dt { color: var(--muted); font-size: 13px; }
.cards dd { margin: 0; }
.cards .value { font-size: 27px; font-weight: 650; letter-spacing: -0.02em; line-height: 1.3; }
.cards .note { color: var(--muted); font-size: 13px; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 20px; }
section { padding: 20px 20px 14px; min-width: 0; }
section.wide { grid-column: 1 / -1; }
h2 { margin: 0; font-size: 17px; }
section p { margin: 2px 0 12px; color: var(--muted); font-size: 14px; }
.chart { min-height: 336px; }
.uplot, .u-wrap { font-family: inherit; }
.u-legend { font-size: 13px; color: var(--muted); text-align: left; }
.u-legend .u-value { color: var(--text); font-variant-numeric: tabular-nums; }
.u-legend .u-marker { width: 12px; height: 12px; margin-right: 6px; border-radius: 3px; }
.u-legend th { font-weight: 500; }
.u-inline.u-live th::after { content: ""; }
.u-inline tr { margin-right: 14px; }
.u-legend tr:first-child .u-marker { display: none; }
.scroll { overflow-x: auto; }
table.airports { width: 100%; border-collapse: collapse; font-size: 14px; }
.airports th { text-align: left; color: var(--muted); font-weight: 500; }
.airports th, .airports td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--grid); white-space: nowrap; }
.airports tr:last-child td { border-bottom: 0; }
.airports .number { text-align: right; font-variant-numeric: tabular-nums; }
.airports .meter { width: 34%; min-width: 140px; }
.meter div { position: relative; height: 12px; border-radius: 6px; background: var(--grid); }
.meter div > i { position: absolute; inset: 0 auto 0 0; border-radius: 6px; background: var(--bar); }
.meter div > b { position: absolute; top: -3px; bottom: -3px; width: 3px; margin-left: -1px; border-radius: 2px; background: var(--accent); }
@media (max-width: 640px) { .airports .meter { display: none; } }
footer { margin-top: 24px; color: var(--muted); font-size: 13px; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.94em; }
`;
