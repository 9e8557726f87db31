import { describe, expect, test } from '@jest/globals';
import { axisOf, dayTicks, numberTicks, smooth } from './series.js';

const labels = (ticks: readonly { label: string }[]) => ticks.map(({ label }) => label);

test('a line runs through the means of neighbours, in the order of the axis', () => {
  const points = [
    { x: 3, y: -1 },
    { x: 1, y: 1 },
    { x: 2, y: 0 },
  ];
  expect(smooth(points, 1)).toEqual([
    { x: 1, y: 0.5 },
    { x: 2, y: 0 },
    { x: 3, y: -0.5 },
  ]);
  expect([smooth([]), smooth([{ x: 1, y: 0.5 }])]).toEqual([[], [{ x: 1, y: 0.5 }]]);
});

describe('marks of an axis', () => {
  test('are few even numbers', () => {
    expect(labels(numberTicks(1, 7, 8))).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(labels(numberTicks(1, 240, 6))).toEqual(['50', '100', '150', '200']);
    expect(labels(numberTicks(1, 1, 6))).toEqual(['1']);
  });

  test('are days, weeks, months or years as the room allows', () => {
    const over = (from: string, to: string, most: number) => labels(dayTicks(Date.parse(from), Date.parse(to), most));
    expect(over('2024-02-28', '2024-03-02', 6)).toEqual(['28 Feb', '29 Feb', '1 Mar', '2 Mar']);
    expect(over('2024-03-04', '2024-03-25', 4)).toEqual(['4 Mar', '11 Mar', '18 Mar', '25 Mar']);
    expect(over('2024-01-15', '2024-06-10', 8)).toEqual(['Feb 2024', 'Mar 2024', 'Apr 2024', 'May 2024', 'Jun 2024']);
    expect(over('2001-05-05', '2024-03-05', 6)).toEqual(['Jan 2005', 'Jan 2010', 'Jan 2015', 'Jan 2020']);
    expect(over('2024-03-05', '2024-03-05', 6)).toEqual(['5 Mar']);
  });
});

test('the axis has days only where every headline has one', () => {
  const dated = axisOf([{ date: '2024-03-06' }, { date: '2024-03-04' }], 'Headline');
  expect([dated.name, dated.from, dated.x(1)]).toEqual(['Day', Date.parse('2024-03-04'), Date.parse('2024-03-04')]);
  const { name, from, to, x } = axisOf([{ date: '2024-03-06' }, {}], 'Headline');
  expect([name, from, to, x(1)]).toEqual(['Headline', 1, 2, 2]);
});
