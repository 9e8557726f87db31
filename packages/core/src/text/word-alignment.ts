/** Texts that come as words (CoNLL): one text with spans, and back from tokens to words. */
import type { Encoding } from './encoding.js';

/** Words joined by single spaces; word `i` is `text.slice(starts[i], ends[i])`. */
export interface JoinedWords {
  text: string;
  starts: Int32Array;
  ends: Int32Array;
}

/** Joins words by single spaces. Encoding `text` gives the ids that Hugging Face's `is_split_into_words` gives for BERT's tokenizers. */
export function joinWords(words: readonly string[]): JoinedWords {
  const starts = new Int32Array(words.length);
  const ends = new Int32Array(words.length);
  let at = 0;
  for (const [i, word] of words.entries()) {
    starts[i] = at;
    ends[i] = at + word.length;
    at += word.length + 1;
  }
  return { text: words.join(' '), starts, ends };
}

/**
 * The word that each token of a text belongs to, as an index into the spans; -1 for special tokens, tokens of the pair, and
 * tokens outside every span. A token that covers several spans belongs to the one that holds its last character (byte-level tokens
 * may begin with the space before their word).
 * @param spans in the order of the text, not overlapping, in UTF-16 units; empty spans get no token.
 */
export function alignTokens(
  encoding: Encoding,
  spans: { starts: ArrayLike<number>; ends: ArrayLike<number> },
): Int32Array {
  const words = new Int32Array(encoding.ids.length).fill(-1);
  const count = spans.starts.length;
  let word = 0;
  for (let token = 0; token < words.length; token++) {
    if (encoding.sequenceIds[token] !== 0) continue;
    const start = encoding.starts[token] ?? 0;
    const last = Math.max((encoding.ends[token] ?? 0) - 1, start);
    while (word < count && (spans.ends[word] ?? 0) <= last) word++;
    if (word < count && (spans.starts[word] ?? 0) <= last) words[token] = word;
  }
  return words;
}
