import { describe, expect, test } from '@jest/globals';
import { layOut, wrap } from './tables.js';

const table = {
  columns: [
    { head: 'Task', align: 'left' },
    { head: 'Test', align: 'right' },
    { head: 'Verdict', align: 'left' },
  ] as const,
  rows: [
    ['clauses', '1,330', 'beats both baselines'],
    ['entities', '9', 'does not beat the dictionary'],
  ],
};

describe('tables', () => {
  test('columns are as wide as their cells', () => {
    expect(layOut(table)).toEqual([
      '  Task       Test  Verdict',
      '  clauses   1,330  beats both baselines',
      '  entities      9  does not beat the dictionary',
    ]);
  });

  test('the widest column of text wraps where the screen is narrow', () => {
    const lines = layOut(table, { width: 38 });
    expect(lines).toEqual([
      '  Task       Test  Verdict',
      '  clauses   1,330  beats both',
      '                   baselines',
      '  entities      9  does not beat the',
      '                   dictionary',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(38);
  });

  test('a column is not narrowed beyond reading', () => {
    expect(layOut(table, { width: 5 }).slice(1, 3)).toEqual([
      '  clauses   1,330  beats both',
      '                   baselines',
    ]);
  });

  test('a table without rows is its head', () => {
    expect(layOut({ ...table, rows: [] })).toEqual(['  Task  Test  Verdict']);
  });

  test('every line of a row is dressed, after it was laid out', () => {
    const lines = layOut(table, { width: 38, styleRow: (line, row) => (row === 1 ? `<${line}>` : line) });
    expect(lines.slice(-2)).toEqual(['<  entities      9  does not beat the>', '<                   dictionary>']);
  });

  test('words wider than a line are broken, characters outside the first plane are not', () => {
    expect(wrap('a bcdefgh 😀😀😀', 4)).toEqual(['a', 'bcde', 'fgh', '😀😀😀']);
    expect(wrap('', 4)).toEqual(['']);
  });
});
