/** What financial texts word otherwise without saying anything else: which company and ticker it is, how dates, amounts and shares are written. */
import { dateRewordings, type Rewording } from '@fieldcraft/core';

/** Of a company any other: names are made up. */
export const companies: Rewording = {
  name: 'companies',
  find: /\b[A-Z][A-Za-z]{1,20} (Oyj|Plc|plc|Inc\.?|Corp\.?|AB|ASA|AG|Ltd\.?|Group)(?![A-Za-z])/.source,
  put: ['Norvale $1', 'Quillmark $1', 'Tarnbrook $1', 'Ostrava $1'],
};

/** Behind the exchange or a dollar sign. */
export const tickers: Rewording = {
  name: 'tickers',
  find: /(\((?:NYSE|NASDAQ|Nasdaq|HEL|LSE): ?|\$)[A-Z]{2,5}\b/.source,
  put: ['$1QXR', '$1TRNB', '$1OSV'],
};

export const percentages: Rewording = {
  name: 'percentages',
  find: /(\d) ?(?:%|percent|per cent|pct)(?![a-z])/.source,
  put: ['$1 %', '$1%', '$1 percent', '$1 per cent'],
};

export const euros: Rewording = { name: 'euros', find: /\b(?:EUR|euro) ?(?=\d)/.source, put: ['EUR ', 'EUR', '€'] };

export const millions: Rewording = {
  name: 'millions',
  find: /(\d) ?(?:mn|mln|million)\b/.source,
  put: ['$1 million', '$1 mn', '$1mln', '$1m'],
};

export const rewordings: readonly Rewording[] = [companies, tickers, ...dateRewordings, percentages, euros, millions];
