/** Where the answers of a question stand in its text: published offsets checked, and those that are a little off put right. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import type { AnswerSpan } from '../examples.js';
import { offsetReader, type OffsetUnit } from './offsets.js';
import { count, type Tally } from './reader.js';

/** An answer as files have it: its words, and the offset of the first. */
export interface WrittenAnswer {
  text: string;
  /** Without it, the first place of the text where the words stand. */
  start?: number | undefined;
}

/** Characters that an offset may be off. */
const reach = 10;

/**
 * Answers as spans without the space around them, each once. Where the words do not stand at their offset, the nearest place within ten
 * characters is taken and counted.
 * @throws FieldcraftError FC_DATA for an answer that is empty or does not stand there
 */
export function placeAnswers(
  text: string,
  answers: readonly WrittenAnswer[],
  { unit, where, tally }: { unit: OffsetUnit; where: string; tally: Tally },
): AnswerSpan[] {
  const at = offsetReader(text, unit);
  const spans = new Map<string, AnswerSpan>();
  for (const answer of answers) {
    const words = answer.text.trim();
    const lead = answer.text.length - answer.text.trimStart().length;
    const from = answer.start === undefined ? undefined : at(answer.start);
    const exact = from !== undefined && text.startsWith(answer.text, from);
    const start = exact ? from + lead : nearest(text, words, from);
    if (words === '' || start === undefined) {
      throw new FieldcraftError('FC_DATA', {
        what: 'an answer does not stand in its text',
        where,
        expected: from === undefined ? 'words of the text' : `the words within ${reach} characters of their offset`,
        got: `${JSON.stringify(answer.text.slice(0, 80))} at ${answer.start ?? 'no offset'}`,
        fix: 'check whether the offsets count characters or bytes, and from 0 or 1',
      });
    }
    if (!exact && from !== undefined)
      count(tally, 'answers that do not stand at their offset (the nearest place was taken)');
    spans.set(`${start} ${words.length}`, { start, end: start + words.length });
  }
  return [...spans.values()];
}

/** The place of the words that is nearest to an index, within reach; without an index the first. */
function nearest(text: string, words: string, from: number | undefined): number | undefined {
  if (from === undefined) return text.includes(words) ? text.indexOf(words) : undefined;
  let best: number | undefined;
  for (
    let start = text.indexOf(words, Math.max(0, from - reach));
    start !== -1;
    start = text.indexOf(words, start + 1)
  ) {
    if (start > from + reach) break;
    if (best === undefined || Math.abs(start - from) < Math.abs(best - from)) best = start;
  }
  return best;
}

const offset = z.number().int().nonnegative();

/** A cell of answers: {text, start} or {text, answer_start} each, texts alone, or Hugging Face's lists {text, answer_start}. */
export const writtenAnswers = z.union([
  z.array(
    z.union([
      z.string().transform((text): WrittenAnswer => ({ text })),
      z
        .object({ text: z.string(), start: offset.optional(), answer_start: offset.optional() })
        .transform(({ text, start, answer_start }): WrittenAnswer => ({ text, start: start ?? answer_start })),
    ]),
  ),
  z
    .object({ text: z.array(z.string()), answer_start: z.array(offset) })
    .refine(({ text, answer_start }) => text.length === answer_start.length, 'as many offsets as texts')
    .transform(({ text, answer_start }) =>
      text.map((words, i): WrittenAnswer => ({ text: words, start: answer_start[i] })),
    ),
]);
