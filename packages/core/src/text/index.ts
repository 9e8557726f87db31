/** Text: tokenizers with exact character offsets, windows over long texts, masking, and the cache of tokens. */
export { unitsToCodePoints } from './code-points.js';
export { joinTokens, sliceTokens, type Encoding, type TextTokens } from './encoding.js';
export { measureFertility, measureWords, type KnownWords } from './fertility.js';
export { loadTokenizer, requireSameTokenizer, type Tokenizer } from './tokenizer.js';
export type { Truncation } from './truncation.js';
export { extendWordPiece, shatteredWords, type AddedWord, type ShatteredWord } from './extend-vocabulary.js';
export { maskTokens, preferTerms, type MaskingOptions, type PreferredTerms } from './masking.js';
export { rememberingTokenizer } from './remembering-tokenizer.js';
export { cachedEncode } from './token-cache.js';
export { pruneVocabulary, type PrunedVocabulary } from './prune-vocabulary.js';
export {
  checkPattern,
  filledIn,
  recogniseWords,
  rewriteText,
  textRulesSchema,
  withTextRules,
  type RewrittenText,
  type TextRule,
} from './text-rules.js';
export { trainWordPiece } from './train-vocabulary.js';
export { chooseWindows, planWindows, type TokenRange } from './windows.js';
export { inCaseOf, inflect, readingsOf, type WordForm, type WordReading } from './word-forms.js';
export { learnWordList, wordListSchema, type WordList } from './word-recognition.js';
export { loadWordNet, type PartOfSpeech, type Sense, type WordNet } from './wordnet.js';
