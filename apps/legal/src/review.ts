/** The review of a contract: its clauses typed and marked by risk, who and what is named in it, and its dates and amounts. */
import { findByRules, type RuleFinding, type Segment } from '@fieldcraft/serving/text';
import { clausesOf, type Clause } from './clauses.js';
import { reviewTasks } from './review-tasks.js';
import { highest, riskOfClause, riskOfUnfairness, type Risk } from './risks.js';
import { labelsOf, predictAll, type ReviewTools } from './tools.js';

export interface FoundLabel {
  readonly label: string;
  readonly confidence: number;
  readonly needsReview?: boolean;
  /** Said by a person. */
  readonly corrected?: true;
}

export interface ReviewedClause extends Omit<Clause, 'sentences'> {
  readonly kinds: readonly FoundLabel[];
  /** Only sentences that are unfair in some way. */
  readonly unfair: readonly { readonly start: number; readonly end: number; readonly labels: readonly FoundLabel[] }[];
  readonly risk?: Risk;
}

export interface FoundEntity {
  readonly task: string;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly text: string;
  readonly confidence: number;
}

export interface Review {
  readonly clauses: readonly ReviewedClause[];
  readonly entities: readonly FoundEntity[];
  /** Found by parsers, never by a model. */
  readonly rules: readonly RuleFinding[];
  /** The tasks that took part: what the others would have found is not known. */
  readonly tasks: readonly string[];
}

export async function reviewContract(text: string, segments: readonly Segment[], tools: ReviewTools): Promise<Review> {
  const clauses = clausesOf(text, segments);
  const cut = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
  const texts = clauses.map(cut);
  const sentences = clauses.flatMap((clause, index) => clause.sentences.map((span) => ({ ...span, clause: index })));

  const kinds = await predictAll(tools, reviewTasks.kinds, texts);
  const unfair = await predictAll(tools, reviewTasks.unfair, sentences.map(cut));
  const entities: FoundEntity[] = [];
  const tasks: string[] = [...(kinds ? [reviewTasks.kinds] : []), ...(unfair ? [reviewTasks.unfair] : [])];
  for (const task of reviewTasks.entities) {
    const found = await predictAll(tools, task, texts);
    if (!found) continue;
    tasks.push(task);
    found.forEach((prediction, i) => {
      if (!('entities' in prediction)) return;
      for (const { start, end, ...entity } of prediction.entities ?? []) {
        entities.push({ task, ...entity, start: start + clauses[i]!.start, end: end + clauses[i]!.start });
      }
    });
  }

  const marked = sentences.map(({ start, end, clause }, i) => ({
    clause,
    start,
    end,
    labels: labelsOf(tools, reviewTasks.unfair, unfair?.[i]),
  }));
  return {
    clauses: clauses.map(({ sentences: _, ...clause }, index) => {
      const found = labelsOf(tools, reviewTasks.kinds, kinds?.[index]);
      const own = marked
        .filter(({ clause, labels }) => clause === index && labels.length > 0)
        .map(({ start, end, labels }) => ({ start, end, labels }));
      const risk = highest([
        ...found.map(({ label }) => riskOfClause(label)),
        ...own.flatMap(({ labels }) => labels.map(({ label }) => riskOfUnfairness(label))),
      ]);
      return { ...clause, kinds: found, unfair: own, ...(risk && { risk }) };
    }),
    entities: entities.sort((a, b) => a.start - b.start || b.end - a.end),
    rules: findByRules(text),
    tasks,
  };
}
