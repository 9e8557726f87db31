/** The list of issues: what a review found that someone should act on or look at. */
import type { CheckedStatement } from './check-statements.js';
import { meets, wordsOf, type Statement } from './playbook.js';
import type { FoundLabel, ReviewedClause } from './review.js';
import { riskOfClause, riskOfUnfairness, risks, type Risk } from './risks.js';

export interface Issue {
  readonly id: string;
  readonly kind: 'unfair term' | 'clause to look at' | 'playbook';
  readonly risk: Risk;
  /** "2.3 Termination", as the contract leads to it. */
  readonly where: string;
  readonly finding: string;
  readonly quote: string;
  readonly confidence: number;
  readonly needsReview: boolean;
  readonly start?: number;
}

interface IssueSource {
  text: string;
  clauses: readonly ReviewedClause[];
  statements: readonly Statement[];
  checked: readonly CheckedStatement[];
}

/** The gravest first; of the same risk in the order of the contract. */
export function issuesOf({ text, clauses, statements, checked }: IssueSource): Issue[] {
  const at = (span: { start: number; end: number }) => ({
    start: span.start,
    quote: text.slice(span.start, span.end),
  });
  const of = ({ confidence, needsReview = false }: Pick<FoundLabel, 'confidence' | 'needsReview'>) => ({
    confidence,
    needsReview,
  });
  const found: Issue[] = clauses.flatMap((clause) => {
    const where = nameOfClause(clause);
    return [
      ...clause.kinds.flatMap((kind): Issue[] => {
        const risk = riskOfClause(kind.label);
        if (!risk) return [];
        const id = `kind ${clause.start} ${kind.label}`;
        return [{ id, kind: 'clause to look at', risk, where, finding: kind.label, ...at(clause), ...of(kind) }];
      }),
      ...clause.unfair.flatMap((sentence) =>
        sentence.labels.map((label): Issue => {
          const risk = riskOfUnfairness(label.label);
          const id = `unfair ${sentence.start} ${label.label}`;
          return { id, kind: 'unfair term', risk, where, finding: label.label, ...at(sentence), ...of(label) };
        }),
      ),
    ];
  });
  for (const answer of checked) {
    const statement = statements.find(({ id }) => id === answer.id);
    if (!statement || meets(statement.position, answer.answer) !== false) continue;
    const { evidence } = answer;
    const clause = evidence && clauses.find(({ start, end }) => start <= evidence.start && evidence.start < end);
    found.push({
      id: `playbook ${statement.id}`,
      kind: 'playbook',
      risk: answer.answer === 'contradiction' ? 'high' : 'medium',
      where: clause ? nameOfClause(clause) : '',
      finding: `${statement.title}: ${statement.position}, but the contract ${wordsOf(answer.answer)}`,
      ...(evidence ? at(evidence) : { quote: '' }),
      ...of(answer),
    });
  }
  const order = (risk: Risk) => risks.indexOf(risk);
  return found.sort((a, b) => order(a.risk) - order(b.risk) || (a.start ?? Infinity) - (b.start ?? Infinity) || 0);
}

export function nameOfClause({ number, title }: Pick<ReviewedClause, 'number' | 'title'>): string {
  return [number, title].filter((part) => part !== undefined).join(' ');
}
