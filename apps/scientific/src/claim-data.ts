/** What the claims task learnt from, as a person who reads its answers must know. A spec holds it against the data card. */
export const claimData = {
  trainingPairs: 403,
  licence: 'not stated where it is carried; CC-BY-NC-2.0 second hand',
  commercial: false,
} as const;
