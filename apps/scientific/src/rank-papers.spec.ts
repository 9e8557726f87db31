import { expect, test } from '@jest/globals';
import type { ReadingServer } from '@fieldcraft/serving';
import { createReader } from '@fieldcraft/serving';
import { tasks } from './paper-tasks.js';
import { rankPapers } from './rank-papers.js';

/** As the server: a request is read in runs, and an answer names the documents of its own run. */
function serverOf(run: number): ReadingServer & { most: number } {
  let waiting = 0;
  const server = {
    most: 0,
    async predict(_task: string, inputs: Parameters<ReadingServer['predict']>[1]) {
      server.most = Math.max(server.most, ++waiting);
      await Promise.resolve();
      waiting--;
      return inputs.map((_, i) => {
        const first = i - (i % run);
        const nearest = inputs
          .slice(first, first + run)
          .map((input, d) => ({ document: `text ${d + 1}`, score: Number((input as { second: string }).second) }))
          .sort((a, b) => b.score - a.score);
        return { nearest };
      });
    },
    analyze: () => Promise.resolve([]),
    model: () => ({ tasks: [{ name: tasks.search, labels: [] }] }),
  };
  return server;
}

test.each([1, 3, 10])('every paper has its own score, of documents that are read %d at a time', async (run) => {
  const papers = Array.from({ length: 23 }, (_, i) => ({ id: `p${i}`, text: String((i * 7) % 23) }));
  const server = serverOf(run);
  const ranked = await rankPapers('query', papers, createReader(server));
  expect(ranked.map(({ score }) => score)).toEqual(Array.from({ length: 23 }, (_, i) => 22 - i));
  for (const { id, score } of ranked) expect(papers.find((paper) => paper.id === id)!.text).toBe(String(score));
  expect(server.most).toBe(1);
});
