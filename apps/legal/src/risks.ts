/** How much a lawyer should mind what the models find: defaults of this app, not of a model, and not legal advice. */

export const risks = ['high', 'medium', 'low'] as const;
export type Risk = (typeof risks)[number];

/** Ways in which a term of service can be unfair to the consumer; those that are not named here are of medium risk. */
const unfairness: Readonly<Record<string, Risk>> = {
  'limitation of liability': 'high',
  'unilateral termination': 'high',
  'unilateral change': 'high',
  arbitration: 'high',
  'contract by using': 'low',
  'privacy included': 'low',
};

/** Kinds of clauses that bind for long, without bound, or against what is usual. The others carry no risk by being there. */
const clauseRisks: Readonly<Record<string, Risk>> = {
  Uncapped_Liability: 'high',
  'Non-Compete': 'high',
  Exclusivity: 'high',
  Irrevocable_Or_Perpetual_License: 'high',
  Liquidated_Damages: 'high',
  Ip_Ownership_Assignment: 'high',
  Covenant_Not_To_Sue: 'medium',
  Most_Favored_Nation: 'medium',
  Minimum_Commitment: 'medium',
  Change_Of_Control: 'medium',
  Termination_For_Convenience: 'medium',
  'No-Solicit_Of_Customers': 'medium',
  'No-Solicit_Of_Employees': 'medium',
  'Rofr-Rofo-Rofn': 'medium',
  Renewal_Term: 'low',
  'Anti-Assignment': 'low',
};

export const riskOfUnfairness = (label: string): Risk => unfairness[label] ?? 'medium';

export const riskOfClause = (kind: string): Risk | undefined => clauseRisks[kind];

interface Labelled {
  readonly label: string;
}

/** Of a clause: the highest of what it provides for and of its unfair sentences. */
export function riskOf(
  kinds: readonly Labelled[],
  unfair: readonly { readonly labels: readonly Labelled[] }[],
): Risk | undefined {
  const found = [
    ...kinds.map(({ label }) => riskOfClause(label)),
    ...unfair.flatMap(({ labels }) => labels.map(({ label }) => riskOfUnfairness(label))),
  ];
  return risks.find((risk) => found.includes(risk));
}
