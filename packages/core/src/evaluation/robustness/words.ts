/** The words of a text, as attacks count them, and those that are left alone. */
import type { Stretch } from './edits.js';

export interface Word extends Stretch {
  readonly text: string;
}

/** Letters, digits and what modifies them; an apostrophe between letters belongs to its word. */
export const wordsOf = (text: string): Word[] =>
  Array.from(text.matchAll(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’]\p{L}[\p{L}\p{M}]*)*/gu), ({ 0: word, index }) => ({
    text: word,
    start: index,
    end: index + word.length,
  }));

/** The words that a stretch touches, of words in order. */
export function wordsIn(words: readonly Word[], stretch: Stretch): readonly Word[] {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle]!.end <= stretch.start) low = middle + 1;
    else high = middle;
  }
  let after = low;
  while (after < words.length && words[after]!.start < stretch.end) after++;
  return words.slice(low, after);
}

/** A word of the alphabet that is changed letter by letter: figures are left alone, since another figure says another thing. */
export const isLetters = (word: string): boolean => /^[\p{L}\p{M}]+$/u.test(word);

/**
 * Words that hold a sentence together or turn its meaning round: articles, pronouns, prepositions, conjunctions, auxiliaries, negations and
 * quantities. None of them is changed by a letter or exchanged for another.
 */
const stopWords: ReadonlySet<string> = new Set(
  (
    'a an the this that these those i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our ' +
    'ours ourselves they them their theirs themselves who whom whose which what where when why how of in on at by to from for with without within ' +
    'into onto upon over under above below between among through during before after against about across along around behind beside beyond ' +
    'despite down except inside near off out outside past per since than till until toward towards up via and or nor but if unless because as so ' +
    'while whereas although though whether either neither both am is are was were be been being have has had having do does did doing done will ' +
    'would shall should can could may might must ought need not no none never nothing nobody nowhere hardly cannot all any each every few fewer ' +
    'little less least many more most much several some such other another own same only just very too also even still yet again once here there ' +
    'then now one two three four five six seven eight nine ten first second third hundred thousand million billion half'
  ).split(' '),
);

/** Whether a word is left alone: in any case, and any contraction such as `don't`. */
export const isStopWord = (word: string): boolean => /['’]/.test(word) || stopWords.has(word.toLowerCase());
