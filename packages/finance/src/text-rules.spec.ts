/** The rules of the finance field on lines of news, headlines and posts. */
import { describeTextRules } from '@fieldcraft/core/testing';
import { amountRules, links, tickers } from './text-rules.js';

describeTextRules(
  [
    {
      shows: 'amounts of the wire are numbers, units and words',
      rules: amountRules,
      line: 'M-real generated a turnover of EUR5 .6 bn in 2006 and has 15,500 employees .',
      becomes: 'M-real generated a turnover of EUR 5.6 billion in 2006 and has 15,500 employees .',
      before: '... eu ##r ##5 . 6 bn in ...',
      after: '... eu ##r 5 . 6 billion in ...',
    },
    {
      shows: 'a currency does not run into its number',
      rules: amountRules,
      line: 'Net sales increased to EUR655m in April to June 2010 from EUR438m a year earlier .',
      becomes: 'Net sales increased to EUR 655 million in April to June 2010 from EUR 438 million a year earlier .',
      before: '... eu ##r ##65 ##5 ##m in ... eu ##r ##43 ##8 ##m a ...',
      after: '... eu ##r 65 ##5 million in ... eu ##r 43 ##8 million a ...',
    },
    {
      shows: 'crores and percents are words',
      rules: amountRules,
      line: 'ZEE Q2 net at Rs 216.3 cr, up 1.56 pc',
      becomes: 'ZEE Q2 net at Rs 216.3 crore, up 1.56 percent',
      before: '... 216 . 3 cr , up 1 . 56 pc',
      after: '... 216 . 3 crore , up 1 . 56 percent',
    },
    {
      shows: 'a ticker is a stock, and an address is one word',
      rules: [tickers, links],
      line: '$TRX http://stks.co/1KkK Long setup. MACD cross.',
      becomes: 'stock TRX link Long setup. MACD cross.',
      before: '$ tr ##x http : / / st ##ks . co / 1 ##kk ##k long ...',
      after: 'stock tr ##x link long setup ...',
    },
  ],
  [
    'Calls are active at $58.65 this month',
    'The mast is 40 m high and weighs 12 tonnes',
    'Operating profit rose by 5 % in 2008 .',
  ],
);
