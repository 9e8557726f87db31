import { expect, test } from '@jest/globals';
import { sortRows } from './data-table.js';

const columns = [
  { name: 'clause', value: (row: Row) => row.clause },
  { name: 'score', value: (row: Row) => row.score },
];
interface Row {
  clause: string;
  score?: number;
}
const rows: Row[] = [{ clause: '10 Law', score: 0.2 }, { clause: '9 Term' }, { clause: '2 Fees', score: 0.9 }];
const order = (column: string, down: boolean) => sortRows(rows, columns, { column, down }).map(({ clause }) => clause);

test('numbers sort as numbers, also inside of texts', () => {
  expect(order('clause', false)).toEqual(['2 Fees', '9 Term', '10 Law']);
  expect(order('clause', true)).toEqual(['10 Law', '9 Term', '2 Fees']);
});

test('what has no value is last in both directions', () => {
  expect(order('score', false)).toEqual(['10 Law', '2 Fees', '9 Term']);
  expect(order('score', true)).toEqual(['2 Fees', '10 Law', '9 Term']);
});

test('without an order, or by a column that is not there, rows stay as they are', () => {
  expect(sortRows(rows, columns, undefined)).toBe(rows);
  expect(sortRows(rows, columns, { column: 'other', down: true })).toBe(rows);
});
