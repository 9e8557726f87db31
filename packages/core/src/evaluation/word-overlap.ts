/** How many of the frequent words of one kind of text are frequent in another (Gururangan et al. 2020, section 3.1). */

export interface OverlapOptions {
  /** Frequent words that are compared. Default 10,000, as there. */
  readonly most?: number;
  /** Words that every text has, which say nothing. Default: none. */
  readonly leaveOut?: ReadonlySet<string>;
}

export interface WordOverlap {
  /** Share of the frequent words of either that are frequent in both, in [0, 1]; 0 where nothing can be compared. */
  readonly share: number;
  /** Words that were compared on each side: fewer than `most` where a side has fewer that stand there twice. */
  readonly compared: number;
}

/**
 * Compares the most frequent words of two texts, each given as its running words. The texts should be equally long: of the longer one, more words
 * would stand there twice.
 */
export function overlapOfWords(
  a: readonly string[],
  b: readonly string[],
  { most = 10_000, leaveOut = new Set() }: OverlapOptions = {},
): WordOverlap {
  const [ofA, ofB] = [a, b].map((words) =>
    mostFrequentWords(words).filter(({ word, count }) => count > 1 && !leaveOut.has(word)),
  ) as [CountedWord[], CountedWord[]];
  const compared = Math.min(most, ofA.length, ofB.length);
  if (compared === 0) return { share: 0, compared };
  const frequent = new Set(ofA.slice(0, compared).map(({ word }) => word));
  const shared = ofB.slice(0, compared).filter(({ word }) => frequent.has(word)).length;
  return { share: shared / compared, compared };
}

interface CountedWord {
  readonly word: string;
  readonly count: number;
}

/** Different words with how often they stand there, the most frequent first, equally frequent ones by the alphabet. */
export function mostFrequentWords(words: readonly string[]): CountedWord[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
}

/**
 * The words that most tell `a` from `b`, by the log-odds ratio with an informative Dirichlet prior, both texts together being the prior, in standard
 * deviations (Monroe, Colaresi and Quinn 2008, "Fightin' Words", section 3.3.1).
 */
export function tellingWords(
  a: readonly string[],
  b: readonly string[],
  { most, leaveOut = new Set() }: OverlapOptions & { readonly most: number },
): string[] {
  const [ofA, ofB] = [a, b].map((words) => new Map(mostFrequentWords(words).map(({ word, count }) => [word, count])));
  const total = a.length + b.length;
  const score = (word: string): number => {
    const [inA, inB] = [ofA?.get(word) ?? 0, ofB?.get(word) ?? 0];
    const prior = inA + inB;
    const logOdds = (count: number, size: number) => Math.log((count + prior) / (size + total - count - prior));
    const variance = 1 / (inA + prior) + 1 / (inB + prior);
    return (logOdds(inA, a.length) - logOdds(inB, b.length)) / Math.sqrt(variance);
  };
  return [...(ofA?.keys() ?? [])]
    .map((word) => ({ word, score: score(word) }))
    .filter(({ word, score }) => score > 0 && !leaveOut.has(word))
    .sort((x, y) => y.score - x.score || (x.word < y.word ? -1 : 1))
    .slice(0, most)
    .map(({ word }) => word);
}
