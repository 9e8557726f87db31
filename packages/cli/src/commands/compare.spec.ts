import { expect, test } from '@jest/globals';
import type { RunComparison } from '@fieldcraft/core';
import { memoryScreen } from '../test-streams.js';
import { drawComparison } from './compare.js';

const run = (name: string) => ({ folder: `runs/legal/${name}`, name, base: 'tiny', profile: 'quick' });
const comparison: RunComparison = {
  ...{ a: run('old'), b: run('new'), resamples: 1000 },
  tasks: [
    {
      ...{ task: 'unfair-terms', kind: 'multi-label', metric: 'microF1', examples: 900, groups: 30, a: 0.7, b: 0.8 },
      ...{ difference: 0.1, interval: [0.06, 0.14], p: 0.0009, pAdjusted: 0.0018, better: 'b' },
    },
    {
      ...{ task: 'deontic', kind: 'classification', metric: 'macroF1', examples: 90, a: 0.61, b: 0.6 },
      ...{ difference: -0.01, interval: [-0.05, 0.02], p: 0.6, pAdjusted: 0.6, better: 'neither' },
    },
  ],
  notCompared: [{ task: 'entities', why: 'run A does not have it' }],
};

test('differences as a table, what is shown in words, what is not comparable with the reason', () => {
  const { screen } = memoryScreen();
  expect(drawComparison(screen, comparison)).toEqual([
    '',
    'A  runs/legal/old',
    'B  runs/legal/new',
    '',
    'Main scores on the same test examples',
    '  Task          Score         A      B   B − A     95 % interval      p  Verdict',
    '  unfair-terms  micro F1  0.700  0.800  +0.100  +0.060 to +0.140  0.002  B is better',
    '  deontic       macro F1  0.610  0.600  −0.010  −0.050 to +0.020  0.600  no difference shown',
    '',
    'Not compared',
    '  entities: run A does not have it',
  ]);
});
