/** Cards of one source: what the task of one is tested on, the task of another has not learnt from, since a run may train both. */
import { describe, expect, test } from '@jest/globals';
import { loadMirrored, mirror } from './spec-mirror.js';

const described = mirror === undefined ? describe.skip : describe;

described('cards of one source (needs FIELDCRAFT_MIRROR)', () => {
  test.each([
    [['scierc', 'scierc-relations', 'scierc-joint']],
    [['ade-corpus-v2', 'ade-relations', 'ade-joint']],
    [['trec-qc', 'trec-fine']],
  ])('%j share no text and no document across what is learnt and what is held out', async (names) => {
    const datasets = await Promise.all(names.map((name) => loadMirrored(name)));
    const known = (of: 'text' | 'group') =>
      new Set(datasets.flatMap(({ splits }) => splits.train.map((one) => one[of])));
    const [texts, documents] = [known('text'), known('group')];
    for (const { splits } of datasets) {
      const held = [...splits.dev, ...splits.test];
      expect(held.length).toBeGreaterThan(0);
      expect(held.filter(({ text }) => texts.has(text)).map(({ id }) => id)).toEqual([]);
      expect(held.filter(({ group }) => group !== undefined && documents.has(group)).map(({ id }) => id)).toEqual([]);
    }
  });
});
