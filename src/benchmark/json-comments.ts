/** JSON as Flink ML's files have it: with comments. */

/** A string, which may hold what looks like a comment; a comment to the end of the line; a block. */
const STRING_OR_COMMENT = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * The value of a JSON text in which `//` and block comments may stand.
 *
 * @throws SyntaxError as `JSON.parse` does, at the place in the text as given.
 */
export function parseCommented(text: string): unknown {
  const plain = text.replace(STRING_OR_COMMENT, (match) =>
    match.startsWith('"') ? match : match.replace(/[^\n]/g, ' '),
  );
  return JSON.parse(plain);
}
