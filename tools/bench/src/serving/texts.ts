/** Texts of chosen lengths in tokens, all different. */
import { foundation, type text } from '@fieldcraft/core/internals';

/** Plain words, each of which the vocabularies of English models have whole. */
const words = (
  'agreement party company service payment law court state time year government people number right term notice account case report bank market ' +
  'price rate interest loan share business product customer order public study group result data method model system patient disease treatment cell ' +
  'protein drug effect risk level change time day week month water power work home school house city country world war history music film book'
).split(' ');

/** How many texts are asked about in turn: more than ever wait at a time, so that no batch has one twice. */
const count = 512;
/** Of sentences: the middle length and the spread of its logarithm, without special tokens. */
const [middle, spread] = [32, 0.8];

export interface TextSet {
  readonly title: string;
  readonly texts: readonly string[];
  /** Tokens of a text, special ones among them. */
  readonly meanTokens: number;
}

/** All of `tokens` tokens. */
export const equalTexts = (tokens: number, tokenizer: text.Tokenizer): Promise<TextSet> =>
  measured(`${tokens} tokens`, tokenizer, () => tokens - tokenizer.specialTokenCount(false));

/** As sentences and paragraphs are mixed: mostly short, some up to `most` tokens (logarithms of lengths are normally distributed). */
export function mixedTexts(most: number, tokenizer: text.Tokenizer): Promise<TextSet> {
  const { normal } = foundation.random(1, 'lengths');
  const longest = most - tokenizer.specialTokenCount(false);
  const length = () => Math.min(longest, Math.max(4, Math.round(middle * Math.exp(spread * normal()))));
  return measured('mixed lengths', tokenizer, length);
}

async function measured(title: string, tokenizer: text.Tokenizer, lengthOf: () => number): Promise<TextSet> {
  const { integer } = foundation.random(1, title);
  const texts = Array.from({ length: count }, () =>
    Array.from({ length: lengthOf() }, () => words[integer(words.length)]!).join(' '),
  );
  const encodings = await tokenizer.encodeMany(texts);
  const tokens = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
  return { title, texts, meanTokens: tokens / count };
}
