/** What an ablation says in a terminal: what each stage brings, whether that is more than chance, and what it costs. */
import { expect, test } from '@jest/globals';
import { memoryScreen } from '../test-streams.js';
import { drawAblation } from './ablate.js';

test('a row an effect, with its interval and what that says', () => {
  const effect = { task: 'terms', metric: 'microF1', with: [0.82, 0.84], without: [0.8, 0.8], difference: 0.03 };
  const lines = drawAblation(memoryScreen().screen, {
    ...{ version: 1, vertical: 'legal', stages: [{ name: 'domain', seconds: 312 }] },
    effects: [
      { stage: 'domain', ...effect, interval: [0.01, 0.05] },
      { stage: 'task', ...effect, interval: [-0.09, 0.15] },
      { stage: null, ...effect },
    ],
  });
  const rows = lines.map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['domain', 'terms', 'micro F1', '0.830', '0.800', '+0.030', '0.010–0.050', 'helps']);
  expect(rows).toContainEqual(expect.arrayContaining(['task', 'no effect shown']));
  expect(rows).toContainEqual(expect.arrayContaining(['all stages', 'one seed', 'not known']));
  expect(rows).toContainEqual(['domain', '5 min 12 s']);
});
