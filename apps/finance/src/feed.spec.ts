import { describe, expect, test } from '@jest/globals';
import { mostHeadlines, readFeed } from './feed.js';

const gold = 'Gold slips, dollar firm';

describe('a feed', () => {
  test.each([
    [gold, undefined],
    [`2024-03-05\t${gold}`, '2024-03-05'],
    [`2024-03-05 ${gold}`, '2024-03-05'],
    [`2024-03-05T09:30:00Z | ${gold}`, '2024-03-05'],
    [`2024-03-05,"${gold}"`, '2024-03-05'],
    [`"2024-03-05","${gold}"`, '2024-03-05'],
    [`[5 March 2024]: ${gold}`, '2024-03-05'],
    [`March 5, 2024 - ${gold}`, '2024-03-05'],
    [`"${gold}",2024-03-05`, '2024-03-05'],
    [`${gold} (5 March 2024)`, '2024-03-05'],
    [`31/03/2024; ${gold}`, '2024-03-31'],
  ])('reads %j', (line, date) => {
    expect(readFeed(line).headlines).toEqual([{ text: gold, ...(date !== undefined && { date }) }]);
  });

  test.each([
    'March 5, 2024 was a bad day for gold',
    '2024-13-45 Gold slips',
    'Profit up 3-4 per cent, 2024 guidance kept',
  ])('takes no date from %j', (line) => expect(readFeed(line).headlines).toEqual([{ text: line }]));

  test('keeps quotation marks that are the headline’s own', () => {
    expect(readFeed('2024-03-05,"Bank: ""no cut"" yet"').headlines[0]!.text).toBe('Bank: "no cut" yet');
    expect(readFeed('"No cut" says bank, "not yet"').headlines[0]!.text).toBe('"No cut" says bank, "not yet"');
  });

  test('drops the names of columns and empty lines', () => {
    expect(readFeed('\uFEFFdate,headline\r\n\r\n2024-03-05,Gold slips\r\n').headlines).toEqual([
      { text: 'Gold slips', date: '2024-03-05' },
    ]);
  });

  test('all its dates say together whether days or months come first, and a doubt is told', () => {
    const dates = (feed: string) => readFeed(feed).headlines.map(({ date }) => date);
    expect(dates('03/04/2024 One\n25/04/2024 Two')).toEqual(['2024-04-03', '2024-04-25']);
    expect(dates('03/04/2024 One\n04/25/2024 Two')).toEqual(['2024-03-04', '2024-04-25']);
    expect(readFeed('03/04/2024 One\n04/25/2024 Two').notes).toEqual([]);
    expect(readFeed('03/04/2024 One').notes).toEqual(['Dates such as 03/04/2024 are read with the month first.']);
  });

  test('says how many lines have no date, and what was left out', () => {
    expect(readFeed('2024-03-05 One\nTwo\nThree').notes).toEqual([
      '2 of 3 headlines have no date: charts show them in the order of the feed.',
    ]);
    const { headlines, notes } = readFeed('Gold slips\n'.repeat(mostHeadlines + 1));
    expect([headlines.length, notes]).toEqual([
      mostHeadlines,
      [`Only the first ${mostHeadlines} of ${mostHeadlines + 1} headlines are read.`],
    ]);
  });

  test.each(['', ' \n ', '2024-03-05\n---'])('%j has no headline', (source) => {
    expect(() => readFeed(source)).toThrow(expect.objectContaining({ code: 'FC_DATA' }));
  });
});
