/** Answers to questions without learning: the first sentence of a passage, or the one whose words are most like the question's. */
import { cosineRows } from '../sparse-rows.js';
import { fitTfidf } from '../tfidf.js';

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
  const sentences = [...new Set(passages)].flatMap((text) =>
    sentencesOf(text).map(({ start, end }) => text.slice(start, end)),
  );
  const tfidf = fitTfidf(sentences, { minDocuments: 1 });
  return ({ passage, question }) => {
    const spans = sentencesOf(passage);
    const rows = tfidf.transform(spans.map(({ start, end }) => passage.slice(start, end)));
    const [asked] = [tfidf.transform(spans.map(() => question))];
    const likeness = cosineRows(rows, asked);
    const best = likeness.indexOf(Math.max(...likeness));
    return { ...spans[best]!, likeness: likeness[best]! };
  };
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
