/** What biomedical texts word otherwise without saying anything else: how doses, routes, intervals and shares are written. */
import type { Rewording } from '@fieldcraft/core';

export const milligrams: Rewording = {
  name: 'milligrams',
  find: /(\d) ?(?:mg|milligrams?)(?![a-z/])/.source,
  put: ['$1 mg', '$1mg', '$1 milligrams'],
};

export const micrograms: Rewording = {
  name: 'micrograms',
  find: /(\d) ?(?:[µμ]g|mcg|micrograms?)(?![a-z/])/.source,
  put: ['$1 µg', '$1 mcg', '$1 micrograms'],
};

/** For each kilogram of the body, or a day. */
export const doses: Rewording = {
  name: 'doses',
  find: /(\d) ?mg(?:\/| per )(kg|day)\b/.source,
  put: ['$1 mg/$2', '$1 mg per $2', '$1mg/$2'],
};

export const milliliters: Rewording = {
  name: 'milliliters',
  find: /(\d) ?(?:ml|mL|milliliters?|millilitres?)(?![a-z/])/.source,
  put: ['$1 ml', '$1 mL', '$1mL'],
};

export const intravenous: Rewording = {
  name: 'intravenous',
  find: /\b(?:intravenous|i\.v\.|IV|iv)(?= (?:infusion|injection|administration|bolus|dose|route)\b)/.source,
  put: ['intravenous', 'i.v.', 'IV'],
};

export const twiceDaily: Rewording = {
  name: 'twice-daily',
  find: /\b(?:twice daily|twice a day|b\.i\.d\.)/.source,
  put: ['twice daily', 'twice a day', 'b.i.d.'],
};

export const percentages: Rewording = {
  name: 'percentages',
  find: /(\d) ?(?:%|percent|per cent)(?![a-z])/.source,
  put: ['$1 %', '$1%', '$1 percent'],
};

/** `p<0.05` and `P = .03`. */
export const pValues: Rewording = {
  name: 'p-values',
  find: /\b[pP] ?([<=>]) ?0?(\.\d)/.source,
  put: ['p $1 0$2', 'P $1 $2', 'p$10$2'],
};

export const rewordings: readonly Rewording[] = [
  ...[milligrams, micrograms, doses, milliliters, intravenous, twiceDaily, percentages, pValues],
];
