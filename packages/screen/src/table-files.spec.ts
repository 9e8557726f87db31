import { expect, test } from '@jest/globals';
import { tableFile } from './table-files.js';

const table = {
  title: 'Issues',
  columns: ['clause', 'risk', 'confidence'],
  rows: [
    ['=SUM(A1), "all" of it', 'high', 0.5],
    ['two\nlines | and *stars*', undefined, null],
  ],
} as const;

test('CSV quotes, keeps lines inside cells, and escapes what a spreadsheet would run', () => {
  expect(tableFile(table, 'csv').content).toBe(
    '\ufeffclause,risk,confidence\n"\'=SUM(A1), ""all"" of it",high,0.5\n"two\nlines | and *stars*",,\n',
  );
});

test('JSON names each cell by its column', () => {
  expect(JSON.parse(tableFile(table, 'json').content)).toEqual([
    { clause: '=SUM(A1), "all" of it', risk: 'high', confidence: 0.5 },
    { clause: 'two\nlines | and *stars*', risk: null, confidence: null },
  ]);
});

test('a row of Markdown stays one row, whatever its cells hold', () => {
  expect(tableFile(table, 'markdown').content).toBe(
    '# Issues\n\n| clause | risk | confidence |\n| --- | --- | --- |\n' +
      '| =SUM(A1), "all" of it | high | 0.5 |\n| two lines \\| and \\*stars\\* |  |  |\n',
  );
});
