/** What the specs of predictions share: what each kind of task is asked, and how near two answers must be. */
import { expect } from '@jest/globals';
import type { ModelInput, TaskKind } from '../data/index.js';
import { texts } from './test-model.js';

/** What a kind reads beside texts. */
const besides: Partial<Record<TaskKind, Partial<ModelInput>>> = {
  'pair-classification': { second: 'The supplier delivers.' },
  'sequential-classification': { before: ['We agree.'], after: ['No refunds.'] },
  similarity: { second: 'No refunds.' },
  retrieval: { second: 'Acme Inc. refunds goods.' },
  'multiple-choice': { choices: ['thirty days', 'no notice', 'goods'] },
  'span-selection': { second: 'Who delivers?' },
};
export const inputsOf = (kind: TaskKind): ModelInput[] =>
  texts.filter((text) => text !== '' || besides[kind] === undefined).map((text) => ({ text, ...besides[kind] }));

/** Numbers may differ by 2e-4, and nothing else. */
export function expectClose(got: unknown, expected: unknown, at = ''): void {
  if (typeof expected === 'number')
    return expect([at, Math.abs((got as number) - expected) < 2e-4]).toEqual([at, true]);
  if (expected === null || typeof expected !== 'object') return expect([at, got]).toEqual([at, expected]);
  expect([at, Object.keys(got as object)]).toEqual([at, Object.keys(expected)]);
  for (const [key, value] of Object.entries(expected))
    expectClose((got as Record<string, unknown>)[key], value, `${at}.${key}`);
}
