/**
 * What a contract is checked against: statements, and whether the reader wants them to hold. The first seventeen are those of ContractNLI (Koreeda
 * and Manning 2021, CC BY 4.0), word for word, because scores are measured on these words. The positions are this app's defaults, for whoever
 * discloses information; a screen can change each.
 */

/** `required`: the contract should say it; `forbidden`: it should not; `open`: it is only told what the contract says. */
export const positions = ['required', 'forbidden', 'open'] as const;
export type Position = (typeof positions)[number];

export interface Statement {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly position: Position;
}

const statement = (id: string, title: string, position: Position, text: string): Statement => ({
  id,
  title,
  text,
  position,
});

export const playbook: readonly Statement[] = [
  statement(
    'nda-1',
    'Explicit identification',
    'forbidden',
    'All Confidential Information shall be expressly identified by the Disclosing Party.',
  ),
  statement(
    'nda-2',
    'Technical information only',
    'forbidden',
    'Confidential Information shall only include technical information.',
  ),
  statement(
    'nda-3',
    'Spoken information',
    'required',
    'Confidential Information may include verbally conveyed information.',
  ),
  statement(
    'nda-4',
    'Limited use',
    'required',
    'Receiving Party shall not use any Confidential Information for any purpose other than the purposes stated in Agreement.',
  ),
  statement(
    'nda-5',
    'Sharing with employees',
    'open',
    "Receiving Party may share some Confidential Information with some of Receiving Party's employees.",
  ),
  statement(
    'nda-7',
    'Sharing with third parties',
    'open',
    'Receiving Party may share some Confidential Information with some third-parties (including consultants, agents and professional advisors).',
  ),
  statement(
    'nda-8',
    'Notice of compelled disclosure',
    'required',
    'Receiving Party shall notify Disclosing Party in case Receiving Party is required by law, regulation or judicial process to disclose any Confidential Information.',
  ),
  statement(
    'nda-10',
    'Agreement itself is confidential',
    'open',
    'Receiving Party shall not disclose the fact that Agreement was agreed or negotiated.',
  ),
  statement(
    'nda-11',
    'No reverse engineering',
    'required',
    "Receiving Party shall not reverse engineer any objects which embody Disclosing Party's Confidential Information.",
  ),
  statement(
    'nda-12',
    'Independent development',
    'open',
    'Receiving Party may independently develop information similar to Confidential Information.',
  ),
  statement(
    'nda-13',
    'Similar information from others',
    'open',
    'Receiving Party may acquire information similar to Confidential Information from a third party.',
  ),
  statement(
    'nda-15',
    'No licence',
    'required',
    'Agreement shall not grant Receiving Party any right to Confidential Information.',
  ),
  statement(
    'nda-16',
    'Return or destruction',
    'required',
    'Receiving Party shall destroy or return some Confidential Information upon the termination of Agreement.',
  ),
  statement(
    'nda-17',
    'Copies',
    'open',
    'Receiving Party may create a copy of some Confidential Information in some circumstances.',
  ),
  statement(
    'nda-18',
    'No solicitation',
    'open',
    "Receiving Party shall not solicit some of Disclosing Party's representatives.",
  ),
  statement('nda-19', 'Survival', 'required', 'Some obligations of Agreement may survive termination of Agreement.'),
  statement(
    'nda-20',
    'Keeping after the end',
    'forbidden',
    'Receiving Party may retain some Confidential Information even after the return or destruction of Confidential Information.',
  ),
];

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
