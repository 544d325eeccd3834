/**
 * Writes a page for every stage that the package exports, and an index of them by family, to build/docs/stages/:
 *
 *   node scripts/stage-docs.mjs
 *
 * What a page says stands once, in the sources: see stage-facts.mjs. What is not said there fails the run, each
 * by name, and nothing is written. Needs a build.
 */

import { mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { readStages } from './stage-facts.mjs';

const root = dirname(import.meta.dirname);

/** Titles of the families, by folder of src/, in the order of the index. */
const FAMILIES = {
  pipeline: 'Pipelines and graphs',
  classification: 'Classification',
  clustering: 'Clustering',
  regression: 'Regression',
  recommendation: 'Recommendation',
  feature: 'Feature engineering',
  stats: 'Statistics',
  evaluation: 'Evaluation',
};

/**
 * Writes all pages to a folder, in place of those that are there.
 *
 * @param {object} gyre the live module
 * @param {string} [entry] the source of that module
 * @returns {number} how many stages have a page
 * @throws {Error} naming every problem
 */
export function writeStagePages(folder, gyre, entry) {
  const { stages, problems } = readStages(gyre, entry);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const context = { gyre, folder, names: new Set(stages.map(({ name }) => name)) };
  const pages = stages.map((stage) => [`${stage.name}.md`, pageOf(stage, context)]);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (file.endsWith('.md')) rmSync(join(folder, file));
  for (const [file, text] of [...pages, ['README.md', indexOf(stages)]]) {
    writeFileSync(join(folder, file), text);
  }
  return stages.length;
}

/** The text of a stage's page, which is to lie in `folder`. */
function pageOf(stage, { gyre, folder, names }) {
  const { name, kind, source, prose, params, modelData, members, examples } = stage;
  const from = (base) => relative(base, source).split(sep).join('/');
  const other = name.endsWith('Model') ? name.slice(0, -'Model'.length) : `${name}Model`;
  const related = names.has(other) ? `; see also [${other}](${other}.md)` : '';
  return [
    `# ${name}`,
    '',
    `${kind[0].toUpperCase()}${kind.slice(1)}, in [${from(root)}](${from(folder)})${related}.`,
    '',
    prose,
    '',
    '## Params',
    '',
    ...(params.length === 0 ? ['None.', ''] : tableOfParams(params)),
    ...section('Model data', tableOfFields('part', modelData)),
    ...section('Members', tableOfFields('member', members)),
    ...section(
      'Example',
      examples.flatMap((example) => [withImport(example, gyre), '']),
    ),
    ...section('Errors', listOf(stage.throws)),
    ...section('Sources', listOf(stage.see)),
  ].join('\n');
}

/** The text of README.md: all stages by family. */
function indexOf(stages) {
  const families = new Set([...Object.keys(FAMILIES), ...stages.map(({ family }) => family)]);
  const sections = [...families].flatMap((family) => {
    const rows = stages
      .filter((stage) => stage.family === family)
      .map(({ name, kind, prose }) => [`[${name}](${name}.md)`, kind, firstSentence(prose)]);
    const lines = rows.length === 0 ? [] : tableOf(['stage', 'kind', 'what it does'], rows);
    return section(FAMILIES[family] ?? family, lines);
  });
  const title = `All ${stages.length} stages of gyre, by family.`;
  return ['# Stages', '', title, '', ...sections].join('\n');
}

/** The lines of a section; none when it would be empty. */
function section(title, lines) {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines];
}

function tableOfParams(params) {
  // What is valid is plain text, where `__THIS__` would be strong.
  const plain = (text) => text.replaceAll(/[*_]/g, '\\$&');
  return tableOf(
    ['param', 'default', 'valid', 'meaning'],
    params.map((param) => [`\`${param.name}\``, param.default, plain(param.valid), param.meaning]),
  );
}

function tableOfFields(head, fields) {
  if (fields.length === 0) return [];
  return tableOf(
    [head, 'what it is'],
    fields.map(({ name, meaning }) => [`\`${name}\``, meaning]),
  );
}

/** The lines of a table of Markdown. */
function tableOf(head, rows) {
  const cell = (text) => oneLine(text).replaceAll('|', '\\|');
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

function listOf(texts) {
  return texts.length === 0 ? [] : [...texts.map((text) => `- ${oneLine(text)}`), ''];
}

const oneLine = (text) => text.replaceAll(/\s+/g, ' ').trim();

/** The first sentence of a text; one that leads to a block of code ends there. */
function firstSentence(prose) {
  const [paragraph] = prose.split('\n\n');
  return oneLine(paragraph.match(/^.*?[^.]\.(?=\s|$)/s)?.[0] ?? paragraph.replace(/:$/, '.'));
}

/** An example with the import of what it uses, as a reader has to write it. */
function withImport(example, gyre) {
  const names = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node) && node.text in gyre) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  const body = example.replace(/^```ts\n/, '').replace(/\n```$/, '');
  visit(ts.createSourceFile('example.ts', body, ts.ScriptTarget.ES2023));
  const line = `import { ${[...names].sort().join(', ')} } from 'gyre';`;
  return ['```ts', line, '', body, '```'].join('\n');
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? '.')).href) {
  const folder = join(root, 'build', 'docs', 'stages');
  try {
    const gyre = await import(new URL('../build/src/index.js', import.meta.url).href);
    const count = writeStagePages(folder, gyre);
    console.log(`docs: ${count} stages, in ${relative(process.cwd(), folder)}`);
  } catch (error) {
    console.error(`docs: ${error.message.replaceAll('\n', '\ndocs: ')}`);
    process.exitCode = 1;
  }
}
