/** Retrieval: how far up a ranking the relevant documents stand. */
import { requireLength } from './checks.js';
import { ratio } from './scores.js';
import { collectStatistics, type ExampleStatistics } from './statistics.js';

/** One query: a score and a relevance (0 or 1) for each of its documents. */
export interface RankedQuery {
  scores: ArrayLike<number>;
  relevant: ArrayLike<number>;
}

export interface RetrievalScores {
  /** Share of the relevant documents among the first k. */
  recall: number;
  /** Share of the first k places that hold a relevant document. */
  precision: number;
  /** 1 / rank of the first relevant document; its mean over queries is MRR. */
  reciprocalRank: number;
  /** Discounted gain, 1 / log2(rank + 1) a relevant document, over the best possible (Jarvelin and Kekalainen 2002). */
  ndcg: number;
  /** Mean of the precision at each relevant document; its mean over queries is MAP. */
  averagePrecision: number;
}

export interface Cutoffs {
  /** Of recall and precision. Default 5. */
  k?: number;
  /** Of discounted gain. Default 10. */
  gainK?: number;
}

/**
 * The ranks, from 1 and ascending, of the relevant documents when all are ordered by their scores; equal scores rank in the order given.
 * In one pass over the documents for each relevant one: of many documents few are relevant.
 */
export function relevantRanks({ scores, relevant }: RankedQuery): number[] {
  requireLength('retrieval: relevant', scores.length, relevant.length);
  const ranks: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    if (!relevant[i]) continue;
    const own = scores[i]!;
    let rank = 1;
    for (let j = 0; j < scores.length; j++) if (scores[j]! > own || (j < i && scores[j] === own)) rank++;
    ranks.push(rank);
  }
  return ranks.sort((a, b) => a - b);
}

/** Scores of one query by the ranks of its relevant documents, ascending. All 0 for a query without any. */
export function rankScores(ranks: readonly number[], { k = 5, gainK = 10 }: Cutoffs = {}): RetrievalScores {
  const gain = (rank: number) => (rank <= gainK ? 1 / Math.log2(rank + 1) : 0);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const found = ranks.filter((rank) => rank <= k).length;
  return {
    recall: ratio(found, ranks.length),
    precision: found / k,
    reciprocalRank: ratio(1, ranks[0] ?? Infinity),
    ndcg: ratio(total(ranks.map(gain)), total(ranks.map((_, i) => gain(i + 1)))),
    averagePrecision: ratio(total(ranks.map((rank, i) => (i + 1) / rank)), ranks.length),
  };
}

/** Scores of one query: recall and precision over the first `k`, discounted gain over the first `gainK`. */
export const rankingScores = (query: RankedQuery, cutoffs: Cutoffs = {}): RetrievalScores =>
  rankScores(relevantRanks(query), cutoffs);

export type RetrievalMetric =
  'meanReciprocalRank' | 'ndcgAt10' | 'meanAveragePrecision' | 'recallAt1' | 'recallAt5' | 'recallAt10';

/** One row a query: 1, and what it adds to each mean. For scores, intervals and comparisons. `ranks` as `relevantRanks` gives them. */
export function retrievalStatistics(ranks: readonly (readonly number[])[]): ExampleStatistics {
  return collectStatistics(ranks.length, 7, (i, add) => {
    const { reciprocalRank, ndcg, averagePrecision, recall } = rankScores(ranks[i]!, { k: 1 });
    const [recall5, recall10] = [5, 10].map((k) => rankScores(ranks[i]!, { k }).recall);
    [1, reciprocalRank, ndcg, averagePrecision, recall, recall5!, recall10!].forEach((value, column) =>
      add(column, value),
    );
  });
}

/** The scores as a function of the summed `retrievalStatistics`: means over queries. */
export function retrievalMetrics(sums: Float64Array): Record<RetrievalMetric, number> {
  const [queries = 0, ...totals] = sums;
  const [meanReciprocalRank = 0, ndcgAt10 = 0, meanAveragePrecision = 0, recallAt1 = 0, recallAt5 = 0, recallAt10 = 0] =
    totals.map((total) => ratio(total, queries));
  return { meanReciprocalRank, ndcgAt10, meanAveragePrecision, recallAt1, recallAt5, recallAt10 };
}
