/** What the finance field words otherwise, on lines of news and filings. */
import { describeRewordings } from '@fieldcraft/core/testing';
import { rewordings } from './rewordings.js';

describeRewordings(rewordings, {
  cases: [
    {
      name: 'companies',
      line: 'Nokia Oyj said profit rose.',
      becomes: ['Norvale', 'Quillmark', 'Tarnbrook', 'Ostrava'].map((name) => `${name} Oyj said profit rose.`),
    },
    {
      name: 'tickers',
      line: 'Apple (NASDAQ: AAPL) fell',
      becomes: ['QXR', 'TRNB', 'OSV'].map((name) => `Apple (NASDAQ: ${name}) fell`),
    },
    { name: 'tickers', line: '$TSLA up', becomes: ['$QXR up', '$TRNB up', '$OSV up'] },
    { name: 'dates', line: 'on 31 March 2010', becomes: ['on March 31, 2010', 'on 31 March, 2010'] },
    { name: 'dates-american', line: 'on March 31, 2010', becomes: ['on 31 March 2010', 'on March 31 2010'] },
    { name: 'percentages', line: 'rose by 5 %', becomes: ['rose by 5%', 'rose by 5 percent', 'rose by 5 per cent'] },
    { name: 'euros', line: 'sales of EUR 13.1', becomes: ['sales of EUR13.1', 'sales of €13.1'] },
    { name: 'millions', line: 'of 13.1 mn', becomes: ['of 13.1 million', 'of 13.1mln', 'of 13.1m'] },
  ],
  unchanged: ['Profit rose from a year earlier.', 'It paid $5 a share.', 'May 2010 was good'],
});
