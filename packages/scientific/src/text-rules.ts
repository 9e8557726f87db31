/** What the scientific vertical rewrites in texts before they are tokenised: citation markers and formulae, whatever they cite or say. */
import type { TextRule } from '@fieldcraft/core';

/** `[12]`, `[3, 4-7]`, `[1–5]` */
export const numberedCitations: TextRule = {
  name: 'numbered-citations',
  find: /\[\d{1,3}[\d,;–\- ]{0,40}\]/.source,
  put: '[citation]',
};

/** `(Smith et al., 2010; Jones 1999a)`: names and years in parentheses. */
export const namedCitations: TextRule = {
  name: 'named-citations',
  find: /\([^()]{0,60}\b(?:19|20)\d\d[a-z]?\b[^()]{0,60}\)/.source,
  put: '(citation)',
};

/** What was left of formulae: `$x_i^2$`, `[Formula: see text]`. Sums of money have no such signs. */
export const formulae: TextRule = {
  name: 'formulae',
  find: /\$(?=[^$]{0,60}[\\^_=])[^$]{1,64}\$|\[Formula: see text\]/.source,
  put: 'formula',
};

export const citationRules: readonly TextRule[] = [numberedCitations, namedCitations, formulae];
