/** Definitions of verticals, names of heads, and the counting of false alarms. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { FieldcraftError, sha256 } from '../foundation/index.js';
import { architectures } from '../models/index.js';
import { classification, defineVertical, multiLabel, relationExtraction, tokenClassification } from './definitions.js';
import { countFalseAlarms, loadFalseAlarmSet, readFalseAlarmSet } from './false-alarms.js';
import { publishedHeadName } from './heads.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-definitions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const declaration = {
  name: 'cooking',
  title: 'Cooking',
  base: 'some/base',
  bases: [{ name: 'some/base', licence: 'MIT' }],
  tasks: {
    course: classification({ data: 'recipes', samples: 'courses', loss: { classWeights: 'balanced' } }),
    diets: multiLabel({ data: 'recipes', falseAlarms: 'evaluation/none.json', gates: { microF1: 0.5 } }),
    'ingredient-names': tokenClassification({ data: 'recipe-entities', maxLength: 128 }),
  },
};

test('a vertical is checked, filled in and frozen at every level', () => {
  const vertical = defineVertical(declaration);
  expect(vertical.tasks['course']?.loss).toEqual({
    classWeights: 'balanced',
    labelSmoothing: 0,
    focalGamma: 0,
    unknownAsAbsent: 0,
  });
  expect(Object.isFrozen(vertical.tasks['diets']?.gates)).toBe(true);
  expect(vertical.tasks['ingredient-names']?.kind).toBe('token-classification');
  expect(defineVertical(vertical)).toEqual(vertical);
});

test('what does not fit is named', () => {
  const code = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      if (error instanceof FieldcraftError) return `${error.code} ${error.parts.got}`;
    }
    return 'nothing thrown';
  };
  expect(code(() => defineVertical({ ...declaration, name: 'Cooking' }))).toMatch(/^FC_CONFIG name: a kebab-case name/);
  expect(code(() => defineVertical({ ...declaration, base: 'other/base' }))).toMatch(/bases: the default base/);
  expect(code(() => defineVertical({ ...declaration, fieldBase: 'other/base' }))).toMatch(
    /fieldBase: the base recommended/,
  );
  expect(code(() => defineVertical({ ...declaration, tasks: {} }))).toMatch(/at least one task/);
  const pairings = (entitiesFrom: string) => {
    const tasks = { ...declaration.tasks, pairings: relationExtraction({ data: 'recipes', entitiesFrom }) };
    return code(() => defineVertical({ ...declaration, tasks }));
  };
  expect(pairings('ingredient-names')).toBe('nothing thrown');
  for (const other of ['course', 'nothing'])
    expect(pairings(other)).toBe(
      `FC_CONFIG tasks.pairings.entitiesFrom: ${other} is no task of the vertical that finds entities`,
    );
  expect(code(() => defineVertical(JSON.parse(JSON.stringify({ ...declaration, colour: 1 })) as never))).toMatch(
    /colour/,
  );
  expect(code(() => classification({ data: 'recipes', maxLength: 4 }))).toMatch(/maxLength/);
  expect(code(() => multiLabel({ data: 'recipes', falseAlarms: '../elsewhere.json' }))).toMatch(/inside the package/);
});

test('parameters of a head have the names of Hugging Face', () => {
  const of = { task: 'terms', architecture: architectures.bert };
  expect(publishedHeadName('heads.terms.classifier.bias', of)).toBe('classifier.bias');
  expect(publishedHeadName('heads.terms.pooler.dense.weight', of)).toBe('bert.pooler.dense.weight');
  expect(() => publishedHeadName('heads.other.classifier.bias', of)).toThrow('no parameter');
});

test('a list of labelled paragraphs finds their words by place and hash', () => {
  const text = 'Heading\n\nNo dogs or  cats\nmay live here.\n\nThe end.';
  writeFileSync(join(folder, 'lease.txt'), text);
  const [start, end] = [text.indexOf('No dogs'), text.indexOf('\n\nThe')];
  const paragraph = { file: 'lease.txt', start, end, sha256: sha256(text.slice(start, end)), labels: ['pets', 'rent'] };
  const write = (paragraphs: object[]) => {
    const path = join(folder, 'set.json');
    writeFileSync(path, JSON.stringify({ dataset: 'leases', kinds: ['pets', 'rent'], rule: 'drawn', paragraphs }));
    return path;
  };
  const set = readFalseAlarmSet(write([paragraph]));
  const [example] = loadFalseAlarmSet(set, { folder, labels: ['pets', 'tax'] });
  expect(example).toMatchObject({ text: 'No dogs or cats may live here.', labels: ['pets'], masked: ['tax'] });

  const moved = readFalseAlarmSet(write([{ ...paragraph, start: start + 1 }]));
  expect(() => loadFalseAlarmSet(moved, { folder, labels: ['pets'] })).toThrow('not the one that was labelled');
  expect(() => readFalseAlarmSet(write([{ ...paragraph, labels: ['noise'] }]))).toThrow('not among the kinds');
  expect(() => readFalseAlarmSet(write([{ ...paragraph, file: '../etc/passwd' }]))).toThrow('inside the dataset');
});

test('false alarms are labels predicted and not borne; unknown ones are none', () => {
  const examples = [
    { id: '1', text: 'a', labels: [] },
    { id: '2', text: 'b', labels: ['x'] },
    { id: '3', text: 'c', labels: ['x'], masked: ['z'] },
    { id: '4', text: 'd', labels: [] },
  ];
  const predictions = [{ labels: ['x', 'y'] }, { labels: ['x', 'y'] }, { labels: ['z'] }, { labels: [] }];
  expect(countFalseAlarms(examples, predictions)).toEqual({
    paragraphs: 4,
    alarmed: 2,
    rate: 0.5,
    falseLabels: 3,
    trueLabels: 2,
    found: 1,
    perLabel: [
      { label: 'y', count: 2 },
      { label: 'x', count: 1 },
    ],
  });
});
