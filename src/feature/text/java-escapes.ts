/** Escapes of Java's regular expressions that mean a character or a class of them. */

/** What an escape means: a character as it is, or a class in the syntax of `v` mode. */
export interface Escape {
  readonly kind: 'char' | 'class';
  readonly text: string;
  /** Units of the pattern that it has. */
  readonly length: number;
}

const SPACE = ' \\t\\n\\x0B\\f\\r';
const HORIZONTAL = ' \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const VERTICAL = '\\n\\x0B\\f\\r\\x85\\u2028\\u2029';

const CLASSES: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  h: `[${HORIZONTAL}]`,
  H: `[^${HORIZONTAL}]`,
  v: `[${VERTICAL}]`,
  V: `[^${VERTICAL}]`,
};

const CONTROLS: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  f: '\f',
  a: '\x07',
  e: '\x1b',
};

/** Classes of POSIX, which are of ASCII alone. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E',
  Graph: '\\x21-\\x7E',
  Print: '\\x20-\\x7E',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: SPACE,
};

/** Properties of Java whose name or meaning is another one in JavaScript. */
const PROPERTIES: Readonly<Record<string, string>> = {
  Alphabetic: 'Alphabetic',
  Ideographic: 'Ideographic',
  Letter: 'L',
  Lowercase: 'Lowercase',
  Uppercase: 'Uppercase',
  Titlecase: 'Lt',
  Punctuation: 'P',
  Control: 'Cc',
  White_Space: 'White_Space',
  Digit: 'Nd',
  Hex_Digit: 'Hex_Digit',
  Emoji: 'Emoji',
};

const CATEGORY = /^(?:L[CultmoC]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfson]?)$/;

/** `\p{...}` and `\P{...}` at the start of `rest`, or null. */
export function propertyClass(rest: string): Escape | null {
  const found = /^\\([pP])(?:\{([^}]*)\}|([A-Z]))/.exec(rest);
  if (found === null) return null;
  const [whole, p, long, short] = found as unknown as [string, string, string?, string?];
  const name = (long ?? short)!;
  const not = p === 'P';
  const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  const text = posix === undefined ? `\\${p}{${propertyOf(name)}}` : `[${not ? '^' : ''}${posix}]`;
  return { kind: 'class', text, length: whole.length };
}

function propertyOf(name: string): string {
  const script = /^(?:script|sc)=(.+)$/.exec(name)?.[1];
  if (script !== undefined) return `Script=${script}`;
  const category = /^(?:general_category|gc)=(.+)$/.exec(name)?.[1] ?? name.replace(/^Is/, '');
  if (CATEGORY.test(category)) return category;
  if (name.startsWith('Is')) {
    return Object.hasOwn(PROPERTIES, category) ? PROPERTIES[category]! : `Script=${category}`;
  }
  throw new Error(`JavaScript does not have the class "${name}"`);
}

/** `\d`, `\s` and the like at the start of `rest`, or null. */
export function classEscape(rest: string): Escape | null {
  const name = rest[1] ?? '';
  if (!Object.hasOwn(CLASSES, name)) return null;
  return { kind: 'class', text: CLASSES[name]!, length: 2 };
}

/** An escape that means one character. @throws Error for one that means nothing here. */
export function codePoint(rest: string): Escape {
  const name = rest[1];
  if (name === undefined) throw new Error('a "\\" must be followed by something');
  if (Object.hasOwn(CONTROLS, name)) return { kind: 'char', text: CONTROLS[name]!, length: 2 };
  const pair = /^\\u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})/i.exec(rest);
  if (pair !== null) {
    const units = [pair[1]!, pair[2]!].map((unit) => Number.parseInt(unit, 16));
    return { kind: 'char', text: String.fromCharCode(...units), length: pair[0].length };
  }
  const hex = /^\\(?:x([\da-f]{2})|x\{([\da-f]{1,6})\}|u([\da-f]{4}))/i.exec(rest);
  const octal = /^\\0([0-3]?[0-7]{1,2})/.exec(rest);
  const control = /^\\c([ -~])/.exec(rest);
  const found = hex ?? octal ?? control;
  if (found !== null) {
    const digits = found.slice(1).find((part) => part !== undefined)!;
    const code =
      found === control ? digits.charCodeAt(0) ^ 64 : Number.parseInt(digits, hex ? 16 : 8);
    return { kind: 'char', text: String.fromCodePoint(code), length: found[0].length };
  }
  const char = String.fromCodePoint(rest.codePointAt(1)!);
  if (/[A-Za-z0-9]/.test(char)) throw new Error(`"\\${char}" cannot be translated`);
  return { kind: 'char', text: char, length: 1 + char.length };
}
