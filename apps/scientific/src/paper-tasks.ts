/** The tasks of the scientific field that the app asks. The screen reads this file too: it imports nothing of the server. */
export const tasks = {
  roles: 'sentence-roles',
  intent: 'citation-intent',
  frames: 'citation-frames',
  purposes: 'citation-purposes',
  graph: 'term-graph',
  terms: 'term-entities',
  relations: 'term-relations',
  materials: 'materials-entities',
  claims: 'claim-evidence',
  search: 'paper-search',
} as const;
