/** Words as people misspell them, as scanners misread them, and in letters of another script that look the same. */
import type { Move } from './character-moves.js';
import { inCaseOf } from '../../text/index.js';

/** What is written in the place of what: every place where it fits is one way to go wrong. */
type Confusions = readonly (readonly [right: RegExp, wrong: string])[];

/**
 * How English spelling goes wrong, by rule: letters that sound as one, that are silent, that a rule of the schoolroom confuses, and endings that
 * sound alike.
 */
const misspelt: Confusions = [
  [/ie/, 'ei'],
  [/ei/, 'ie'],
  [/(?<=[a-z])([bcdfglmnprstz])\1/, '$1'],
  [/(?<=[aeiou])([lmnprt])(?=[aeiou])/, '$1$1'],
  [/able$/, 'ible'],
  [/ible$/, 'able'],
  [/ance$/, 'ence'],
  [/ence$/, 'ance'],
  [/ant$/, 'ent'],
  [/ent$/, 'ant'],
  [/tion$/, 'sion'],
  [/ssion$/, 'tion'],
  [/ary$/, 'ery'],
  [/ery$/, 'ary'],
  [/(?<=[dg])gement$/, 'gment'],
  [/eable$/, 'able'],
  [/ully$/, 'uly'],
  [/(?<=[a-z])ely$/, 'ly'],
  [/ies$/, 'ys'],
  [/ied$/, 'yed'],
  [/our$/, 'or'],
  [/ough/, 'uff'],
  [/ph/, 'f'],
  [/(?<=[aeiou])sc(?=[ei])/, 's'],
  [/gh(?=t)/, ''],
  [/(?<=[a-z])mn(?=[a-z]|$)/, 'm'],
  [/(?<=[a-z])([bcdfgklmnprtv])er(?=[a-z])/, '$1r'],
  [/(?<=[a-z])ately$/, 'atly'],
  [/(?<=[fx])ice$/, 'ise'],
  [/cede$/, 'ceed'],
  [/ceed/, 'cede'],
  [/(?<=[a-z])ar$/, 'er'],
  [/(?<=[a-z])or$/, 'er'],
  [/(?<=[a-z])uou/, 'uo'],
  [/qu/, 'q'],
];

/** Shapes that run into one another on a bad scan. */
const misread: Confusions = [
  [/rn/, 'm'],
  [/m/, 'rn'],
  [/cl/, 'd'],
  [/d/, 'cl'],
  [/li/, 'h'],
  [/h/, 'li'],
  [/vv/, 'w'],
  [/w/, 'vv'],
  [/ri/, 'n'],
  [/n/, 'ri'],
  [/ii/, 'u'],
  [/u/, 'ii'],
  [/l/, '1'],
  [/i/, 'l'],
  [/o/, '0'],
  [/e/, 'c'],
  [/c/, 'e'],
  [/f/, 't'],
  [/t/, 'f'],
  [/g/, 'q'],
  [/a/, 'o'],
  [/S/, '5'],
  [/B/, '8'],
  [/O/, '0'],
  [/I/, 'l'],
];

/** Cyrillic letters with the shape of Latin ones. */
const twins: Readonly<Record<string, string>> = {
  ...{ a: 'а', c: 'с', e: 'е', i: 'і', j: 'ј', o: 'о', p: 'р', s: 'ѕ', x: 'х', y: 'у' },
  ...{ A: 'А', B: 'В', C: 'С', E: 'Е', H: 'Н', I: 'І', J: 'Ј', K: 'К', M: 'М', O: 'О', P: 'Р', S: 'Ѕ', T: 'Т', X: 'Х' },
};

/** The first place in a word where each confusion fits. */
const confused = (word: string, confusions: Confusions): string[] => {
  const made = confusions.map(([right, wrong]) => word.replace(right, wrong));
  return [...new Set(made)].filter((put) => put !== word);
};

/** Ways to go wrong that are tried of one word: the budget is for all words. */
const mostWays = 5;

/** Misspellings that leave the first letter: hardly anybody gets that wrong. */
export const misspellings: Move = (word) =>
  confused(word.toLowerCase(), misspelt)
    .filter((put) => put.startsWith(word.slice(0, 1).toLowerCase()))
    .slice(0, mostWays)
    .map((put) => inCaseOf(word, put))
    .filter((put) => put !== word);

/** What a scanner makes of the inside of a word: which of the possible misreadings are tried is drawn. */
export const scanned: Move = (word, draw) => {
  const [first = '', ...rest] = [...word];
  const made = confused(rest.join(''), misread).map((put) => `${first}${put}`);
  return draw.shuffle(made).slice(0, mostWays);
};

/** The word with one letter, and with all that have one, by their twins. */
export const homoglyphs: Move = (word, draw) => {
  const letters = [...word];
  const places = letters.flatMap((letter, i) => (twins[letter] === undefined ? [] : [i]));
  if (places.length === 0) return [];
  const one = places[draw.integer(places.length)]!;
  const write = (chosen: readonly number[]) =>
    letters.map((letter, i) => (chosen.includes(i) ? (twins[letter] ?? letter) : letter)).join('');
  return [...new Set([write([one]), write(places)])];
};
