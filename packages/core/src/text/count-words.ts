/** The words of texts, counted. */
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { FieldcraftError } from '../foundation/index.js';

/** WordPiece gives up on longer words, so they teach it nothing. */
const longestWord = 100;

/** How often each word occurs, most frequent first; words as the normaliser and the pre-tokenizer of a layout see them. */
export function countWords(texts: Iterable<string>, layout: object): [string, number][] {
  const native = NativeTokenizer.fromString(
    JSON.stringify({ version: '1.0', truncation: null, padding: null, ...layout }),
  );
  const normalizer = native.getNormalizer();
  const preTokenizer = native.getPreTokenizer();
  if (normalizer === null || preTokenizer === null)
    throw new FieldcraftError('FC_INTERNAL', { what: 'a tokenizer without a normaliser or a pre-tokenizer' });
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of preTokenizer.preTokenizeString(normalizer.normalizeString(text))) {
      if (word.length <= longestWord) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
