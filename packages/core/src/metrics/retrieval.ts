/** Retrieval: how far up a ranking the relevant documents stand. */
import { requireLength } from './checks.js';
import { ratio } from './scores.js';

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

/**
 * Scores of one query: recall and precision over the first `k` (5), discounted gain over the first `gainK` (10). Equal scores
 * rank in the order given. All 0 for a query without relevant documents.
 */
export function rankingScores(query: RankedQuery, { k = 5, gainK = 10 } = {}): RetrievalScores {
  requireLength('retrieval: relevant', query.scores.length, query.relevant.length);
  const order = Array.from({ length: query.scores.length }, (_, i) => i);
  order.sort((a, b) => query.scores[b]! - query.scores[a]! || a - b);
  const hits = order.map((i) => (query.relevant[i] ? 1 : 0));
  const relevant = hits.filter((hit) => hit === 1).length;
  const out: RetrievalScores = { recall: 0, precision: 0, reciprocalRank: 0, ndcg: 0, averagePrecision: 0 };
  let found = 0;
  let ideal = 0;
  hits.forEach((hit, position) => {
    const discount = 1 / Math.log2(position + 2);
    if (position < Math.min(gainK, relevant)) ideal += discount;
    if (hit === 0) return;
    found += 1;
    if (position < k) out.recall += 1 / relevant;
    if (position < k) out.precision += 1 / k;
    if (position < gainK) out.ndcg += discount;
    if (found === 1) out.reciprocalRank = 1 / (position + 1);
    out.averagePrecision += found / (position + 1) / relevant;
  });
  return { ...out, ndcg: ratio(out.ndcg, ideal) };
}

/** Each score's mean over `queries`. */
export function retrievalScores(queries: readonly RankedQuery[], options: { k?: number; gainK?: number } = {}) {
  const scores = queries.map((query) => rankingScores(query, options));
  const mean = (name: keyof RetrievalScores) =>
    ratio(
      scores.reduce((sum, score) => sum + score[name], 0),
      scores.length,
    );
  return {
    recall: mean('recall'),
    precision: mean('precision'),
    meanReciprocalRank: mean('reciprocalRank'),
    ndcg: mean('ndcg'),
    meanAveragePrecision: mean('averagePrecision'),
  };
}
