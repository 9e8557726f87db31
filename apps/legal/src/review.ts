/** The review of a contract: its clauses typed and marked by risk, who and what is named in it, and its dates and amounts. */
import type { MultiLabelled, Reader, Tagged } from '@fieldcraft/serving';
import { findByRules, type RuleFinding, type Segment } from '@fieldcraft/serving';
import { clausesOf, type Clause } from './clauses.js';
import { reviewTasks } from './review-tasks.js';
import { riskOf, type Risk } from './risks.js';

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

/** What clauses are asked. */
type OfClause = Readonly<
  Record<typeof reviewTasks.kinds, MultiLabelled> & Record<(typeof reviewTasks.entities)[number], Tagged>
>;

export async function reviewContract(text: string, segments: readonly Segment[], reader: Reader): Promise<Review> {
  const clauses = clausesOf(text, segments);
  const cut = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
  const sentences = clauses.flatMap((clause, index) => clause.sentences.map((span) => ({ ...span, clause: index })));

  const said = await reader.askAll<OfClause>([reviewTasks.kinds, ...reviewTasks.entities], clauses.map(cut));
  const unfair = reader.has(reviewTasks.unfair)
    ? await reader.ask<MultiLabelled>(reviewTasks.unfair, sentences.map(cut))
    : undefined;
  const entities = reviewTasks.entities.flatMap((task) =>
    (said[task] ?? []).flatMap((prediction, i) =>
      prediction.entities.map(({ start, end, ...entity }): FoundEntity => {
        return { task, ...entity, start: start + clauses[i]!.start, end: end + clauses[i]!.start };
      }),
    ),
  );

  const kindLabels = reader.labels(reviewTasks.kinds);
  const unfairLabels = reader.labels(reviewTasks.unfair);
  const marked = sentences.map(({ start, end, clause }, i) => ({
    clause,
    start,
    end,
    labels: labelsOf(unfairLabels, unfair?.[i]),
  }));
  return {
    clauses: clauses.map(({ sentences: _, ...clause }, index) => {
      const found = labelsOf(kindLabels, said[reviewTasks.kinds]?.[index]);
      const own = marked
        .filter(({ clause, labels }) => clause === index && labels.length > 0)
        .map(({ start, end, labels }) => ({ start, end, labels }));
      const risk = riskOf(found, own);
      return { ...clause, kinds: found, unfair: own, ...(risk && { risk }) };
    }),
    entities: entities.sort((a, b) => a.start - b.start || b.end - a.end),
    rules: findByRules(text),
    tasks: [reviewTasks.kinds, reviewTasks.unfair, ...reviewTasks.entities].filter((task) => reader.has(task)),
  };
}

/** The labels that a prediction gives, of all that its task has, with the probability of each. */
function labelsOf(all: readonly string[], prediction: MultiLabelled | undefined): FoundLabel[] {
  if (prediction === undefined) return [];
  const { labels, probabilities, needsReview } = prediction;
  return labels.map((label) => ({
    label,
    confidence: probabilities[all.indexOf(label)] ?? 0,
    ...(needsReview !== undefined && { needsReview }),
  }));
}
