/** Answers to questions without learning: the first sentence of a passage, or the one whose words are most like the question's. */
import { fitTfidf, type Tfidf } from '../tfidf.js';

/** A stretch of the passage, UTF-16 indices, and how much it is like the question. */
export interface PickedSentence {
  readonly start: number;
  readonly end: number;
  readonly likeness: number;
}

export type SentencePick = (asked: { passage: string; question: string }) => PickedSentence;

/** Always the first sentence, with a likeness of 0. */
export const firstSentence: SentencePick = ({ passage }) => ({ ...sentencesOf(passage)[0]!, likeness: 0 });

/** The sentence with the largest cosine of TF-IDF features to the question's, the first of equal ones. Weights are counted on `passages`. */
export function likestSentence(passages: readonly string[]): SentencePick {
  const tfidf = fitTfidf(allSentences(passages), { minDocuments: 1 });
  return (asked) => {
    const sentences = compareSentences(tfidf, asked);
    const best = Math.max(...sentences.map(({ likeness }) => likeness));
    return sentences.find(({ likeness }) => likeness === best)!;
  };
}

/** The sentences of the different passages. */
export const allSentences = (passages: readonly string[]): string[] =>
  [...new Set(passages)].flatMap((text) => sentencesOf(text).map(({ start, end }) => text.slice(start, end)));

/** Every sentence of a passage with its likeness to a question. */
export function compareSentences(
  tfidf: Tfidf,
  { passage, question }: { passage: string; question: string },
): PickedSentence[] {
  const spans = sentencesOf(passage);
  const rows = tfidf.transform(spans.map(({ start, end }) => passage.slice(start, end)));
  const asked = tfidf.transform([question]);
  const weights = new Map(Array.from(asked.column, (column, at) => [column, asked.value[at]!]));
  // Rows have length 1: their product is their cosine.
  return spans.map((span, i) => {
    let likeness = 0;
    for (let at = rows.rowStart[i]!; at < rows.rowStart[i + 1]!; at++)
      likeness += rows.value[at]! * (weights.get(rows.column[at]!) ?? 0);
    return { ...span, likeness };
  });
}

/** Sentences by UAX 29 without the space around them; an empty text is one. */
function sentencesOf(text: string): { start: number; end: number }[] {
  const found = [...segmenter.segment(text)].flatMap(({ index, segment }) => {
    const words = segment.trim();
    if (words === '') return [];
    const start = index + segment.indexOf(words);
    return [{ start, end: start + words.length }];
  });
  return found.length > 0 ? found : [{ start: 0, end: text.length }];
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
