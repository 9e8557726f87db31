/** Label noise of a known share is found, where words decide the label; other kinds and tiny data say why not. */
import { expect, test } from '@jest/globals';
import type { AnyDataset } from '../data/index.js';
import { random } from '../foundation/index.js';
import { estimateNoise } from './label-noise.js';

const vocabulary = (prefix: string) =>
  Array.from({ length: 40 }, (_, i) => `${prefix}${String.fromCharCode(97 + (i % 26))}${i}`);
const kinds = ['lease', 'loan', 'sale'];
const wordsOf = new Map(kinds.map((kind) => [kind, vocabulary(kind)]));
const common = vocabulary('the');

/** Texts of six words of their kind among four of all; of a share of them the label is another. */
function noisy(count: number, share: number): { dataset: AnyDataset; wrong: ReadonlySet<string> } {
  const rng = random(7, 'noise', String(share));
  const wrong = new Set<string>();
  const train = Array.from({ length: count }, (_, i) => {
    const truth = kinds[i % kinds.length] as string;
    const pick = (words: readonly string[]) => words[rng.integer(words.length)] as string;
    const own = wordsOf.get(truth) ?? [];
    const text = [...Array.from({ length: 6 }, () => pick(own)), ...Array.from({ length: 4 }, () => pick(common))].join(
      ' ',
    );
    const id = `e${i}`;
    if (rng.uniform() >= share) return { id, text, label: truth };
    wrong.add(id);
    return { id, text, label: pick(kinds.filter((kind) => kind !== truth)) };
  });
  return { dataset: datasetOf('classification', train, kinds), wrong };
}

const datasetOf = (kind: AnyDataset['kind'], train: AnyDataset['splits']['train'], labels: string[]): AnyDataset => ({
  ...{ name: 'made-up', kind, labels, origin: 'files', notes: [], splitRule: '' },
  ...{ splits: { train, dev: [], test: [] }, licence: { name: 'ours', commercial: true } },
});

test.each([0, 0.05, 0.15])('a share of %d of wrong labels', (share) => {
  const { dataset, wrong } = noisy(450, share);
  const estimate = estimateNoise(dataset, 1);
  if ('why' in estimate) throw new Error(estimate.why);
  expect(Math.abs(estimate.share - wrong.size / 450)).toBeLessThan(0.03);
  expect(estimate).toMatchObject({ examples: 450 });
  const found = estimate.suspects.filter(({ id }) => wrong.has(id)).length;
  expect(found).toBe(share === 0 ? 0 : 10);
});

test('pairs are judged by both of their texts', () => {
  const { dataset } = noisy(300, 0);
  const train = dataset.splits.train.map(({ id, text }, i) => ({
    ...{ id, text: 'the same contract', second: text, label: kinds[i % 3] ?? '', group: `g${i % 50}` },
  }));
  const estimate = estimateNoise(datasetOf('pair-classification', train, kinds), 1);
  expect(estimate).toMatchObject({ accuracy: expect.closeTo(1, 1) });
});

test('says why where it cannot be estimated', () => {
  expect(estimateNoise(noisy(300, 0.6).dataset, 1)).toEqual({
    why: expect.stringMatching(/^not estimated: a model of words is right on \d+\.\d % only/),
  });
  expect(estimateNoise(noisy(90, 0).dataset, 1)).toEqual({
    why: 'not estimated: too few examples, or too few of each class',
  });
  const entities = [{ id: 'a', text: 'x', entities: [] }];
  expect(estimateNoise(datasetOf('token-classification', entities, []), 1)).toEqual({
    why: 'not estimated for token-classification: only for tasks with one label an example',
  });
});
