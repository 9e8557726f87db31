/** What the finance vertical rewrites in texts before they are tokenised: amounts and tickers, each written in one way. */
import type { TextRule } from '@fieldcraft/core';

/** `EUR17 .1 mln` is `EUR17.1 mln`: the tokenisation of a news wire. */
export const splitDecimals: TextRule = { name: 'split-decimals', find: /(?<=\d) (?=[.,]\d)/.source, put: '' };

/** `EUR131m` is `EUR 131m`: a currency is a word, not the beginning of a number. */
export const currencies: TextRule = {
  name: 'currencies',
  find: /\b(EUR|USD|GBP|SEK|NOK|DKK|CHF|INR|Rs\.?|LVL|LTL|EEK) ?(?=\d)/.source,
  put: '$1 ',
};

const scaleWords = {
  ...{ mn: 'million', mln: 'million', m: 'million', M: 'million', bn: 'billion', bln: 'billion', k: 'thousand' },
  ...{ cr: 'crore', pc: 'percent' },
};

/** `131m`, `131 mn` and `131mln` are `131 million`. A metre, too, is written m: only right behind the number is it a million. */
export const scales: TextRule = {
  name: 'scales',
  find: /(?<=\d) ?(?:mn|mln|bn|bln|cr|pc|(?<=\d)[mMk])\b/.source,
  put: Object.fromEntries(
    Object.entries(scaleWords).flatMap(([short, word]) => [
      [short, ` ${word}`],
      [` ${short}`, ` ${word}`],
    ]),
  ),
};

/** `$AAPL` is the stock AAPL, and no amount of dollars. */
export const tickers: TextRule = { name: 'tickers', find: /\$(?=[A-Za-z]{1,6}\b)/.source, put: 'stock ' };

/** Addresses of pages say nothing and cost twenty tokens. */
export const links: TextRule = { name: 'links', find: /https?:\/\/[^\s]{1,64}/.source, put: 'link' };

export const amountRules: readonly TextRule[] = [splitDecimals, currencies, scales];
export const postRules: readonly TextRule[] = [tickers, links, scales];
