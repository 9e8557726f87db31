/** What the legal vertical rewrites in texts before they are tokenised: signs that a general vocabulary spends many tokens on, or has no use for. */
import type { TextRule } from '@fieldcraft/core';

/** `§ 4.2` is `section 4.2`, as it is written elsewhere. */
export const sectionSigns: TextRule = { name: 'section-signs', find: /§{1,2} ?(?=\d)/.source, put: 'section ' };

/** What was blacked out of a filed contract: `[***]`, `[* * *]`. */
export const redactions: TextRule = { name: 'redactions', find: /\[ {0,2}\*[* ]{0,60}\]/.source, put: '[removed]' };

/** Lines to fill in and rules across a page, each sign of which is a token of its own. */
export const blanks: TextRule = { name: 'blanks', find: /_{4,64}|-{4,64}|\.{5,64}/.source, put: '__' };

/** A term where it is defined, `(the "Effective Date")`, says that it is one. */
export const definedTerms: TextRule = {
  name: 'defined-terms',
  find: /\(((?:the |each,? an? |collectively,? the |hereinafter |together,? the )?)["“]([A-Z][^"“”]{0,60})["”]\)/
    .source,
  put: '(defined as $1$2)',
};

export const legalRules: readonly TextRule[] = [sectionSigns, redactions, blanks, definedTerms];
