/** A dataset tested on another: what is learnt from, what is left out for it, and answers that do not fit. */
import { expect, test } from '@jest/globals';
import type { AnyDataset } from './examples.js';
import { testedOn } from './tested-on.js';

const example = (id: string, text: string, label: string) => ({ id, text, label });
const dataset = (name: string, labels: string[], parts: readonly string[][]): AnyDataset => {
  const [train = [], dev = [], held = []] = parts.map((texts, part) =>
    texts.map((text, i) => example(`${part}:${i}`, text, labels[i % labels.length] ?? '')),
  );
  return {
    ...{ name, kind: 'classification', labels, origin: 'files', notes: [], splitRule: 'as given' },
    splits: { train, dev, test: held },
    licence: { name: 'MIT', commercial: true },
  };
};

const shared = 'profit rose by a fifth in the second quarter of the year';

test('all of one is learnt from but what the test part of the other holds', () => {
  const own = dataset('own', ['good', 'bad'], [['a b c', shared], ['d e f'], ['g h i']]);
  const other = dataset('other', ['good', 'bad'], [['j k l'], ['m n o'], [shared, 'p q r']]);
  const { splits, notes, splitRule } = testedOn(own, other);
  expect(splits.train.map(({ text }) => text)).toEqual(['a b c', 'g h i']);
  expect(splits.dev.map(({ text }) => text)).toEqual(['d e f']);
  expect(splits.test.map(({ id }) => id)).toEqual(['other/2:0', 'other/2:1']);
  expect(notes.join()).toContain('1 train examples');
  expect(splitRule).toContain('tested on the test part of other');
});

test('labels that are learnt nowhere are refused', () => {
  const own = dataset('own', ['good', 'bad'], [['a b c'], [], []]);
  expect(() => testedOn(own, dataset('other', ['fine'], [[], [], ['p q r']]))).toThrow(/the label fine/);
});
