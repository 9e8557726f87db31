/** Ranks papers by how near they are to what a researcher asks for. */
import type { RetrievalPrediction } from '@fieldcraft/core';
import type { Reader } from '@fieldcraft/serving';
import { tasks } from './paper-tasks.js';
import type { Paper } from './papers.js';

interface RankedPaper {
  readonly id: string;
  /** The cosine of its vector with the query's, and where words count beside the encoder the likeness that they add. */
  readonly score: number;
}

/** A prediction names its ten nearest: of so many documents at once every score is known. */
const together = 10;

/** Every paper, the nearest first; of equally near ones the earlier. */
export async function rankPapers(
  query: string,
  papers: readonly Pick<Paper, 'id' | 'title' | 'text'>[],
  reader: Reader,
): Promise<RankedPaper[]> {
  const inputs = papers.map(({ title, text }) => ({
    text: query,
    second: [title, text].filter((part) => part !== undefined).join('\n'),
  }));
  const scores = new Map<number, number>();
  for (let from = 0; from < inputs.length; from += together) {
    const answers = await reader.ask<RetrievalPrediction>(tasks.search, inputs.slice(from, from + together));
    // Long documents are read a few at a time: an answer is about those that were read with it, and numbers them from 1.
    for (let at = 0; at < answers.length;) {
      const { nearest } = answers[at]!;
      for (const { document, score } of nearest) {
        scores.set(from + at - 1 + Number(/\d+$/.exec(document)?.[0]), score);
      }
      at += Math.max(1, nearest.length);
    }
  }
  return papers.map(({ id }, i) => ({ id, score: scores.get(i) ?? -1 })).sort((a, b) => b.score - a.score);
}
