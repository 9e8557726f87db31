/** What a person changes in a review: the review as it then is, and what is sent as the correction. */
import type { Correction } from '@fieldcraft/screen';
import type { FoundEntity, FoundLabel, Review, ReviewedClause } from '../src/review.js';
import { riskOf } from '../src/risks.js';

interface Span {
  start: number;
  end: number;
}

/** A person's label needs no review. */
const corrected = (label: string): FoundLabel => ({ label, confidence: 1, needsReview: false, corrected: true });

interface Change {
  review: Review;
  correction: Pick<Correction, 'task' | 'text' | 'prediction' | 'correction'>;
}

/** Labels of a whole clause, or of one sentence in it. */
export function changeLabels(
  review: Review,
  text: string,
  clause: ReviewedClause,
  labels: readonly string[],
  sentence?: Span,
): Change {
  const before = sentence ? (clause.unfair.find(({ start }) => start === sentence.start)?.labels ?? []) : clause.kinds;
  const after = labels.map((label) => before.find((one) => one.label === label) ?? corrected(label));
  const others = clause.unfair.filter(({ start }) => start !== sentence?.start);
  const unfair = sentence
    ? [...others, ...(after.length > 0 ? [{ start: sentence.start, end: sentence.end, labels: after }] : [])]
    : clause.unfair;
  const kinds = sentence ? clause.kinds : after;
  const risk = riskOf(kinds, unfair);
  const { risk: _, ...rest } = clause;
  const changed: ReviewedClause = {
    ...rest,
    kinds,
    unfair: [...unfair].sort((a, b) => a.start - b.start),
    ...(risk && { risk }),
  };
  const where = sentence ?? clause;
  return {
    review: { ...review, clauses: review.clauses.map((one) => (one.start === clause.start ? changed : one)) },
    correction: {
      task: sentence ? 'unfair-terms' : 'clause-kinds',
      text: text.slice(where.start, where.end),
      prediction: { labels: before.map(({ label }) => label) },
      correction: { labels },
    },
  };
}

/** Puts another entity in the place of one, or takes it away, or adds one where there was none. */
export function changeEntity(
  review: Review,
  text: string,
  clause: ReviewedClause,
  task: string,
  before: FoundEntity | undefined,
  after: FoundEntity | undefined,
): Change {
  const inClause = (entity: FoundEntity) =>
    entity.task === task && entity.start >= clause.start && entity.end <= clause.end;
  const entities = [...review.entities.filter((entity) => entity !== before), ...(after ? [after] : [])].sort(
    (a, b) => a.start - b.start || b.end - a.end,
  );
  const asSent = (all: readonly FoundEntity[]) =>
    all.filter(inClause).map(({ start, end, label }) => ({
      start: start - clause.start,
      end: end - clause.start,
      label,
    }));
  return {
    review: { ...review, entities },
    correction: {
      task,
      text: text.slice(clause.start, clause.end),
      prediction: { entities: asSent(review.entities) },
      correction: { entities: asSent(entities) },
    },
  };
}
