/** Texts and lists of words from seeds, for the batteries of text stages. */
import { type Random, seeded } from '../reference/random.js';

const WORDS = [
  ...['the', 'The', 'cat', 'Dog', 'runs', 'FAST', 'over', 'a', 'fence', 'and', 'sleeps'],
  ...['İstanbul', 'ΣΟΦΟΣ', 'naïve', '東京', '😀', "don't", 'x', 'tokenization.', 'te,st'],
];
const SPACES = [' ', ' ', ' ', '  ', '\t', '\n ', '\u00a0'];

const oneOf = (random: Random, items: readonly string[]): string =>
  items[random.below(items.length)]!;

/** Lists of 0 to 11 words. */
export function wordLists(rows: number, seed: number): string[][] {
  const random = seeded(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: random.below(12) }, () => oneOf(random, WORDS)),
  );
}

/** Words with white space of all kinds between them, at the start and at the end; also ''. */
export function texts(rows: number, seed: number): string[] {
  const random = seeded(seed + 1000);
  return wordLists(rows, seed).map((words) =>
    words
      .map((word) => oneOf(random, SPACES) + word)
      .join('')
      .slice(random.below(2)),
  );
}
