/** What can be taken out of texts before they are kept. */
export const redactions = ['email', 'phone', 'iban', 'ssn', 'card', 'names'] as const;
export type Redaction = (typeof redactions)[number];
