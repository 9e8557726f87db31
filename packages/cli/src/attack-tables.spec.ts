/** The result of attacks on a terminal: a table a set, and texts with what was changed. */
import { expect, test } from '@jest/globals';
import { drawAttacks } from './attack-tables.js';

import { memoryScreen } from './test-streams.js';

test('each set has its table, the worst of all recipes first, and texts show what stood there', () => {
  const row = { attacked: 80, successRate: 0.25, interval: [0.168, 0.355] as [number, number], queries: 41.6 };
  const lines = drawAttacks(memoryScreen().screen, {
    ...{ task: 'clauses', texts: 100, skipped: 20, unit: 'text', clean: 0.8, judge: 'judge', queries: 200, seed: 1 },
    constraints: [{ set: 'loose', similarity: 0.8, wordsChanged: 0.3, shortest: 4, keepsEnd: false }],
    rows: [
      { recipe: 'all', set: 'loose', ...row, flipped: 40, underAttack: 0.4 },
      { recipe: 'ocr', set: 'loose', ...row, flipped: 20, underAttack: 0.6, wordsChanged: 1.5, similarity: 0.9 },
      { recipe: 'casing', set: 'strict', ...row, flipped: 7, underAttack: 0.7 },
    ],
    examples: [
      {
        ...{ id: 'x', recipe: 'ocr', set: 'loose', text: 'No govemance here', gold: ['a'], predicted: [] },
        changes: [{ start: 3, end: 12, was: 'governance' }],
      },
    ],
  });
  const text = lines.join('\n');
  expect(text).toContain('clauses, 100 test texts, 80.0 % of their answers right as they are, 20 not attacked');
  expect(text).toMatch(/any of these +25\.0 % +16\.8 % – 35\.5 % +40 of 80 +40\.0 % +42 +– +–/);
  expect(text).toMatch(/OCR noise +25\.0 % .* 1\.5 +0\.900/);
  expect(text).not.toContain('capitals');
  expect(text).toContain('No [governance → govemance] here');
  expect(text).toContain('OCR noise, loose: a → nothing');
});
