/** The table of stages: cases are chosen by the beginning of their names, and a name that fits none is refused. */
import { expect, test } from '@jest/globals';
import { checkStages } from './stages.js';

test('runs the cases that are named and counts them', async () => {
  const lines: string[] = [];
  expect(await checkStages(['step/multi-label'], (line) => lines.push(line))).toBe(true);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^ok +step\/multi-label +\d+ gradients \d\.\de-\d+$/);
  expect(lines[1]).toBe('1 passed, 0 failed, 0 skipped');
  await expect(checkStages(['steps'], () => undefined)).rejects.toMatchObject({ code: 'FC_CONFIG' });
});
