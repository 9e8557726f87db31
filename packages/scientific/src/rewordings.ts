/** What scientific texts word otherwise without saying anything else: whom they cite and how, where they point, how British they spell. */
import type { Rewording } from '@fieldcraft/core';

/** `(Meyer et al., 2014)` and `[12]`: who is cited says nothing of why. */
export const citedNames: Rewording = {
  name: 'cited-names',
  find: /\([A-Z][a-z]{1,20} et al\.,? \d{4}\)/.source,
  put: ['(Meyer et al., 2014)', '(Okafor et al. 2009)', '[12]'],
};

export const citedNumbers: Rewording = {
  name: 'cited-numbers',
  find: /\[\d{1,3}\]/.source,
  put: ['[7]', '[12]', '(Meyer et al., 2014)'],
};

export const figures: Rewording = {
  name: 'figures',
  find: /\b(?:Figure|Fig\.) ?(\d)/.source,
  put: ['Figure $1', 'Fig. $1', 'fig. $1'],
};

/** By the letter z, as most of America does, or by s. */
export const spelling: Rewording = {
  name: 'spelling',
  find: /\b(optimi|generali|minimi|maximi|summari|recogni|utili|normali)[sz](e|es|ed|ing|ation)\b/.source,
  put: ['$1z$2', '$1s$2'],
};

export const colours: Rewording = {
  name: 'colours',
  find: /\b(behavi|col|fav|neighb)ou?r(s|al|able|hood|ing)?\b/.source,
  put: ['$1or$2', '$1our$2'],
};

export const percentages: Rewording = {
  name: 'percentages',
  find: /(\d) ?(?:%|percent|per cent)(?![a-z])/.source,
  put: ['$1 %', '$1%', '$1 percent'],
};

export const rewordings: readonly Rewording[] = [citedNames, citedNumbers, figures, spelling, colours, percentages];
