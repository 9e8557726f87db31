/** The tasks of the biomedical field that the app asks. The screen reads this file too: it imports nothing of the server. */
export const tasks = {
  entities: 'chemical-disease-entities',
  diseases: 'disease-entities',
  adverse: 'adverse-effects',
  graph: 'drug-effect-graph',
  relations: 'drug-effects',
  hallmarks: 'hallmarks',
  codes: 'diagnosis-codes',
  protein: 'chemical-protein',
  questions: 'article-questions',
  verdict: 'abstract-questions',
} as const;

/** The class of sentences that tell of no adverse effect. */
export const noEffect = 'none';
