/** The tasks of the legal field that a review asks. The screen reads this file too: it imports nothing of the server. */
export const reviewTasks = {
  unfair: 'unfair-terms',
  kinds: 'clause-kinds',
  entities: ['filing-entities', 'agreement-entities'],
} as const;
