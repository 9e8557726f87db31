/** Each kind of damage is found, and only what makes a result dishonest stops a run. */
import { describe, expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import type { ClassificationExample, Dataset, EntityExample } from './examples.js';
import { removeLeakage } from './leakage.js';
import { assertQuality, checkQuality, type FindingCode } from './quality.js';

let next = 0;
const words = (seed: number, n = 20) =>
  Array.from({ length: n }, () => `w${random(seed, 'w', next++).integer(9999)}`).join(' ');
const row = (text = words(1), label = 'a'): ClassificationExample => ({ id: `id${next++}`, text, label });
const rows = (n: number, label?: string) => Array.from({ length: n }, () => row(undefined, label));

function dataset(splits: Partial<Dataset<'classification'>['splits']>, labels = ['a']): Dataset<'classification'> {
  return {
    name: 'made',
    kind: 'classification',
    labels,
    splits: { train: rows(20), dev: rows(5), test: rows(5), ...splits },
    origin: 'files',
    notes: [],
    splitRule: 'parts as given',
    licence: { name: 'x', commercial: 'unknown' },
  };
}

const found = (data: Dataset<'classification'>) =>
  Object.fromEntries(checkQuality(data).findings.map(({ code, severity, count }) => [code, [severity, count]]));

test('sound data has no findings, and passes', () => {
  const report = checkQuality(dataset({}));
  expect(report.findings).toEqual([]);
  expect(report.parts).toEqual([
    { part: 'train', examples: 20, labels: { a: 20 } },
    { part: 'dev', examples: 5, labels: { a: 5 } },
    { part: 'test', examples: 5, labels: { a: 5 } },
  ]);
  assertQuality(report);
});

describe('leakage', () => {
  const long = words(3, 60);
  const leaky = () =>
    dataset({
      train: [...rows(20), row('A heading'), row(long)],
      dev: [...rows(4), row('a  HEADING')],
      test: [...rows(4), row(`${long} more`)],
    });

  test('copies and near copies are told apart; a copy stops the run unless it is allowed', () => {
    expect(found(leaky())).toEqual({ 'duplicates-across': ['stop', 1], 'near-duplicates-across': ['warning', 1] });
    const report = checkQuality(leaky());
    expect(() => assertQuality(report)).toThrow(
      expect.objectContaining({ code: 'FC_DATA_QUALITY', message: expect.stringContaining('--allow leakage') }),
    );
    assertQuality(report, { allow: ['leakage'] });
  });

  test('a share below one in a hundred is a warning', () => {
    const data = dataset({ train: [...rows(20), row('copy')], test: [...rows(200), row('copy')] });
    expect(found(data)['duplicates-across']).toEqual(['warning', 1]);
  });

  test('removed from the part that is learnt from, never from test', () => {
    const data = leaky();
    const exact = removeLeakage(data);
    expect(exact.splits.train).toHaveLength(21);
    expect(exact.notes).toEqual([
      '1 train examples whose text also stands in dev or test were dropped, and 0 dev examples whose text also stands in test',
    ]);
    const near = removeLeakage(data, { similarity: 'near' });
    expect(near.splits.train).toHaveLength(20);
    expect(near.splits.test).toBe(data.splits.test);
    expect(checkQuality(near).findings).toEqual([]);
    expect(removeLeakage(near, { similarity: 'near' })).toBe(near);
  });
});

test.each<[FindingCode, string, Partial<Dataset<'classification'>['splits']>, number]>([
  ['missing-part', 'stop', { test: [] }, 1],
  ['duplicates-within', 'info', { train: [...rows(20), row('x'), row('x')] }, 1],
  [
    'near-duplicates-within',
    'info',
    { train: [...rows(20), ...[words(5, 60)].flatMap((text) => [row(text), row(`${text} end`)])] },
    1,
  ],
  ['conflicting-labels', 'warning', { train: [...rows(20), ...rows(10, 'b'), row('x', 'a'), row('x', 'b')] }, 1],
  ['unseen-label', 'stop', { test: rows(5, 'new') }, 1],
  ['rare-label', 'warning', { train: [...rows(20), ...rows(3, 'b')] }, 1],
  ['imbalance', 'warning', { train: [...rows(600), ...rows(11, 'b')] }, 1],
  ['empty-text', 'warning', { train: [...rows(20), row(' \n')] }, 1],
  ['long-text', 'info', { train: [...rows(20), row(words(6, 9000))] }, 1],
  ['mojibake', 'warning', { train: [...rows(20), row('EAâ€™s permission'), row('S\u00c3\u00a0rl'), row('naÃ¯ve')] }, 3],
  ['replacement-character', 'warning', { train: [...rows(20), row('caf\ufffd')] }, 1],
  ['control-characters', 'warning', { train: [...rows(20), row('Control\u0097Integrated')] }, 1],
])('%s (%s)', (code, severity, splits, count) => {
  expect(found(dataset(splits))[code]).toEqual([severity, count]);
});

test('pairs on one text and sentences of one document are no near duplicates of each other', () => {
  const [contract, ...rest] = [7, 8, 9].map((seed) => words(seed, 60));
  const pairs = rest.map((second, i) => ({ id: String(i), text: contract!, second, label: i % 2 ? 'a' : 'b' }));
  const sentences = ['one', 'two', 'three'].map((text, i, all) => ({
    ...{ id: `s${i}`, text: `${text} ${contract}`, group: 'document', label: 'a' },
    ...{ before: all.slice(0, i), after: all.slice(i + 1).map((after) => `${after} ${contract}`) },
  }));
  for (const train of [pairs, sentences]) {
    const { findings } = checkQuality({ ...dataset({}), splits: { train, dev: [], test: [] } });
    expect(findings.map(({ code }) => code)).not.toContain('near-duplicates-within');
  }
  const foreign = sentences.map((sentence, i) => ({ ...sentence, group: String(i) }));
  const { findings } = checkQuality({ ...dataset({}), splits: { train: foreign, dev: [], test: [] } });
  expect(findings.map(({ code }) => code)).toContain('near-duplicates-within');
});

test('sound letters are no mojibake, line ends and tabs no control characters', () => {
  const text = 'Â, Ãœ no; São Paulo, Île, câble, “quoted” — naïve\tÀ la carte\n';
  expect(found(dataset({ train: [...rows(20), row(text.replace('Ãœ', 'Ü'))] }))).toEqual({});
});

test('a label of the set that no example bears is a warning', () => {
  expect(found(dataset({}, ['a', 'b']))).toEqual({ 'unused-label': ['warning', 1] });
});

test('cross-validation needs no dev and no test part', () => {
  const data = { ...dataset({ dev: [], test: [] }), folds: [] };
  expect(found(data)).toEqual({});
});

test('entities count one by one, and equal texts with other spans conflict', () => {
  const entity = (end: number): EntityExample => ({
    id: `e${next++}`,
    text: 'Acme Corp sued Acme',
    entities: [
      { start: 0, end, label: 'ORG' },
      { start: 15, end: 19, label: 'ORG' },
    ],
  });
  const { name, labels, origin, notes, splitRule, licence } = dataset({}, ['ORG']);
  const report = checkQuality({
    name,
    labels,
    origin,
    notes,
    splitRule,
    licence,
    kind: 'token-classification',
    splits: { train: [entity(4), entity(9)], dev: [], test: [] },
  });
  expect(report.parts[0]?.labels).toEqual({ ORG: 4 });
  expect(report.findings.map(({ code }) => code)).toContain('conflicting-labels');
});

test('20,000 texts are checked', () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => row(`text ${i} ${words(i)}`));
  expect(found(dataset({ train: many(16_000), dev: many(2000), test: many(2000) }))).toEqual({});
});
