/** The words that tell a field's text from general text: log-odds with an informative Dirichlet prior (Monroe, Colaresi, Quinn 2008, "Fightin' words"). */
import type { Corpus } from './corpus.js';
import { wordsOf } from './near-duplicates.js';

export interface FieldTerm {
  /** In lower case. */
  readonly word: string;
  /** Times in the corpus. */
  readonly count: number;
  /** The log-odds ratio of its rates in the corpus and the reference, in standard deviations. */
  readonly score: number;
}

export interface FieldTermOptions {
  /** Fewer times in the corpus, and a word is no term. Default 5. */
  readonly leastCount?: number;
  /** Default 3.29: one word in a thousand would reach it by chance. */
  readonly leastScore?: number;
  /** The highest scores alone. Default: no limit. */
  readonly limit?: number;
}

/** The prior draws rare words to what both corpora together say: it weighs as much as a tenth of the smaller one, and as so many words at most. */
const mostPriorWords = 10_000;

/** Words far more frequent in `corpus` than in `reference`, the surest first; numbers and words of one or two letters are none. */
export function findFieldTerms(
  corpus: Pick<Corpus, 'documents'>,
  reference: Pick<Corpus, 'documents'>,
  { leastCount = 5, leastScore = 3.29, limit = Infinity }: FieldTermOptions = {},
): FieldTerm[] {
  const [here, there] = [countWords(corpus), countWords(reference)];
  const together = here.words + there.words;
  const priorWords = Math.min(mostPriorWords, Math.min(here.words, there.words) / 10);
  const terms: FieldTerm[] = [];
  for (const [word, count] of here.counts) {
    if (count < leastCount || !/^\p{L}{3,}$/u.test(word)) continue;
    const elsewhere = there.counts.get(word) ?? 0;
    const prior = (priorWords * (count + elsewhere)) / together;
    const odds = (times: number, words: number) => Math.log((times + prior) / (words + priorWords - times - prior));
    const deviation = Math.sqrt(1 / (count + prior) + 1 / (elsewhere + prior));
    const score = (odds(count, here.words) - odds(elsewhere, there.words)) / deviation;
    if (score >= leastScore) terms.push({ word, count, score });
  }
  return terms.sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1)).slice(0, limit);
}

function countWords({ documents }: Pick<Corpus, 'documents'>): { counts: Map<string, number>; words: number } {
  const counts = new Map<string, number>();
  let words = 0;
  for (const { paragraphs } of documents) {
    for (const paragraph of paragraphs) {
      for (const word of wordsOf(paragraph)) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
        words++;
      }
    }
  }
  return { counts, words };
}
