/**
 * Reads what there is to say of every stage that the package exports: defaults and validity from the live
 * constraint tables, all prose from the docstrings of the sources, by the TypeScript compiler.
 */

import { basename, dirname, join } from 'node:path';
import ts from 'typescript';

const root = dirname(import.meta.dirname);

/** Base classes and what a stage that extends them is called, the most special first. */
const KINDS = [
  ['Model', 'model'],
  ['Estimator', 'estimator'],
  ['Transformer', 'transformer'],
  ['AlgoOperator', 'operator'],
];

/** Tags of a class that pages have a place for. */
const TAGS = ['throws', 'see', 'example'];

/** Longer defaults are shown in the words of their docstring. */
const LONGEST_DEFAULT = 60;

/**
 * @typedef {object} Field a param, a part of a model's data, or a member of a class
 * @property {string} name
 * @property {string} meaning TSDoc prose as Markdown
 * @property {string} [default] as Markdown; of a param
 * @property {string} [valid] what completes "must be"; of a param
 *
 * @typedef {object} StageFacts
 * @property {string} name
 * @property {string} kind
 * @property {string} family the folder of src/
 * @property {string} source path of the file
 * @property {string} prose
 * @property {string[]} throws
 * @property {string[]} see
 * @property {string[]} examples with their fences
 * @property {Field[]} params
 * @property {Field[]} modelData
 * @property {Field[]} members what the class documents beside what every stage has
 */

/**
 * @param {object} gyre the live module: stages are its classes with `className` and `params`
 * @param {string} entry the source of that module
 * @returns {{ stages: StageFacts[], problems: string[] }} `problems`: what has no docstring, defaults
 *   that a docstring denies, and links that lead nowhere, each by name
 */
export function readStages(gyre, entry = join(root, 'src', 'index.ts')) {
  const program = ts.createProgram([entry], compilerOptions());
  const checker = program.getTypeChecker();
  const problems = [];
  const context = { gyre, checker, problems, exported: exportsOf(program, entry) };
  const names = Object.keys(gyre).filter((name) => isStageClass(gyre[name]));
  const stages = names.map((name) => readStage(name, context));
  return { stages: stages.filter((stage) => stage !== undefined), problems };
}

const isStageClass = (value) =>
  typeof value === 'function' && 'className' in value && 'params' in value;

function compilerOptions() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return { ...options, incremental: false, tsBuildInfoFile: undefined, noEmit: true };
}

/** The symbols that a module exports, by name, behind its re-exports. */
function exportsOf(program, entry) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  const behind = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, behind(symbol)]));
}

function readStage(name, context) {
  const { gyre, checker, problems, exported } = context;
  const symbol = exported.get(name);
  const declaration = symbol?.declarations?.find(ts.isClassDeclaration);
  if (declaration === undefined) {
    problems.push(`${name} is exported, and its class is not in the sources`);
    return undefined;
  }
  const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  const statics = checker.getPropertiesOfType(checker.getTypeOfSymbol(symbol));
  const known = new Set([...members, ...statics].map((member) => member.name));
  const scope = { ...context, owner: name, known };
  const { tags, ...doc } = docOf(declaration, scope);
  if (doc.prose === '') problems.push(`${name} has no docstring`);
  for (const tag of tags) {
    if (!TAGS.includes(tag)) problems.push(`${name}: pages have no place for @${tag}`);
  }
  const source = declaration.getSourceFile().fileName;
  const family = basename(dirname(source));
  return {
    name,
    kind: family === 'evaluation' ? 'evaluator' : kindOf(gyre[name]),
    family,
    source,
    ...doc,
    params: readParams(statics, scope),
    modelData: readModelData(members, scope),
    members: readMembers(declaration, scope),
  };
}

function kindOf(Class) {
  const bases = [];
  for (let at = Class; at !== null; at = Object.getPrototypeOf(at)) bases.push(at.name);
  return KINDS.find(([base]) => bases.includes(base))?.[1] ?? 'stage of stages';
}

/** The params of the live table, with what the interface `V` of `ParamTable<V>` says of them. */
function readParams(statics, scope) {
  const { gyre, checker, problems, owner } = scope;
  const table = checker.getTypeOfSymbol(statics.find(({ name }) => name === 'params'));
  const values = table.aliasTypeArguments?.[0];
  return Object.entries(gyre[owner].params).map(([name, param]) => {
    const symbol = values && checker.getPropertyOfType(values, name);
    const prose = symbol === undefined ? '' : proseOf(symbol, scope);
    if (prose === '') problems.push(`${owner}.${name} has no docstring`);
    const { meaning, said } = withoutDefault(prose);
    const { text, denied } = defaultOf(param.default, said);
    if (denied)
      problems.push(`${owner}.${name}: the default is ${text}, the docstring has ${said}`);
    return { name, default: text, valid: param.expected, meaning };
  });
}

/** Takes the sentence `**Default:** ...` out of what is said of a param. */
function withoutDefault(prose) {
  const match = prose.match(/\*\*Default:\*\*\s+(.*?)\.(?=\s|$)/s);
  if (match === null) return { meaning: prose, said: '' };
  const meaning = `${prose.slice(0, match.index)}${prose.slice(match.index + match[0].length)}`;
  return { meaning: meaning.trim(), said: match[1].replaceAll(/\s+/g, ' ') };
}

