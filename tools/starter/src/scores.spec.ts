/** The scores of the starter: which results count, and that they stand in its card and its facts. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { scoresOf, writeScores } from './scores.js';

const result = (key: string, macroF1: number) =>
  JSON.stringify({ key: `${key}/seed-1`, tasks: [{ mainMetric: 'macroF1', metrics: { macroF1, accuracy: 0.9 } }] });
const lines = [
  result('law/terms/minilm', 0.8),
  result('law/terms/starter', 0.1),
  result('law/terms/scratch', 0.4),
  result('law/terms/starter', 0.6),
  result('law/half/minilm', 0.7),
].join('\n');

test('a task counts that all three have learnt, by its last results', () => {
  expect(scoresOf(`${lines}\n`, 'here')).toEqual([
    { task: 'law/terms', metric: 'macroF1', teacher: 0.8, starter: 0.6, scratch: 0.4 },
  ]);
  expect(() => scoresOf(result('law/half/minilm', 0.7), 'here')).toThrow(/no task .* have all learnt/);
});

test('they stand in the facts and in the card', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-scores-'));
  try {
    const own = fileURLToPath(new URL('../../../packages/core/models/starter', import.meta.url));
    for (const file of ['starter.json', 'README.md']) cpSync(join(own, file), join(folder, file));
    const results = join(folder, 'results.jsonl');
    writeFileSync(results, lines);
    const scores = writeScores(folder, results);
    expect(JSON.parse(readFileSync(join(folder, 'starter.json'), 'utf8'))).toMatchObject({ scores });
    const card = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('| law/terms | macro F1 | 0.600 | 0.800 | 0.400 |');
    expect(card).toContain('keeps 75.0 %');
    expect(card).toContain((JSON.parse(readFileSync(join(own, 'starter.json'), 'utf8')) as { sha256: string }).sha256);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
