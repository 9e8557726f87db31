/** Scores as tables: all labels where they can be read, of thousands the most frequent. */
import { expect, test } from '@jest/globals';
import { drawScores, mostFrequent } from './scores-table.js';
import { memoryScreen } from './test-streams.js';

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ label: `code ${i}`, precision: 0.5, recall: 0.5, f1: 0.5, support: i }));

test('rows that can be read all stay, in their order', () => {
  expect(mostFrequent(rows(60), ({ support }) => support)).toEqual({ rows: rows(60), note: '' });
});

test('of very many labels the most frequent are drawn, and how many there are', () => {
  const { screen } = memoryScreen();
  const scores = { metrics: { microF1: 0.5 }, perLabel: rows(597) };
  const lines = drawScores(screen, 'Diagnoses', { scores, intervals: {}, mainMetric: 'microF1' });
  const text = lines.join('\n');
  expect(text).toContain('By label (the 60 most frequent of 597)');
  expect(text).toContain('code 596');
  expect(text).not.toContain('code 536 ');
});
