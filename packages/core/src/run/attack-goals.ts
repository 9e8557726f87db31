/** What it means that an answer about an edited text is still right, by kind of task. */
import type {
  ClassificationExample,
  EntityExample,
  Example,
  ModelInput,
  MultiLabelExample,
  PairExample,
  TaskKind,
} from '../data/index.js';
import { applyEdits, moveWords, wordsOf, type AttackedText, type Edit, type Outcome } from '../evaluation/index.js';
import type { Prediction } from '../tasks/index.js';

/** What a prediction is worth, and what it says in words. */
export interface Answer extends Outcome {
  readonly said: readonly string[];
}

/** An example as attacks see it. */
export interface Goal {
  readonly attacked: AttackedText;
  /** What is true of it, in words. */
  readonly gold: readonly string[];
  /** Right answers that there are: 1, or the true entities. */
  readonly units: number;
  /** What the model reads once the text is edited, and what its prediction is worth then. */
  edit(edits: readonly Edit[]): { input: ModelInput; judge(prediction: Prediction): Answer };
}

type GoalOf<E extends Example> = (example: E, labels: readonly string[]) => Goal | undefined;

const attackedText = ({ id }: { id: string }, text: string, entities: AttackedText['entities'] = []): AttackedText => ({
  ...{ id, text, entities },
  words: wordsOf(text),
});

/** Of a prediction of another kind, which none of these tasks makes. */
const noAnswer: Answer = { right: 0, margin: 0, said: [] };

/** The label is right; the margin is its probability. */
const labelGoal: GoalOf<ClassificationExample> = (example, labels) => {
  const { text, label } = example;
  return {
    attacked: attackedText(example, text),
    gold: [label],
    units: 1,
    edit: (edits) => ({ input: { ...example, text: applyEdits(text, edits).text }, judge: labelJudge(label, labels) }),
  };
};

const labelJudge = (label: string, labels: readonly string[]) => {
  const column = labels.indexOf(label);
  return (prediction: Prediction): Answer => {
    if (!('label' in prediction)) return noAnswer;
    const { label: said, probabilities } = prediction;
    return { right: Number(said === label), margin: probabilities[column] ?? 0, said: [said] };
  };
};

/** The second text is the one that is changed: the statement, the hypothesis, the claim that is held against the first. */
const pairGoal: GoalOf<PairExample> = (example, labels) => {
  const { second, label } = example;
  return {
    attacked: attackedText(example, second),
    gold: [label],
    units: 1,
    edit: (edits) => ({
      input: { ...example, second: applyEdits(second, edits).text },
      judge: labelJudge(label, labels),
    }),
  };
};

/** Every label is right, those apart that nobody knows; the margin is the probability of the one that is nearest to being wrong. */
const labelsGoal: GoalOf<MultiLabelExample> = (example, labels) => {
  const { text, masked = [] } = example;
  const truth = new Set(example.labels);
  const known = labels.flatMap((label, column) =>
    masked.includes(label) && !truth.has(label) ? [] : [{ label, column }],
  );
  const judge = (prediction: Prediction): Answer => {
    if (!('labels' in prediction)) return noAnswer;
    const { probabilities, labels: said } = prediction;
    const right = known.every(({ label }) => truth.has(label) === said.includes(label));
    const sure = known.map(({ label, column }) => {
      const probability = probabilities[column] ?? 0;
      return truth.has(label) ? probability : 1 - probability;
    });
    return { right: Number(right), margin: Math.min(1, ...sure), said };
  };
  return {
    attacked: attackedText(example, text),
    gold: example.labels,
    units: 1,
    edit: (edits) => ({ input: { ...example, text: applyEdits(text, edits).text }, judge }),
  };
};

/**
 * As many entities are found, with their place and label, as were true of the text; so an attack that began with some found succeeds when one of those is
 * lost or mistyped. Entities that are wrongly found beside them do not count: an edit may well make a name of a word. The margin is the
 * confidence of the least sure of those found.
 */
const entitiesGoal: GoalOf<EntityExample> = (example) => {
  const { text, entities, words } = example;
  if (entities.length === 0) return undefined;
  return {
    attacked: attackedText(example, text, entities),
    gold: entities.map(({ start, end, label }) => named(text.slice(start, end), label)),
    units: entities.length,
    edit(edits) {
      const edited = applyEdits(text, edits);
      const truth = new Set(entities.map((entity) => keyOf(edited.move(entity))));
      return {
        input: { text: edited.text, ...(words && { words: moveWords(words, edited) }) },
        judge(prediction) {
          const all = 'entities' in prediction ? (prediction.entities ?? []) : [];
          const found = all.filter((one) => truth.has(keyOf(one)));
          const margin = Math.min(1, ...found.map(({ confidence }) => confidence));
          return { right: found.length, margin, said: all.map((one) => named(one.text, one.label)) };
        },
      };
    },
  };
};

const named = (text: string, label: string): string => `${text} · ${label}`;

const keyOf = ({ start, end, label }: { start: number; end: number; label: string }): string =>
  `${start} ${end} ${label}`;

/** The kinds that are attacked. */
export const attackedKinds: readonly TaskKind[] = [
  ...([
    'classification',
    'sequential-classification',
    'pair-classification',
    'multi-label',
    'token-classification',
  ] as const),
];

/** The goal of an attack on an example of such a kind; undefined where there is nothing in it to get wrong. */
export function goalOf(example: Example, labels: readonly string[]): Goal | undefined {
  if ('entities' in example) return entitiesGoal(example, labels);
  if ('labels' in example) return labelsGoal(example, labels);
  if (!('label' in example)) return undefined;
  return 'second' in example ? pairGoal(example, labels) : labelGoal(example, labels);
}
