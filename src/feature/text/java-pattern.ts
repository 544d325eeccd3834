/**
 * Regular expressions as Java writes them, translated to JavaScript's `v` mode: what the two write
 * differently is rewritten, and what JavaScript does not have is refused.
 */
import { classEscape, codePoint, type Escape, propertyClass } from './java-escapes.js';

/** Java's `.`: all but line terminators, of which JavaScript has one less. */
const ANY = '[^\\n\\r\\x85\\u2028\\u2029]';
/** Java's `$`: the end, or before a line terminator that ends the text. */
const END = '(?=(?:\\r\\n|[\\r\\x85\\u2028\\u2029]|(?<!\\r)\\n)?$)';
const LINE_BREAK = '(?:\\r\\n|[\\n\\x0B\\f\\r\\x85\\u2028\\u2029])';

const OUTSIDE_CLASS: Readonly<Record<string, string>> = {
  A: '^',
  b: '\\b',
  B: '\\B',
  R: LINE_BREAK,
  z: '$',
  Z: END,
};

/** Openings of groups that both languages have. */
const GROUPS = /^\((?:\?(?:[:=!]|<[=!]|<[A-Za-z][A-Za-z0-9]*>))?/;

/**
 * The JavaScript regular expression, global and of mode `v`, of a Java one without flags.
 *
 * @throws Error with the reason as message.
 */
export function javaPattern(pattern: string): RegExp {
  return new RegExp(new Translation(pattern).all(), 'gv');
}

/** One pass over a pattern. */
class Translation {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  all(): string {
    let out = '';
    while (this.#at < this.#pattern.length) out += this.#piece();
    return out;
  }

  #piece(): string {
    const char = this.#peek();
    switch (char) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#class();
      case '(':
        return this.#group();
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#quantifier();
      case '.':
        this.#at++;
        return ANY;
      case '$':
        this.#at++;
        return END;
      case ')':
      case '|':
      case '^':
        this.#at++;
        return char;
      default:
        return literal(this.#next());
    }
  }

  #group(): string {
    const opening = GROUPS.exec(this.#pattern.slice(this.#at))![0];
    if (opening === '(' && this.#pattern[this.#at + 1] === '?') {
      const kind = this.#pattern[this.#at + 2] === '>' ? 'an atomic group' : 'flags in the pattern';
      throw new Error(`JavaScript does not have ${kind}`);
    }
    this.#at += opening.length;
    return opening;
  }

  #quantifier(): string {
    const [quantifier] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#pattern.slice(this.#at)) ?? [];
    if (quantifier === undefined) throw new Error('"{" must begin a repetition, or be escaped');
    this.#at += quantifier.length;
    if (!quantifier.endsWith('?') || quantifier === '?') {
      if (this.#peek() === '+') throw new Error('JavaScript does not have possessive quantifiers');
    }
    return quantifier;
  }

  #escape(): string {
    const quoted = this.#quoted();
    if (quoted !== null) return [...quoted].map(literal).join('');
    const reference = /^\\(?:[1-9](?!\d)|k<[A-Za-z][A-Za-z0-9]*>)/.exec(
      this.#pattern.slice(this.#at),
    );
    if (reference !== null) {
      this.#at += reference[0].length;
      return reference[0];
    }
    const name = this.#pattern[this.#at + 1] ?? '';
    if (Object.hasOwn(OUTSIDE_CLASS, name)) {
      this.#at += 2;
      return OUTSIDE_CLASS[name]!;
    }
    const found = this.#charOrClass();
    return found.kind === 'char' ? literal(found.text) : found.text;
  }

  /** What stands between \Q and \E, or null where there is no \Q. */
  #quoted(): string | null {
    if (!this.#pattern.startsWith('\\Q', this.#at)) return null;
    const start = this.#at + 2;
    const found = this.#pattern.indexOf('\\E', start);
    const end = found < 0 ? this.#pattern.length : found;
    this.#at = found < 0 ? end : end + 2;
    return this.#pattern.slice(start, end);
  }

  /** An escape that means the same within a class and outside. */
  #charOrClass(): Escape {
    const rest = this.#pattern.slice(this.#at);
    const found = propertyClass(rest) ?? classEscape(rest) ?? codePoint(rest);
    this.#at += found.length;
    return found;
  }

  /** A class; `[a&&b]` is an intersection of classes in `v` mode. */
  #class(): string {
    this.#at++;
    const negated = this.#peek() === '^';
    if (negated) this.#at++;
    const operands: string[] = [];
    let operand = '';
    let isFirst = true;
    for (; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (this.#pattern.startsWith('&&', this.#at)) {
        this.#at += 2;
        operands.push(operand);
        operand = '';
      } else {
        operand += this.#item();
      }
    }
    this.#at++;
    operands.push(operand);
    if (operands.includes('')) throw new Error('each side of "&&" must have something');
    const opening = negated ? '[^' : '[';
    if (operands.length === 1) return `${opening}${operands[0]}]`;
    return `${opening}${operands.map((union) => `[${union}]`).join('&&')}]`;
  }

  /** A character, a range, or a class within a class. */
  #item(): string {
    if (this.#at >= this.#pattern.length) throw new Error('"[" must have its "]"');
    if (this.#peek() === '[') return this.#class();
    const quoted = this.#quoted();
    if (quoted !== null) return [...quoted].map(classLiteral).join('');
    const first = this.#classChar();
    if (first.kind === 'class') return first.text;
    const [dash, after] = [this.#peek(), this.#pattern[this.#at + 1] ?? ']'];
    if (dash !== '-' || after === ']' || after === '[') return classLiteral(first.text);
    this.#at++;
    const last = this.#classChar();
    if (last.kind === 'class') throw new Error('a range must end in a character');
    return `${classLiteral(first.text)}-${classLiteral(last.text)}`;
  }

  #classChar(): Escape {
    if (this.#peek() === '\\') return this.#charOrClass();
    const text = this.#next();
    return { kind: 'char', text, length: text.length };
  }

  #peek(): string | undefined {
    return this.#pattern[this.#at];
  }

  /** The next character, whole, and past it. */
  #next(): string {
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at)!);
    this.#at += char.length;
    return char;
  }
}

function literal(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

/** In `v` mode nearly all punctuation means something, or will. */
function classLiteral(char: string): string {
  return /[\w\s]/.test(char) && char !== '_' ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`;
}
