import { expect, test } from '@jest/globals';
import type { Cell } from './measure-servers.js';
import { formatBars, formatCells } from './serving-tables.js';

const cell = (server: string, set: string, throughput: number): Cell => ({
  ...{ server, set, precision: 'int8' },
  loads: [1, 0.5, 0.9].map((share) => ({
    ...{ share, throughput: share * throughput, p50: 10 * share, p99: 90 + 20 * share },
    ...{ answered: 100, errors: share === 1 ? 2 : 0, askingCpu: 0.1, serverCpu: 5 },
    ...(share === 1 && { firstError: 'Error: 503' }),
  })),
});
const cells = ['128 tokens', 'mixed lengths'].flatMap((set) => [
  cell('ours', set, 300),
  cell('ours, fp32', set, 100),
  cell('theirs', set, 240),
]);

test('a line a server says how many times the first answers, and what went wrong', () => {
  const lines = formatCells(cells.slice(0, 3));
  expect(lines[3]).toMatch(/^theirs +240\.0 +1\.25 +5\.00 +100\.0 +9\.00 +108\.0 +2 +5\.00 +0\.10$/);
  expect(lines[4]).toBe('ours failed first by: Error: 503');
});

test('every goal stands with its figure and whether it is reached', () => {
  const forms = {
    title: 'MiniLM',
    bytes: { fp32: 90e6, int8: 25e6 },
    blocks: ['encoder.layer.0.output'],
    kept: ['embeddings'],
  };
  const oneByOne = { bare: 8, fastest: 6, served: 8.9 };
  const figures = { forms, startSeconds: [2, 4, 2.5], oneByOne, cells, equalAnswers: [1, 0.98, 1] };
  const lines = formatBars(figures, { compared: true });
  const verdicts = lines.slice(1, 8).map((line) => line.replace(/ {2,}/g, '|'));
  expect(verdicts).toEqual([
    'INT8 against fp32, answers/s|3.00|at least 2.5|reached',
    'file in fp32 against INT8|3.60|at least 3.7|NOT reached',
    'p99 at 50 %|100.00 ms|at most 100 ms|reached',
    'HTTP and batching at p50 (bare 8.00 ms, by all threads 6.00, served 8.90)|0.90 ms|at most 1 ms|reached',
    'start to ready|2.50 s|at most 3 s|reached',
    'against theirs, 128 tokens|1.25|at least 1|reached',
    'against theirs, mixed lengths|1.25|at least 1.5|NOT reached',
  ]);
  expect(lines.slice(8)).toEqual([
    'files of 90.0 MB and 25.0 MB; in INT8 but for 2 weights',
    '  encoder.layer.0.output by blocks',
    '  embeddings in fp32',
    "answers as the first server's: ours, fp32 98 %, theirs 100 %",
  ]);
  const [, , , tail] = formatBars({ ...figures, cells: cells.slice(0, 2) }, { compared: false });
  expect(tail).toMatch(/p99 at 50 % against a bare run of all threads +16\.67 +at most 5 +NOT reached/);
});
