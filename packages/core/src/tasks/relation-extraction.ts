/**
 * Relation extraction: typed, directed relations between the entities of a text, which are given with it. Every ordered pair of entities is
 * a sequence of its own, with the two marked in the text, and gets one relation or none (PURE's relation model, Zhong & Chen 2021,
 * arXiv:2010.12812). Pairs of types between which training has no relation are left out.
 */
import type { EntitySpan, RelationExample } from '../data/index.js';
import { fitClassWeights, fitWords, worstFirst } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { input } from '../graph/index.js';
import {
  bootstrapSums,
  entityMetrics,
  entityScores,
  entityStatistics,
  entityTypes,
  fitTemperature,
  reliabilityBins,
  softmaxRows,
} from '../metrics/index.js';
import { classDivergence, crossEntropy } from '../nn/index.js';
import { relationInWords } from './found-relations.js';
import { buildSequenceHead } from './heads.js';
import { balancedWeights, classWeights, requireTraining } from './loss-options.js';
import { candidatePairs, markPair, pairMarks, typePairsOf, type EntityPair } from './marked-pairs.js';
import { mixClasses } from './mixtures.js';
import { majorityByTypes, noRelation, textBetween, tfidfPairs } from './pair-baselines.js';
import { addWords, type SharedWords } from './shared-words.js';
import type { Feature, PredictedRelation, RelationPrediction, Task, Tuning, Unlabelled } from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, readWindows, splitSequenceLogits } from './windows.js';

type RelationTask = Task<RelationExample, RelationPrediction>;

