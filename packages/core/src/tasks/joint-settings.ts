/** What joint extraction counts on training before it learns: types, widths, which types are related, and how often each thing applies. */
import type { RelationExample } from '../data/index.js';
import { priorLogOdds } from './heads.js';
import type { JointSizes } from './joint-head.js';
import { negativeSpans, overlap, widthOf } from './joint-windows.js';
import { candidatePairs, typePairsOf } from './marked-pairs.js';

/** With a larger share of entities that overlap others in training, overlapping ones are found too. */
const overlapShare = 0.02;

/** What is counted on training: types, the pairs of them that are ever related, how wide entities are, and whether they overlap. */
export function measured(examples: readonly RelationExample[]) {
  const mentions = examples.flatMap((example) => example.mentions);
  const spanWidth = widthOf(examples);
  if (spanWidth === undefined) return {};
  const overlapped = examples.reduce(
    (sum, { mentions: own }) =>
      sum + own.filter((one) => own.some((other) => other !== one && overlap(one, other))).length,
    0,
  );
  return {
    ...typePairsOf(examples),
    entityTypes: [...new Set(mentions.map(({ label }) => label))].sort(),
    spanWidth,
    overlapping: overlapped > overlapShare * mentions.length,
  };
}

/** What the biases start from, so that what rarely applies need not first be unlearnt: see `priorLogOdds`. */
export function priorsOf(
  examples: readonly RelationExample[],
  {
    labels,
    entityTypes,
    typePairs,
  }: { labels: readonly string[]; entityTypes: readonly string[]; typePairs?: readonly string[] | undefined },
): NonNullable<JointSizes['priors']> {
  const ofType = entityTypes.map((type) =>
    examples.reduce((sum, { mentions }) => sum + mentions.filter(({ label }) => label === type).length, 0),
  );
  const pairs = examples.reduce((sum, { mentions }) => sum + candidatePairs(mentions, typePairs).length, 0);
  return {
    classes: [0, ...ofType.map((count) => priorLogOdds(count, examples.length * negativeSpans))],
    relations: labels.map((label) => {
      const count = examples.reduce(
        (sum, { relations }) => sum + relations.filter((one) => one.label === label).length,
        0,
      );
      return priorLogOdds(count, Math.max(0, pairs - count));
    }),
  };
}
