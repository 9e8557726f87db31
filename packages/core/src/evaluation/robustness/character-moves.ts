/**
 * Moves that change letters of a word so that a person still reads it and a model may not: those of DeepWordBug (Gao et al. 2018, "Black-box
 * generation of adversarial text sequences to evade deep learning classifiers") and of TextBugger (Li et al. 2019, "TextBugger: generating
 * adversarial text against real-world applications").
 */
import type { Random } from '../../foundation/index.js';

/** What a word may become; the word is of letters, and what comes back is never the word itself. */
export type Move = (word: string, draw: Random) => readonly string[];

const alphabet = 'abcdefghijklmnopqrstuvwxyz';
const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The characters of a word as a person counts them. */
const lettersOf = (word: string): string[] => Array.from(characters.segment(word), ({ segment }) => segment);

const inCase = (letter: string, put: string): string => (letter === letter.toLowerCase() ? put : put.toUpperCase());

/** A place between the first letter and the last; none in words of two letters. */
const innerPlace = (length: number, draw: Random): number | undefined =>
  length < 3 ? undefined : 1 + draw.integer(length - 2);

const replaced = (letters: readonly string[], from: number, count: number, ...put: readonly string[]): string =>
  letters.toSpliced(from, count, ...put).join('');

/** Two neighbours change places, neither the first letter nor the last. */
function swap(letters: readonly string[], draw: Random): string[] {
  const places = letters.flatMap((letter, i) =>
    i > 0 && i + 2 < letters.length && letter !== letters[i + 1] ? [i] : [],
  );
  const at = places[draw.integer(Math.max(1, places.length))];
  return at === undefined ? [] : [replaced(letters, at, 2, letters[at + 1]!, letters[at]!)];
}

function remove(letters: readonly string[], draw: Random): string[] {
  const at = innerPlace(letters.length, draw);
  return at === undefined ? [] : [replaced(letters, at, 1)];
}

function insert(letters: readonly string[], draw: Random): string[] {
  if (letters.length < 2) return [];
  const at = 1 + draw.integer(letters.length - 1);
  return [replaced(letters, at, 0, inCase(letters[at]!, alphabet[draw.integer(alphabet.length)]!))];
}

/** One inner letter becomes one of those that `choices` has for it. */
function substitute(letters: readonly string[], draw: Random, choices: (letter: string) => string): string[] {
  const at = innerPlace(letters.length, draw);
  if (at === undefined) return [];
  const letter = letters[at]!;
  const others = choices(letter.toLowerCase()).replace(letter.toLowerCase(), '');
  return others === '' ? [] : [replaced(letters, at, 1, inCase(letter, others[draw.integer(others.length)]!))];
}

/** Swap, substitute, delete and insert, a letter each. */
export const deepWordBug: Move = (word, draw) => {
  const letters = lettersOf(word);
  const made = [
    ...swap(letters, draw),
    ...substitute(letters, draw, () => alphabet),
    ...remove(letters, draw),
    ...insert(letters, draw),
  ];
  return made.filter((put) => put !== word);
};

/** Shapes that are taken for one another, beside which neighbours on a keyboard stand. */
const lookAlikes: Readonly<Record<string, string>> = { o: '0', l: '1', i: '1', a: '@', s: '5', e: '3', b: '6', g: '9' };

function neighboursOnKeyboard(letter: string): string {
  const row = rows.findIndex((keys) => keys.includes(letter));
  if (row < 0) return '';
  const column = rows[row]!.indexOf(letter);
  return [-1, 0, 1]
    .flatMap((down) => [-1, 0, 1].map((right) => rows[row + down]?.[column + right] ?? ''))
    .filter((key) => key !== letter)
    .join('');
}

/** A longer word would fall into two that both exist. */
const longestSplit = 5;
/** Of shorter ones too little is left to see. */
const shortestSwap = 5;

/** Insert a space, delete, swap and substitute a letter; what TextBugger substitutes a whole word by, a synonym, is a recipe's to add. */
export const textBugger: Move = (word, draw) => {
  const letters = lettersOf(word);
  const space = letters.length > longestSplit ? undefined : innerPlace(letters.length, draw);
  const made = [
    ...(space === undefined ? [] : [replaced(letters, space, 0, ' ')]),
    ...remove(letters, draw),
    ...(letters.length < shortestSwap ? [] : swap(letters, draw)),
    ...substitute(letters, draw, (letter) => lookAlikes[letter] ?? neighboursOnKeyboard(letter)),
  ];
  return made.filter((put) => put !== word);
};