function createRelationTask(options: TaskOptions<RelationExample>): RelationTask {
  const { name, labels, loss = {}, trainExamples = [] } = options;
  requireLabels(labels, name, 1);
  const classes = [noRelation, ...labels];
  const indexOf = labelIndex(classes, name);
  const settings = { ...typePairsOf(trainExamples), ...options.settings };
  const { typePairs } = settings;
  const targetName = `targets.${name}`;
  const weights = classWeights(loss, classes, () => {
    const counts = classes.map(() => 0);
    for (const example of requireTraining(trainExamples))
      for (const pair of candidatePairs(example.mentions, typePairs)) counts[classOf(example, pair)]! += 1;
    return balancedWeights(counts);
  });

  /** The class of a pair: of several relations between the same two the first. */
  function classOf({ id, relations }: RelationExample, { head, tail }: EntityPair): number {
    const found = relations.find((relation) => relation.head === head && relation.tail === tail);
    return found === undefined ? 0 : indexOf(found.label, id);
  }

  /** The logits of an example's pairs, in order, with what the words between them add: [pairs, classes]. */
  function pairLogits(
    example: Unlabelled,
    logits: readonly Float32Array[],
    words: SharedWords | undefined,
  ): Float64Array {
    const rows = Float64Array.from(logits.flatMap((row) => Array.from(row)));
    const textsOf = ({ text, mentions = [] }: Unlabelled) =>
      candidatePairs(mentions, typePairs)
        .slice(0, logits.length)
        .map((pair) => ({ text: textBetween({ text, mentions }, pair) }));
    return addWords(rows, words, {
      examples: [example],
      textsOf,
      width: classes.length,
      vocabulary: settings.vocabulary,
    });
  }

  function relationsOf(
    example: Unlabelled,
    logits: readonly Float32Array[],
    { temperature = 1, words }: Pick<Tuning, 'temperature' | 'words'>,
  ): PredictedRelation[] {
    const { mentions = [] } = example;
    const probabilities = softmaxRows(pairLogits(example, logits, words), classes.length, temperature);
    return candidatePairs(mentions, typePairs).flatMap((pair, i): PredictedRelation[] => {
      const own = Array.from(probabilities.subarray(i * classes.length, (i + 1) * classes.length));
      const best = own.indexOf(Math.max(...own));
      return best === 0 ? [] : [{ ...pair, label: classes[best]!, confidence: own[best]! }];
    });
  }

  return {
    name,
    kind: 'relation-extraction',
    labels,
    outputs: classes,
    settings,
    mainMetric: 'relationF1',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const pairs = examples.flatMap((example, i) => {
        const mentions = mentionsOf(example, name);
        return candidatePairs(mentions, typePairs).map((pair) => ({
          i,
          pair,
          marked: markPair(example.text, mentions, pair),
        }));
      });
      const windows = await readWindows(
        pairs.map(({ marked }) => marked.text),
        tokenizer,
        lengths,
      );
      const counts = new Map<number, number>();
      return byExample(pairs.length, windows).map((own, p): Feature => {
        const { i, pair, marked } = pairs[p]!;
        const window = counts.get(i) ?? 0;
        counts.set(i, window + 1);
        const feature = { ...widest(own, marked), example: i, window };
        if (!targets) return feature;
        const example: RelationExample | Unlabelled = examples[i]!;
        if (!('relations' in example)) throw withoutTruth(example.id, name);
        return { ...feature, target: Int32Array.of(classOf(example, pair)) };
      });
    },

    notes(examples) {
      const lost = examples.reduce((sum, { mentions, relations }) => {
        const known = new Set(candidatePairs(mentions, typePairs).map(({ head, tail }) => `${head} ${tail}`));
        const kept = new Set(relations.map(({ head, tail }) => `${head} ${tail}`).filter((pair) => known.has(pair)));
        return sum + relations.length - kept.size;
      }, 0);
      return [
        ...(lost === 0 ? [] : [`${lost} relations are second ones between the same entities: they cannot be found`]),
        ...(settings.entitiesFrom === undefined
          ? []
          : [
              `entities are given with the texts; where ${settings.entitiesFrom} is trained in the same run, scores end to end are on the entities that it finds`,
            ]),
      ];
    },

    head: (b, encoded, config) =>
      buildSequenceHead(b, name, encoded, config, { labels: classes.length, about: settings.markTokens }),

    loss(b, logits) {
      const targets = input(b.graph, targetName, ['batch'], 'int64');
      return crossEntropy(logits, targets, {
        ...(weights && { weights }),
        smoothing: loss.labelSmoothing ?? 0,
        focus: loss.focalGamma ?? 0,
      });
    },

    divergence: (b, p, q) => classDivergence(p, q, input(b.graph, targetName, ['batch'], 'int64')),

    targetFeeds(features) {
      const data = BigInt64Array.from(features, ({ target }) => BigInt(target?.[0] ?? -100));
      return { [targetName]: { data, shape: [features.length] } };
    },

    splitLogits: splitSequenceLogits,

    mix: (a, b, share) => a.map((row, i) => mixClasses(row, b[i]!, classes.length, share)),

    learnWords(examples) {
      const pairs = examples.flatMap((example) =>
        candidatePairs(example.mentions, typePairs).map((pair) => ({ example, pair })),
      );
      const targets = Int32Array.from(pairs, ({ example, pair }) => classOf(example, pair));
      return fitWords(
        pairs.map(({ example, pair }) => ({ text: textBetween(example, pair) })),
        {
          outputs: classes.length,
          pairs: false,
          fit: (rows) => fitClassWeights(rows, targets, { classes: classes.length }),
        },
      );
    },

    tune(examples, features, logits, words) {
      const own = byExample(examples.length, features);
      const gold = own.flatMap(({ length }, i) =>
        candidatePairs(examples[i]!.mentions, typePairs)
          .slice(0, length)
          .map((pair) => classOf(examples[i]!, pair)),
      );
      if (gold.length === 0) return {};
      const rows = own.flatMap((windows, i) =>
        Array.from(
          pairLogits(
            examples[i]!,
            windows.map(({ index }) => logits[index]!),
            words,
          ),
        ),
      );
      const temperature = fitTemperature(Float64Array.from(rows), gold, classes.length);
      return { temperature, ...(words && { words }) };
    },

    decode: (examples, features, logits, tuning) =>
      byExample(examples.length, features).map((own, i) => ({
        relations: relationsOf(
          examples[i]!,
          own.map(({ index }) => logits[index]!),
          tuning,
        ),
      })),

    /** A relation is right where both entities, its direction and its label are; `relation...` scores are pooled over labels. */
    score(examples, predictions) {
      const [gold, found] = [examples.map(goldOf), predictions.map(asSpans)];
      const report = entityScores(gold, found);
      const rows = new Map(report.perType.map((row) => [row.label, row]));
      const guesses = predictions.flatMap(({ relations }, i) => {
        const truth = new Set(gold[i]!.map(keyOf));
        return relations.map((relation) => ({
          confidence: relation.confidence,
          right: truth.has(keyOf(spanOf(relation))) ? 1 : 0,
        }));
      });
      return {
        metrics: {
          relationF1: report.micro.f1,
          relationPrecision: report.micro.precision,
          relationRecall: report.micro.recall,
          relationMacroF1: report.macro.f1,
        },
        perLabel: labels.map((label) => rows.get(label) ?? { label, precision: 0, recall: 0, f1: 0, support: 0 }),
        reliability: reliabilityBins(
          guesses.map(({ confidence }) => confidence),
          guesses.map(({ right }) => right),
          15,
        ),
      };
    },

    intervals(examples, predictions, intervalOptions) {
      const [gold, found] = [examples.map(goldOf), predictions.map(asSpans)];
      const types = entityTypes(gold, found);
      const all = bootstrapSums(entityStatistics(gold, found, types), entityMetrics(types.length), intervalOptions);
      const { microF1, precision, recall, macroF1 } = all;
      return { relationF1: microF1, relationPrecision: precision, relationRecall: recall, relationMacroF1: macroF1 };
    },

    baselines: () => [majorityByTypes(classes, typePairs), tfidfPairs(classes, typePairs)],

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap((example, i) => {
          const truth = new Map(example.relations.map((relation) => [keyOf(spanOf(relation)), relation]));
          const found = new Set(predictions[i]!.relations.map((relation) => keyOf(spanOf(relation))));
          const wrong = predictions[i]!.relations.filter((relation) => !truth.has(keyOf(spanOf(relation))));
          const missed = [...truth].filter(([key]) => !found.has(key)).map(([, relation]) => relation);
          if (wrong.length + missed.length === 0) return [];
          const written = (relations: readonly (EntityPair & { label: string })[]) =>
            relations.map((relation) => relationInWords(example.text, example.mentions, relation));
          return [
            {
              id: example.id,
              text: example.text,
              mentions: example.mentions,
              gold: written(missed),
              predicted: written(wrong),
              labels: [...missed, ...wrong].map(({ label }) => label),
              confidence: Math.max(0, ...wrong.map((relation) => relation.confidence)),
            },
          ];
        }),
      ),
  };
}

