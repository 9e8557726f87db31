/** Questions with passages as features: the question stands before every window of its passage, and the windows overlap. */
import {
  cachedEncode,
  planWindows,
  sliceTokens,
  type TextTokens,
  type TokenRange,
  type Tokenizer,
} from '../text/index.js';
import type { Feature, FeatureOptions } from './task.js';

export interface Asked {
  readonly question: string;
  readonly passage: string;
}

export interface QuestionWindowOptions extends Omit<FeatureOptions, 'targets' | 'learning'> {
  /** Leaves windows of an example out, before they cost memory. Default: all stay. */
  choose?(windows: readonly TokenRange[], passage: TextTokens, example: number): readonly TokenRange[];
}

/**
 * Features of questions, without targets: one or more a question, in order. Where a text needs several windows, a question is cut to half of
 * one. Each text is tokenised once, however many questions it has; `wordIds`, `starts` and `ends` are those of the passage or question.
 */
export async function readQuestions(
  asked: readonly Asked[],
  tokenizer: Tokenizer,
  { maxLength, stride, cacheFolder, choose = (windows) => windows }: QuestionWindowOptions,
): Promise<Feature[]> {
  const texts = [...new Set(asked.flatMap(({ question, passage }) => [question, passage]))];
  const options = { addSpecialTokens: false };
  const encodings =
    cacheFolder === undefined
      ? await tokenizer.encodeMany(texts, options)
      : await cachedEncode(texts, tokenizer, { folder: cacheFolder, ...options });
  const tokensOf = new Map(texts.map((text, i) => [text, encodings[i]!]));
  const room = Math.max(maxLength - tokenizer.specialTokenCount(true), 2);
  return asked.flatMap(({ question, passage }, example) => {
    const whole = tokensOf.get(question)!;
    const text = tokensOf.get(passage)!;
    const fits = whole.ids.length + text.ids.length <= room;
    const fixed = fits ? whole.ids.length : Math.min(whole.ids.length, Math.floor(room / 2));
    const length = Math.max(room - fixed, 1);
    const planned = planWindows(text.ids.length, { maxLength: length, stride: Math.min(stride, length - 1) });
    return choose(planned, text, example).map(({ start, end }, window): Feature => {
      const encoding = tokenizer.assemblePair(sliceTokens(whole, 0, fixed), sliceTokens(text, start, end));
      const { ids, typeIds, starts, ends, wordIds, sequenceIds } = encoding;
      const first = Math.max(0, sequenceIds.indexOf(1));
      const stretch = { first, count: end - start, offset: start, of: 'text' as const };
      return { example, window, ids, typeIds, starts, ends, wordIds, stretch };
    });
  });
}

/** The tokens [first, last] of a text that hold some of its characters [start, end); undefined where none does. */
export function tokensOfSpan(
  { starts, ends }: Pick<TextTokens, 'starts' | 'ends'>,
  { start, end }: { start: number; end: number },
): { first: number; last: number } | undefined {
  let first = -1;
  let last = -1;
  for (let token = 0; token < starts.length; token++) {
    if (ends[token]! <= start || starts[token]! >= end || ends[token] === starts[token]) continue;
    if (first === -1) first = token;
    last = token;
  }
  return first === -1 ? undefined : { first, last };
}
