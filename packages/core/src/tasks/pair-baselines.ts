/** Simple methods that say which relation two entities of a text stand in: the usual one of their types, and one by the words between them. */
import type { EntitySpan, RelationExample } from '../data/index.js';
import { tfidfClass } from '../evaluation/index.js';
import { candidatePairs, typesOf, type EntityPair } from './marked-pairs.js';
import type { PredictedRelation, RelationPrediction, TaskBaseline } from './task.js';

/** What a pair without a relation is called: the first of the classes. */
export const noRelation = 'no relation';

type Baseline = TaskBaseline<RelationExample, RelationPrediction>;

/** A way to give each pair of a text a class, as relations. */
function classified(
  name: string,
  typePairs: readonly string[] | undefined,
  learn: (
    pairs: readonly { example: RelationExample; pair: EntityPair; label: string }[],
  ) => (pairs: readonly { example: RelationExample; pair: EntityPair }[]) => string[],
): Baseline {
  const pairsOf = (examples: readonly RelationExample[]) =>
    examples.flatMap((example, i) =>
      candidatePairs(example.mentions, typePairs).map((pair) => {
        const found = example.relations.find(({ head, tail }) => head === pair.head && tail === pair.tail);
        return { i, example, pair, label: found?.label ?? noRelation };
      }),
    );
  return {
    name,
    predict(train, _, test) {
      const asked = pairsOf(test);
      const said = learn(pairsOf(train))(asked);
      const predictions = test.map(() => ({ relations: [] as PredictedRelation[] }));
      asked.forEach(({ i, pair }, p) => {
        if (said[p] !== noRelation) predictions[i]!.relations.push({ ...pair, label: said[p]!, confidence: 1 });
      });
      return predictions;
    },
  };
}

/** What most pairs of the same two types are in training, `no relation` among it. */
export const majorityByTypes = (classes: readonly string[], typePairs: readonly string[] | undefined): Baseline =>
  classified('majority', typePairs, (train) => {
    const counts = new Map<string, number[]>();
    for (const { example, pair, label } of train) {
      const types = typesOf(example.mentions, pair);
      const own = counts.get(types) ?? classes.map(() => 0);
      own[classes.indexOf(label)]! += 1;
      counts.set(types, own);
    }
    return (pairs) =>
      pairs.map(({ example, pair }) => {
        const own = counts.get(typesOf(example.mentions, pair)) ?? [1];
        return classes[own.indexOf(Math.max(...own))]!;
      });
  });

/** The words between two entities of a text, after their types and their order as words of their own. */
export function textBetween(
  { text, mentions }: { readonly text: string; readonly mentions: readonly EntitySpan[] },
  pair: EntityPair,
): string {
  const [head, tail] = [mentions[pair.head]!, mentions[pair.tail]!];
  const between = text.slice(Math.min(head.end, tail.end), Math.max(head.start, tail.start));
  return `from_${head.label} to_${tail.label} ${head.start < tail.start ? 'forwards' : 'backwards'} ${between}`;
}

/** Counts the words between two entities, with their types and their order. */
export const tfidfPairs = (classes: readonly string[], typePairs: readonly string[] | undefined): Baseline =>
  classified('tfidf', typePairs, (train) => {
    const textOf = ({ example, pair }: { example: RelationExample; pair: EntityPair }) => textBetween(example, pair);
    const predict = tfidfClass(classes).fit(train.map((one) => ({ text: textOf(one), label: one.label })));
    return (pairs) => {
      const probabilities = predict(pairs.map((one) => ({ text: textOf(one) })));
      return pairs.map((_, p) => {
        const own = Array.from(probabilities.subarray(p * classes.length, (p + 1) * classes.length));
        return classes[own.indexOf(Math.max(...own))]!;
      });
    };
  });