/** @throws FieldcraftError FC_DATA for a text without a list of its entities */
function mentionsOf({ id, text, mentions }: Unlabelled, task: string): readonly EntitySpan[] {
  const outside = mentions?.some(({ start, end }) => !(start >= 0 && start < end && end <= text.length));
  if (mentions !== undefined && outside === false) return mentions;
  throw new FieldcraftError('FC_DATA', {
    what: `the task ${task} is about relations between entities, and ${mentions ? 'one lies outside its text' : 'a text does not name its own'}`,
    where: id,
    fix: 'give them as the field "mentions" of JSON Lines: {"start", "end", "label"} each',
  });
}

/** Of a text's windows the one that holds most of what is between the markers; of equal ones the first. */
function widest(windows: readonly { feature: Feature }[], { start, end }: { start: number; end: number }): Feature {
  const held = windows.map(({ feature: { stretch, starts, ends } }) => {
    const last = stretch.first + stretch.count - 1;
    return Math.min(end, ends[last] ?? 0) - Math.max(start, starts[stretch.first] ?? 0);
  });
  return windows[held.indexOf(Math.max(...held))]!.feature;
}

/** A relation as the scores of entities count it. */
const spanOf = ({ head, tail, label }: EntityPair & { label: string }) => ({ start: head, end: tail, label });
const asSpans = ({ relations }: RelationPrediction) => relations.map(spanOf);
const goldOf = ({ relations }: RelationExample) => relations.map(spanOf);
const keyOf = ({ start, end, label }: EntitySpan): string => `${start} ${end} ${label}`;

export const relationExtractionType: TaskType<'relation-extraction', RelationPrediction> = {
  create: createRelationTask,
  title: 'relations between entities',
  marks: pairMarks,
  use: (labels) => `says which of the entities of a text stand in a relation of ${labels}`,
  published: {
    head: 'ForSequenceClassification',
    problem: 'single_label_classification',
    pipeline: 'text-classification',
    reads: 'entities',
  },
};
