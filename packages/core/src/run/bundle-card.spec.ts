/** What a bundle's card says of certainty, INT8 and origin, of all tasks or of one. */
import { expect, test } from '@jest/globals';
import type { Calibration, Lineage, QuantisationReport } from '../export/index.js';
import { bundleSections } from './bundle-card.js';

const data = { dataset: 'corpus', licence: 'MIT', source: null };
const lineage: Lineage = {
  ...{ version: 1, run: 'r', started: null, command: 'fieldcraft train legal', commit: 'abc+', config: null },
  data: {
    clauses: { ...data, hash: 'h1', extra: { file: 'said.jsonl', sha256: 'f00', used: 12, dropped: 1 } },
    entities: { ...data, hash: null },
  },
  ...{ base: { id: 'base', revision: 'r1' }, tokenizer: 't', parent: 'older' },
};
const quantisation: QuantisationReport = {
  limits: { points: 0.5, equal: 0.99, moved: 0.15, smaller: 2 },
  ...{ weightBits: 8, bytes: { fp32: 4_000_000, int8: 1_250_000, ratio: 3.2 }, tried: 4 },
  ...{ blocks: ['bert.layer.1'], kept: ['bert.embeddings'] },
  sensitivity: [{ weight: 'bert.embeddings', error: 0.2 }],
  tasks: [
    { task: 'clauses', mainMetric: 'macroF1', fp32: 0.8, int8: 0.798, pointsLost: 0.2, equal: 0.995, compared: 400 },
    {
      task: 'entities',
      mainMetric: 'entityF1',
      fp32: 0.02,
      int8: 0,
      pointsLost: 2,
      equal: 0,
      compared: 3,
      moved: 0.04,
    },
  ],
};
const calibration: Calibration = { version: 1, tasks: {}, notes: ['clauses: no dev part was at hand'] };
const bodyOf = (sections: readonly { title: string; body: string }[]) =>
  Object.fromEntries(sections.map(({ title, body }) => [title, body]));

test('all tasks, with the figures of the gate and the layers that were kept', () => {
  const { Calibration, INT8, Lineage } = bodyOf(bundleSections({ calibration, lineage, quantisation }, undefined));
  expect(Calibration).toContain('- clauses: no dev part was at hand');
  expect(INT8).toContain('3.20 times smaller');
  expect(INT8).toContain('- Clauses: macroF1 80.00 -\\> 79.80 (0.20 points lost), 99.50 % of 400 predictions equal');
  expect(INT8).toContain('judged by its logits, which moved by 4.0 %');
  expect(INT8).toContain('by blocks of 32 numbers: `bert.layer.1`');
  expect(INT8).toContain('single precision: `bert.embeddings`');
  expect(Lineage).toContain('- Commit: `abc+`');
  expect(Lineage).toContain('12 examples of `said.jsonl` (SHA-256 `f00`) among them');
  expect(Lineage).toContain('- Entities: `corpus`, hash over its examples not known');
});

test('one task alone, and a bundle without INT8', () => {
  const parts = { calibration, lineage, quantisation: undefined };
  const { Calibration, INT8, Lineage } = bodyOf(bundleSections(parts, undefined, 'entities'));
  expect(Calibration).not.toContain('clauses');
  expect(INT8).toBe('This bundle is in single precision alone.');
  expect(Lineage).not.toContain('Clauses');
});
