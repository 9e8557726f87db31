/** The tasks of the finance field that a text is read by. The screen reads this file too: it imports nothing of the server. */
export const tasks = {
  /** Of a sentence. */
  sentiment: 'sentence-sentiment',
  /** Towards an entity that is marked. */
  towards: 'entity-sentiment',
  /** The same as a number, of a text and a name. */
  score: 'sentiment-scores',
  named: 'news-entities',
  /** Finds what sentiment is about, and judges it at once. */
  judged: 'sentiment-entities',
  claims: 'numeric-claims',
  causes: 'cause-effect',
  stance: 'policy-stance',
  gold: 'gold-headlines',
} as const;

/** What `numeric-claims` calls a figure about the future. */
export const forwardLooking = 'in-claim';

/** What `news-entities` calls those that sentiment is asked towards: of persons and places the task has learnt nothing. */
export const organisation = 'ORG';
