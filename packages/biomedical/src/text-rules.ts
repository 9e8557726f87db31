/** What the biomedical vertical rewrites in texts before they are tokenised: names of genes and chemicals written in one way, and marks. */
import type { TextRule } from '@fieldcraft/core';

const letters = {
  ...{ α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'epsilon', ζ: 'zeta', η: 'eta', θ: 'theta', ι: 'iota' },
  ...{ κ: 'kappa', λ: 'lambda', μ: 'mu', µ: 'mu', ν: 'nu', ξ: 'xi', π: 'pi', ρ: 'rho', σ: 'sigma', τ: 'tau' },
  ...{ υ: 'upsilon', φ: 'phi', χ: 'chi', ψ: 'psi', ω: 'omega', Δ: 'delta', Ω: 'omega' },
};

/** Some abstracts write TNF-α, others TNF-alpha. A blank before keeps the word whole in ERβ. */
export const greekLetters: TextRule = {
  name: 'greek-letters',
  find: /[α-ωµΔΩ]/.source,
  put: Object.fromEntries(Object.entries(letters).map(([letter, word]) => [letter, ` ${word}`])),
};

/** `Ca(2+)` is `Ca2+`, and `NAD(+)` is `NAD+`. */
export const charges: TextRule = { name: 'charges', find: /(?<=[A-Za-z\d])\((\d?[+-])\)/.source, put: '$1' };

/** Marks of de-identification: `[**2012-3-4**]`, `[**Hospital 12**]`, and `___` of later corpora. */
export const deidentification: TextRule = {
  name: 'de-identification',
  find: /\[\*\*[^[\]*]{0,60}\*\*\]|\b_{3,20}\b/.source,
  put: '[removed]',
};

/** The marks around a gene and a chemical, `<< x >>` and `[[ x ]]`, are two tokens each, where one does. */
export const entityMarks: TextRule = {
  name: 'entity-marks',
  find: /<< | >>|\[\[ | \]\]/.source,
  put: { '<< ': '@ ', ' >>': ' @', '[[ ': '# ', ' ]]': ' #' },
};

export const nameRules: readonly TextRule[] = [greekLetters, charges, deidentification];
