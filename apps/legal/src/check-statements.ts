/** Asks a contract what it says of the statements of a playbook. */
import type { Classified, Reader } from '@fieldcraft/serving';
import { statementTasks } from './playbook.js';

export interface CheckedStatement {
  readonly id: string;
  /** Which task answered: its score is the answer's. */
  readonly task: string;
  readonly answer: string;
  readonly confidence: number;
  readonly needsReview?: boolean;
  /** The passage of the contract that spoke most for the answer: shown, not evaluated. Absent of what is not mentioned. */
  readonly evidence?: { readonly start: number; readonly end: number };
}

/** One that the model learnt, or one in the reader's own words. */
interface AskedStatement {
  readonly id: string;
  readonly text: string;
}

/** The task whose score an answer carries: only the very words that were learnt count as learnt. */
export const taskOfStatement = ({ text }: Pick<AskedStatement, 'text'>, learnt: readonly string[]): string =>
  learnt.includes(text) ? statementTasks.known : statementTasks.own;

/** Statements whose task the model lacks are left out. */
export async function checkStatements(
  text: string,
  statements: readonly AskedStatement[],
  reader: Reader,
): Promise<CheckedStatement[]> {
  const checked: CheckedStatement[] = [];
  const learnt = reader.statements(statementTasks.known);
  for (const task of Object.values(statementTasks)) {
    if (!reader.has(task)) continue;
    const asked = statements.filter((statement) => taskOfStatement(statement, learnt) === task);
    const predictions = await reader.ask<Classified>(
      task,
      asked.map((statement) => ({ text, second: statement.text })),
    );
    predictions.forEach((prediction, i) => {
      const { label, probabilities, evidence, needsReview } = prediction;
      const shown = label !== 'not mentioned' && evidence?.of === 'text';
      checked.push({
        id: asked[i]!.id,
        task,
        answer: label,
        confidence: prediction.confidence ?? Math.max(...probabilities),
        ...(needsReview !== undefined && { needsReview }),
        ...(shown && { evidence: { start: evidence.start, end: evidence.end } }),
      });
    });
  }
  return checked;
}
