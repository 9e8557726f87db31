/**
 * Other words for a word in its place: those that share one of its meanings in WordNet, in the form that it has. Ren et al. 2019 ("Generating
 * natural language adversarial examples through probability weighted word saliency") take them from WordNet; that the nearest in a space of word
 * vectors come first is from Jin et al. 2020 ("Is BERT really robust?").
 */
import { inCaseOf, inflect, readingsOf, type Sense, type WordNet, type WordReading } from '../../text/index.js';
import type { Edit } from './edits.js';
import { isLetters, isStopWord, type Word } from './words.js';

/** Words in the order in which they are tried in the place of one, the nearest first. */
export type RankWords = (word: string, others: readonly string[]) => Promise<readonly string[]>;

/** The commonest meanings of a word that synonyms are taken from. */
const meanings = 3;
/** Of these, so many are tried. */
export const mostSynonyms = 8;
/** So much of what was ever tagged must speak for one part of speech. */
const evidence = 0.8;

/** No finite verb follows the first; an adverb or a verb in its base form follows the others. */
const beforeNames = new Set(
  'a an the my your his its our their of in on at by with from for any each every some no'.split(' '),
);
const beforeVerbs = new Set('will would shall should can could may might must cannot'.split(' '));

/**
 * How a word is read in its place, and in which meanings; undefined where that is not clear. Its part of speech is the one that WordNet's tagged texts
 * speak for, once those readings are gone that the word before it excludes.
 */
export function readWord(
  word: string,
  before: string,
  wordnet: WordNet,
): { reading: WordReading; senses: Sense[] } | undefined {
  const read = readingsOf(word.toLowerCase()).flatMap((reading) => {
    if (isExcluded(reading, before.toLowerCase())) return [];
    const senses = wordnet.senses(reading.lemma).filter(({ partOfSpeech }) => partOfSpeech === reading.partOfSpeech);
    // A sense that was never met counts a little: of words without any count, the one with the most senses is read.
    const weight = senses.reduce((sum, { count }) => sum + count + 0.5, 0);
    return senses.length === 0 ? [] : [{ reading, senses, weight }];
  });
  const total = read.reduce((sum, { weight }) => sum + weight, 0);
  return read.find(({ weight }) => weight >= evidence * total);
}

function isExcluded({ partOfSpeech, form }: WordReading, before: string): boolean {
  const finite = partOfSpeech === 'verb' && (form === 'base' || form === 's');
  if (beforeNames.has(before)) return finite;
  return beforeVerbs.has(before) && !(partOfSpeech === 'verb' && form === 'base') && partOfSpeech !== 'adverb';
}

/** The synonyms of a word in its place, in the same form, those of its commonest meaning first; none for names, stop words and what is not clear. */
export function synonymsOf(word: string, before: string, wordnet: WordNet): string[] {
  if (!isLetters(word) || isStopWord(word) || word.length < 3) return [];
  const read = readWord(word, before, wordnet);
  if (read === undefined) return [];
  const { reading, senses } = read;
  const own = word.toLowerCase();
  const forms = senses.slice(0, meanings).flatMap((sense) =>
    wordnet.words(sense).flatMap((lemma) => {
      if (!/^[a-z]{3,}$/.test(lemma) || lemma === reading.lemma || isStopWord(lemma)) return [];
      return inflect({ ...reading, lemma }) ?? [];
    }),
  );
  return [...new Set(forms)].filter((form) => form !== own);
}

/** Edits that put each of `synonyms` in the place of a word, in its case; an article before it goes with their sound. */
export function synonymEdits(words: readonly Word[], at: number, synonyms: readonly string[]): Edit[] {
  const word = words[at]!;
  const previous = words[at - 1];
  const article =
    previous !== undefined && previous.end + 1 === word.start && /^an?$/i.test(previous.text) ? previous : undefined;
  return synonyms.map((synonym) => {
    const put = inCaseOf(word.text, synonym);
    const written = article?.text.startsWith('A') ? articleOf(put).replace('a', 'A') : articleOf(put);
    if (article === undefined || written === article.text) return { start: word.start, end: word.end, put };
    return { start: article.start, end: word.end, put: `${written} ${put}` };
  });
}

/** By its letters: a word such as `hour` or `unit` sounds otherwise than it is written. */
const articleOf = (word: string): 'a' | 'an' =>
  /^(?:[aeio]|u(?!ni|s[aeiu]|ti)|hour|hono|heir)(?!ne\b|nce\b|u[kpr])/i.test(word) ? 'an' : 'a';