/**
 * A live default as Markdown, with what its docstring adds: `null`, which is Flink ML's own.
 *
 * @param {string} said the docstring's sentence, empty when there is none
 * @returns {{ text: string, denied: boolean }} `denied`: the docstring has another value
 */
function defaultOf(value, said) {
  if (value === undefined) return { text: 'required', denied: said !== '' };
  const live = literal(value);
  if (said === '') return { text: code(live), denied: false };
  const [, quoted, word, more] = said.match(/^(?:`([^`]*)`|([^\s,:]+))(.*)$/s);
  if ((quoted ?? word) === live) return { text: `${code(live)}${more}`, denied: false };
  if (quoted !== undefined || /^(null|true|false|NaN|-?\d[\d.e+-]*)$/.test(word)) {
    return { text: code(live), denied: true };
  }
  const isPlain = value === null || typeof value !== 'object' || Array.isArray(value);
  const isShort = isPlain && live.length <= LONGEST_DEFAULT;
  return { text: isShort ? `${code(live)} (${said})` : said, denied: false };
}

/** A value as a program has it. */
function literal(value) {
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The parts of what `modelData` gives, where a stage has that. */
function readModelData(members, scope) {
  const { checker, problems, owner } = scope;
  const modelData = members.find(({ name }) => name === 'modelData');
  if (modelData === undefined) return [];
  const type = checker.getTypeOfSymbol(modelData);
  // A graph's are a list of tables.
  if (checker.isArrayType(type)) return [];
  return checker.getPropertiesOfType(type).map((part) => {
    const meaning = proseOf(part, scope);
    if (meaning === '') problems.push(`${owner}.modelData.${part.name} has no docstring`);
    return { name: part.name, meaning };
  });
}

function readMembers(declaration, scope) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Static;
  const fields = new Map();
  for (const member of lineage(declaration, scope).flatMap(({ members }) => [...members])) {
    if (ts.getCombinedModifierFlags(member) & hidden) continue;
    if (member.name === undefined || ts.isPrivateIdentifier(member.name)) continue;
    const { prose, tags } = docOf(member, scope);
    const { text } = member.name;
    if (prose === '' || tags.includes('internal') || fields.has(text)) continue;
    fields.set(text, {
      name: ts.isMethodDeclaration(member) ? `${text}()` : text,
      meaning: prose,
    });
  }
  return [...fields.values()];
}

/** A class and those that it extends, up to the classes of src/stage, which every stage has. */
function lineage(declaration, { checker }) {
  const [base] = checker.getTypeAtLocation(declaration).getBaseTypes() ?? [];
  const above = base?.symbol?.declarations?.find(ts.isClassDeclaration);
  if (above === undefined || above.getSourceFile().fileName.includes('/src/stage/')) {
    return [declaration];
  }
  return [declaration, ...lineage(above, { checker })];
}

/** What the docstring of a declaration says. */
function docOf(declaration, scope) {
  const doc = ts.getJSDocCommentsAndTags(declaration).findLast(ts.isJSDoc);
  const tags = doc?.tags ?? [];
  const tagged = (name) =>
    tags
      .filter(({ tagName }) => tagName.text === name)
      .map((tag) => `${nameOfSee(tag)}${markdown(tag.comment, scope)}`);
  return {
    prose: markdown(doc?.comment, scope),
    throws: tagged('throws'),
    see: tagged('see'),
    examples: tagged('example'),
    tags: tags.map(({ tagName }) => tagName.text),
  };
}

/** TypeScript takes the first word of `@see` for a name. */
function nameOfSee(tag) {
  if (!ts.isJSDocSeeTag(tag) || tag.name === undefined) return '';
  const { name } = tag.name;
  const next = tag.getSourceFile().text[name.end];
  return `${name.getText()}${/\s/.test(next) ? ' ' : ''}`;
}

/** The prose of a property, or of the one that it narrows. */
function proseOf(symbol, scope) {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined) return '';
  const { prose } = docOf(declaration, scope);
  if (prose !== '' || !ts.isInterfaceDeclaration(declaration.parent)) return prose;
  const { checker } = scope;
  const narrowed = checker
    .getBaseTypes(checker.getTypeAtLocation(declaration.parent))
    .map((base) => checker.getPropertyOfType(base, symbol.name))
    .find((property) => property !== undefined);
  return narrowed === undefined ? '' : proseOf(narrowed, scope);
}

/** TSDoc as Markdown: links to stages lead to their pages, other names are code. */
function markdown(comment, scope) {
  if (comment === undefined) return '';
  if (typeof comment === 'string') return comment.trim();
  const parts = comment.map((part) =>
    part.kind === ts.SyntaxKind.JSDocText ? part.text : linkOf(part, scope),
  );
  return parts.join('').trim();
}

function linkOf({ name, text }, { gyre, exported, known, owner, problems }) {
  const target = name?.getText() ?? '';
  const [head] = target.split('.');
  if (!exported.has(head) && !known.has(head)) {
    problems.push(`${owner}: {@link ${target}${text}} leads nowhere`);
  }
  const label = text.replace(/^\s*\|?\s*/, '') || code(target);
  return isStageClass(gyre[head]) && head !== owner ? `[${label}](${head}.md)` : label;
}

const code = (text) => `\`${text}\``;
