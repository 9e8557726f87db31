/** Ranks papers by how near they are to what a researcher asks for. */
import type { RetrievalPrediction } from '@fieldcraft/core';
import type { Reader } from '@fieldcraft/serving';
import type { Paper } from './papers.js';

export const task = 'paper-search';

export interface RankedPaper {
  readonly id: string;
  /** The cosine of its vector with the query's. */
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
  const documents = papers.map(({ title, text }) => [title, text].filter((part) => part !== undefined).join('\n'));
  const scores = new Map<string, number>();
  const chunks = Array.from({ length: Math.ceil(documents.length / together) }, (_, i) =>
    documents.slice(i * together, (i + 1) * together),
  );
  await Promise.all(
    chunks.map(async (chunk) => {
      const inputs = chunk.map((second) => ({ text: query, second }));
      const [first] = await reader.ask<RetrievalPrediction>(task, inputs);
      // A document's name is that of the first input which has it.
      for (const { document, score } of first?.nearest ?? []) {
        const text = chunk[Number(/\d+$/.exec(document)?.[0]) - 1];
        if (text !== undefined) scores.set(text, score);
      }
    }),
  );
  return papers.map(({ id }, i) => ({ id, score: scores.get(documents[i]!) ?? -1 })).sort((a, b) => b.score - a.score);
}
