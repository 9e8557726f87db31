import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { argmaxRows, classIndices, classificationReport, entityScores, tagsToSpans } from '../../metrics/index.js';
import { entityDictionary, majorityClass, majorityEntities, majorityLabels, tfidfClass } from '../index.js';

test('majority: class shares, label shares where known, no entities', () => {
  const labels = ['a', 'b'];
  const train = ['b', 'b', 'a', 'b'].map((label) => ({ text: '', label }));
  expect([...majorityClass(labels).fit(train)([{ text: 'x' }, { text: 'y' }])]).toEqual([0.25, 0.75, 0.25, 0.75]);
  const partial = [
    { text: '', labels: ['a'] },
    { text: '', labels: [], masked: ['b'] },
  ];
  expect([...majorityLabels(labels).fit(partial)([{ text: 'x' }])]).toEqual([0.5, 0]);
  expect(majorityEntities().fit([])([{ text: 'x' }])).toEqual([[]]);
});

describe('dictionary of entities', () => {
  const mark = (marked: string) => {
    const entities: { start: number; end: number; label: string }[] = [];
    const text = marked.replace(/\[(.*?)\|(.*?)\]/g, (_all, ...[phrase, label, at]: [string, string, number]) => {
      const start = at - entities.reduce((sum, entity) => sum + entity.label.length + 3, 0);
      entities.push({ start, end: start + phrase.length, label });
      return phrase;
    });
    return { text, entities };
  };
  const found = (train: string[], text: string) => {
    const [spans] = entityDictionary().fit(train.map(mark))([{ text }]);
    return spans!.map((span) => `${text.slice(span.start, span.end)}|${span.label}`);
  };

  test('the longest match wins', () => {
    const train = ['[New York|LOC] is big', 'the [New York Times|ORG] wrote', '[York|LOC] is old'];
    expect(found(train, 'In York, the New York Times; in New York.')).toEqual([
      'York|LOC',
      'New York Times|ORG',
      'New York|LOC',
    ]);
  });

  test('the majority decides, no entity included', () => {
    expect(found(['[Apple|ORG] rose', '[Apple|ORG] fell', '[Apple|FOOD] pie'], 'Apple')).toEqual(['Apple|ORG']);
    expect(found(['the [Company|ORG] paid', 'the Company is', 'a Company'], 'the Company')).toEqual([]);
  });

  test('case as written decides where training has it, else any case', () => {
    const train = ['[Apple|ORG] rose', '[Apple|ORG] fell', 'an apple a day'];
    expect(found(train, 'Apple apple APPLE')).toEqual(['Apple|ORG', 'APPLE|ORG']);
  });

  test('words of the data bound the matches', () => {
    const predict = entityDictionary().fit([mark('[beta|GENE] gene')]);
    const text = 'beta-1 beta';
    expect(predict([{ text }])[0]!.map((span) => span.start)).toEqual([0, 7]);
    expect(
      predict([
        {
          text,
          words: [
            [0, 6],
            [7, 11],
          ],
        },
      ])[0]!.map((span) => span.start),
    ).toEqual([7]);
  });
});

const mirror = process.env['FIELDCRAFT_MIRROR'];
const suite = mirror ? describe : describe.skip;

suite('on real data (needs FIELDCRAFT_MIRROR)', () => {
  const lines = (path: string) => readFileSync(join(mirror!, 'data', path), 'utf8').split('\n');

  test('SciCite: scikit-learn has accuracy 0.8168 and macro F1 0.7982 with the same pipeline', () => {
    const [train, test] = ['train', 'test'].map((part) =>
      lines(`scientific/scicite/${part}.txt`)
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as { text: string; label: string }),
    );
    const labels = [...new Set(train!.map((example) => example.label))].sort();
    const probabilities = tfidfClass(labels).fit(train!)(test!);
    const report = classificationReport(classIndices(test!, labels), argmaxRows(probabilities, 3), labels);
    expect(Math.abs(report.accuracy - 0.8168)).toBeLessThan(0.003);
    expect(Math.abs(report.macro.f1 - 0.7982)).toBeLessThan(0.003);
  });

  test('NCBI-disease: a dictionary finds most entities it has seen', () => {
    const read = (part: string) =>
      lines(`biomedical/ncbi-disease-ner/${part}.tsv`)
        .join('\n')
        .split(/\n\s*\n/)
        .filter((sentence) => sentence.trim() !== '')
        .map((sentence) => {
          const rows = sentence
            .trim()
            .split('\n')
            .map((row) => row.split('\t') as [string, string]);
          let at = 0;
          const words = rows.map(([word]): [number, number] => [at, (at += word.length + 1) - 1]);
          const entities = tagsToSpans(rows.map(([, tag]) => tag)).map(({ start, end, label }) => ({
            start: words[start]![0],
            end: words[end - 1]![1],
            label,
          }));
          return { text: rows.map(([word]) => word).join(' '), words, entities };
        });
    const test = read('test');
    const predicted = entityDictionary().fit(read('train'))(test);
    const { micro } = entityScores(
      test.map((example) => example.entities),
      predicted,
    );
    expect(micro.precision).toBeGreaterThan(0.75);
    expect(micro.f1).toBeGreaterThan(0.65);
  });
});
