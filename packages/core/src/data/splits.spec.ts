/** Splits: complete, seeded, stratified, and nothing torn apart that belongs together. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { random } from '../foundation/index.js';
import { partNames, type ClassificationExample, type MultiLabelExample } from './examples.js';
import { writeFiles } from './spec-files.js';
import { cutDev, foldSplits, kFold, saveSplit, splitByDate, splitByShares } from './splits.js';

function corpus(n: number, { groups, labels = 3 }: { groups?: number; labels?: number } = {}): ClassificationExample[] {
  const stream = random(n, 'corpus');
  return Array.from({ length: n }, (_, i) => ({
    id: `id${i}`,
    text: Array.from({ length: 12 }, () => `w${stream.integer(10_000)}`).join(' '),
    // The last label is rare.
    label: `l${stream.uniform() < 0.05 ? labels - 1 : stream.integer(labels - 1)}`,
    ...(groups === undefined ? {} : { group: `g${stream.integer(groups)}` }),
  }));
}

const shares = { dev: 0.1, test: 0.2, seed: 7 };
const share = (examples: readonly ClassificationExample[], label: string) =>
  examples.filter((e) => e.label === label).length / examples.length;

describe('splits by shares', () => {
  test('complete, disjoint, the same for the same seed, another for another', () => {
    const examples = corpus(1000);
    const { splits, rule } = splitByShares(examples, shares);
    expect([...splits.train, ...splits.dev, ...splits.test].map(({ id }) => id).sort()).toEqual(
      examples.map(({ id }) => id).sort(),
    );
    expect(splitByShares(examples, shares).splits).toEqual(splits);
    expect(splitByShares(examples, { ...shares, seed: 8 }).splits.test).not.toEqual(splits.test);
    expect(rule).toBe('70 % train, 10 % dev, 20 % test, stratified by label, near duplicates together, seed 7');
  });

  test('every part has its share of examples and of every label', () => {
    const examples = corpus(2000);
    const { splits } = splitByShares(examples, shares);
    expect([splits.dev.length / 2000, splits.test.length / 2000]).toEqual([
      expect.closeTo(0.1, 2),
      expect.closeTo(0.2, 2),
    ]);
    for (const label of ['l0', 'l1', 'l2']) {
      for (const part of partNames) expect(share(splits[part], label)).toBeCloseTo(share(examples, label), 1.7);
    }
  });

  test('near duplicates and documents are never torn apart, whatever the data', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 200 }),
        fc.integer({ min: 5, max: 30 }),
        fc.integer(),
        (n, groups, seed) => {
          const plain = corpus(n, { groups });
          const copies = plain.slice(0, 10).map((e) => ({ ...e, id: `copy of ${e.id}`, text: `${e.text}.` }));
          const { splits } = splitByShares([...plain, ...copies], { ...shares, seed, by: 'group' });
          const parts = partNames.map((part) => new Set(splits[part].map(({ group }) => group)));
          expect(parts.reduce((sum, set) => sum + set.size, 0)).toBe(new Set(plain.map(({ group }) => group)).size);
          const byText = splitByShares([...plain, ...copies], { ...shares, seed, by: 'text' }).splits;
          for (const part of partNames) {
            const ids = new Set(byText[part].map(({ id }) => id));
            for (const copy of copies) expect(ids.has(copy.id)).toBe(ids.has(copy.id.slice(8)));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test('documents that share a text stay together, unless that joins everything', () => {
    const examples = corpus(400, { groups: 40 });
    const [first, second] = [examples[0]?.group, examples.find(({ group }) => group !== examples[0]?.group)?.group];
    const shared = [first, second].map((group, i) => ({
      id: `s${i}`,
      text: 'a shared clause',
      label: 'l0',
      ...(group ? { group } : {}),
    }));
    const { splits, rule } = splitByShares([...examples, ...shared], shares);
    expect(rule).toContain('documents and duplicates together');
    const home = partNames.filter((part) => splits[part].some(({ group }) => group === first || group === second));
    expect(home).toHaveLength(1);
    const everywhere = [...new Set(examples.map(({ group }) => group))].map((group, i) => ({
      id: `e${i}`,
      text: 'page 1',
      label: 'l0',
      ...(group ? { group } : {}),
    }));
    const boilerplate = splitByShares([...examples, ...everywhere], shares);
    expect(boilerplate.rule).toContain('documents together (texts repeat');
    expect(partNames.every((part) => boilerplate.splits[part].length > 0)).toBe(true);
  });

  test('known negatives of partly masked examples are shared out too', () => {
    const labels = ['a', 'b'];
    const examples: MultiLabelExample[] = corpus(600).map(({ id, text }, i) => ({
      id,
      text,
      labels: i % 3 === 0 ? ['a'] : [],
      masked: i % 10 === 0 ? [] : ['b', ...(i % 3 === 1 ? ['a'] : [])],
    }));
    const { splits } = splitByShares(examples, { ...shares, labels });
    const negatives = splits.test.filter((e) => !e.labels.includes('b') && e.masked?.includes('b') !== true);
    expect(negatives).toHaveLength(12);
  });

  test('a document without a name', () => {
    expect(() => splitByShares(corpus(10), { ...shares, by: 'group' })).toThrow(
      expect.objectContaining({ code: 'FC_DATA' }),
    );
  });
});

test('dev is cut from train; test stays as it was', () => {
  const [train, test_] = [corpus(500, { groups: 20 }), corpus(100)];
  const { splits } = cutDev({ train, dev: [], test: test_ }, { dev: 0.2, seed: 1, by: 'group' });
  expect(splits.test).toBe(test_);
  expect(splits.train.length + splits.dev.length).toBe(500);
  expect(splits.dev.length).toBeGreaterThan(70);
  expect(splits.dev.length).toBeLessThan(130);
});

test('by date: the newest are for testing, one day is not torn', () => {
  const examples = corpus(100).map((e, i) => ({ ...e, date: `2020-01-${String(1 + (i % 20)).padStart(2, '0')}` }));
  const { splits } = splitByDate(examples, { dev: 0.1, test: 0.2 });
  const latest = (part: readonly { date: string }[]) =>
    part
      .map(({ date }) => date)
      .sort()
      .at(-1) ?? '';
  expect(latest(splits.train) < (splits.dev[0]?.date ?? '')).toBe(true);
  expect(splits.test.every(({ date }) => date > latest(splits.dev))).toBe(true);
  expect(splits.test).toHaveLength(20);
  const hours = examples.map((e, i) => ({ ...e, date: `${e.date}T${String(i % 24).padStart(2, '0')}:30:00Z` }));
  expect(splitByDate(hours, { dev: 0.1, test: 0.2 }).splits.test.map(({ id }) => id)).toEqual(
    splits.test.map(({ id }) => id),
  );
  expect(() => splitByDate(corpus(3), { dev: 0.1, test: 0.2 })).toThrow(expect.objectContaining({ code: 'FC_DATA' }));
});

test('cross-validation: every example is tested once, groups stay whole', () => {
  const examples = corpus(200, { groups: 40 });
  const folds = kFold(examples, 5, 3);
  expect(folds.flatMap((fold) => fold.test).sort((a, b) => a - b)).toEqual([...examples.keys()]);
  for (const fold of folds) {
    const splits = foldSplits(examples, fold);
    const groups = partNames.map((part) => new Set(splits[part].map(({ group }) => group)));
    expect(groups.reduce((sum, set) => sum + set.size, 0)).toBe(new Set(examples.map(({ group }) => group)).size);
    expect(partNames.reduce((sum, part) => sum + splits[part].length, 0)).toBe(200);
    expect(splits.dev.length).toBeGreaterThan(5);
    expect(fold.test.length).toBeGreaterThan(30);
  }
  expect(kFold(examples, 5, 3)).toEqual(folds);
});

test('by date: every part has a day of its own, where there are three', () => {
  const sizesOf = (days: readonly string[]) => {
    const dated = corpus(days.length).map((e, i) => ({ ...e, date: days[i] as string }));
    const { splits } = splitByDate(dated, { dev: 0.1, test: 0.1 });
    return partNames.map((part) => splits[part].length);
  };
  const many = Array<string>(50).fill('2020-01-02');
  expect(sizesOf([...many, '2020-01-03', '2020-01-04'])).toEqual([50, 1, 1]);
  expect(sizesOf(['2019-12-31', ...many, '2020-01-04'])).toEqual([1, 50, 1]);
  expect(sizesOf(['2019-12-30', '2019-12-31', ...many])).toEqual([1, 1, 50]);
  expect(() => sizesOf([...many, '2020-01-03T10:00', '2020-01-03T11:00'])).toThrow(/at least three days/);
});

test('a saved split says which example is in which part', () => {
  const path = join(writeFiles({}), 'split.json');
  const { splits, rule } = splitByShares(corpus(50), shares);
  saveSplit(path, { splits, rule });
  const ids = Object.fromEntries(partNames.map((part) => [part, splits[part].map(({ id }) => id)]));
  const saved: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(saved).toEqual({ version: 1, rule, examples: expect.stringMatching(/^[0-9a-f]{64}$/), parts: ids });
});

test('two hundred thousand texts are divided', () => {
  const examples = Array.from({ length: 200_000 }, (_, i) => ({
    id: String(i),
    text: `row ${i}`,
    label: 'x',
    group: `g${i}`,
  }));
  const { splits } = splitByShares(examples, { ...shares, by: 'both' });
  expect(splits.train.length + splits.dev.length + splits.test.length).toBe(200_000);
});
