/** What a contract is checked against: statements, and whether the reader wants them to hold. Those that a model learnt come with it. */

/** `required`: the contract should say it; `forbidden`: it should not; `open`: it is only told what the contract says. */
export const positions = ['required', 'forbidden', 'open'] as const;
export type Position = (typeof positions)[number];

export interface Statement {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly position: Position;
}

/**
 * What this app calls statements of confidentiality, told by their words, and what whoever discloses information wants of them: the positions that a
 * playbook begins with, which a screen can change.
 */
const defaults: readonly (readonly [words: RegExp, title: string, position: Position])[] = [
  [/\bexpressly identified\b/, 'Explicit identification', 'forbidden'],
  [/\bonly include technical\b/, 'Technical information only', 'forbidden'],
  [/\b(verbal|oral)ly\b/, 'Spoken information', 'required'],
  [/\bpurpose other than\b/, 'Limited use', 'required'],
  [/\bshare\b.*\bemployees\b/, 'Sharing with employees', 'open'],
  [/\bshare\b.*\bthird[- ]part/, 'Sharing with third parties', 'open'],
  [/\brequired by law\b/, 'Notice of compelled disclosure', 'required'],
  [/\bagreed or negotiated\b/, 'Agreement itself is confidential', 'open'],
  [/\breverse engineer\b/, 'No reverse engineering', 'required'],
  [/\bindependently develop\b/, 'Independent development', 'open'],
  [/\bacquire\b.*\bthird[- ]part/, 'Similar information from others', 'open'],
  [/\bnot grant\b/, 'No licence', 'required'],
  [/\bdestroy or return\b/, 'Return or destruction', 'required'],
  [/\bcreate a copy\b/, 'Copies', 'open'],
  [/\bsolicit\b/, 'No solicitation', 'open'],
  [/\bsurvive\b/, 'Survival', 'required'],
  [/\bretain\b/, 'Keeping after the end', 'forbidden'],
];

/** The statements that a model learnt, in its order; any that is not known by its words is named by its first ones, and open. */
export const playbookOf = (learnt: readonly string[]): Statement[] =>
  learnt.map((text, i) => {
    const [, title = shortened(text), position = 'open'] = defaults.find(([words]) => words.test(text)) ?? [];
    return { id: `learnt-${i + 1}`, title, text, position };
  });

/** A statement in the reader's own words: what is wanted of it is the reader's to say. */
export const ownStatement = (text: string): Statement => ({
  id: `own-${Date.now()}`,
  title: shortened(text),
  text,
  position: 'open',
});

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** The tasks that answer: statements that were learnt, and others. */
export const statementTasks = { known: 'contract-statements', own: 'new-statements' } as const;

/** The answers of both tasks, as a sentence about the contract goes on. */
export const answers = {
  entailment: 'says so',
  contradiction: 'says the contrary',
  'not mentioned': 'does not mention it',
} as const;

export const wordsOf = (answer: string): string =>
  answer in answers ? answers[answer as keyof typeof answers] : answer;

/** Whether an answer of the model is what the position asks for; undefined where the reader has no wish. */
export function meets(position: Position, answer: string): boolean | undefined {
  if (position === 'open') return undefined;
  // What a contract does not mention is not required by it, and not allowed by it either.
  return position === 'required' ? answer === 'entailment' : answer !== 'entailment';
}
