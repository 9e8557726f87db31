/** Text: tokenizers with exact character offsets, windows over long texts, words, masking, and the cache of tokens. */
export { codePointsToUnits, unitsToCodePoints } from './code-points.js';
export type { Encoding } from './encoding.js';
export {
  loadTokenizer,
  requireSameTokenizer,
  type EncodeInput,
  type EncodeOptions,
  type Tokenizer,
  type WindowOptions,
} from './tokenizer.js';
export type { Truncation } from './truncation.js';
export { ignoredLabel, maskTokens, type MaskingOptions } from './masking.js';
export { cachedEncode, type CacheOptions } from './token-cache.js';
export { trainWordPiece, type VocabularyOptions } from './train-vocabulary.js';
export { alignTokens, joinWords, type JoinedWords } from './word-alignment.js';
export { chooseWindows, planWindows, type TokenRange } from './windows.js';
