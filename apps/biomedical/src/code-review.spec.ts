import { expect, test } from '@jest/globals';
import { suggestCodes } from './code-review.js';

const evidence = { of: 'text', start: 0, end: 8, text: 'diabetes' } as const;

test('each code is suggested once, with its title and its evidence, under its strongest reason', () => {
  const guess = (code: string, probability: number) => ({ code, probability });
  const suggestions = suggestCodes(
    {
      codes: [{ ...guess('E11', 0.9), evidence }],
      ranking: [guess('E11', 0.9), guess('I10', 0.4), guess('Z99', 0.3)],
      unseen: [{ ...guess('Z99', 0.3), evidence }, guess('A00', 0.1)],
    },
    { E11: 'Type 2 diabetes mellitus', I10: 'Hypertension' },
  );
  expect(suggestions).toEqual([
    { code: 'E11', title: 'Type 2 diabetes mellitus', probability: 0.9, evidence, from: 'assigned' },
    { code: 'I10', title: 'Hypertension', probability: 0.4, from: 'likely' },
    { code: 'Z99', probability: 0.3, evidence, from: 'title' },
    { code: 'A00', probability: 0.1, from: 'title' },
  ]);
});

test('no more is suggested than a person reads', () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ code: `A${i}`, probability: 1 - i / 60 }));
  expect(suggestCodes({ codes: [], ranking: many, unseen: [] })).toHaveLength(10);
});
