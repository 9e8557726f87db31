/**
 * Joint extraction: the entities of a text and the directed relations between them, from one reading of the text (SpERT, Eberts & Ulges 2020,
 * arXiv:1909.07755). Every span up to a width is classified as an entity of a type or as none, then every ordered pair of the entities found
 * may have any of the relations. Long texts are read in windows; of a pair both entities stand in one.
 */
import type { EntitySpan, RelationExample } from '../data/index.js';
import { entityDictionary, majorityEntities, worstFirst } from '../evaluation/index.js';
import { reliabilityBins, softmaxRows, tuneThreshold } from '../metrics/index.js';
import { inModule } from '../nn/index.js';
import {
  entityKey,
  relatedIntervals,
  relatedScores,
  relationInWords,
  relationKey,
  surestEntities,
  type RelatedEntities,
} from './found-relations.js';
import { buildHead } from './heads.js';
import {
  jointDivergence,
  jointFeeds,
  jointHead,
  jointLoss,
  jointTargets,
  withoutAbsent,
  type JointSizes,
} from './joint-head.js';
import { measured, priorsOf } from './joint-settings.js';
import { drawNegatives, placeOf, settled, spanClasses, wordsOfWindow } from './joint-windows.js';
import { candidatePairs } from './marked-pairs.js';
import { majorityByTypes, noRelation, tfidfPairs } from './pair-baselines.js';
import type { AskedPair, Feature, JointPrediction, PredictedEntity, Task, TaskBaseline, Unlabelled } from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, joinWindows, readWindows, splitTokenLogits, windowNotes } from './windows.js';

type JointTask = Task<RelationExample, JointPrediction>;
type Windows = readonly { readonly feature: Feature; readonly index: number }[];

/** The width of spans where no training tells it, and the threshold before one was tuned: the paper's. */
const usualWidth = 10;
const usualThreshold = 0.4;

function createJointTask({
  name,
  labels,
  settings: given,
  trainExamples = [],
}: TaskOptions<RelationExample>): JointTask {
  requireLabels(labels, name, 1);
  const settings = { ...measured(trainExamples), ...given };
  const { typePairs, entityTypes = [], spanWidth: width = usualWidth, overlapping = false } = settings;
  const classes = 1 + entityTypes.length;
  const priors = trainExamples.length === 0 ? undefined : priorsOf(trainExamples, { labels, entityTypes, typePairs });
  const sizes: JointSizes = { name, width, classes, relations: labels.length, priors };
  const rowWidth = width * classes + labels.length;
  const relationOf = labelIndex(labels, name);
  const typeOf = labelIndex(entityTypes, name);

  /** What is learnt from a window: the class of each span, and all pairs of entities with their relations. */
  function withTruth(feature: Feature, { id, mentions, relations }: RelationExample): Feature {
    const words = wordsOfWindow(feature);
    const places = mentions.map((mention) => placeOf(words, mention, width));
    const entities = places.flatMap((place, i) =>
      place === undefined ? [] : [{ ...place, type: typeOf(mentions[i]!.label, id) }],
    );
    const pairs = candidatePairs(mentions, typePairs).flatMap((numbers): AskedPair[] => {
      const [head, tail] = [places[numbers.head], places[numbers.tail]];
      if (head === undefined || tail === undefined) return [];
      const own = relations.filter((relation) => relation.head === numbers.head && relation.tail === numbers.tail);
      return [{ head, tail, numbers, relations: own.map(({ label }) => relationOf(label, id)) }];
    });
    return { ...feature, target: spanClasses(words, width, entities), pairs };
  }

  /** The entities that a text's windows show, in order: each span is taken from the window in which its first token has the most context. */
  function entitiesOf(text: string, windows: Windows, logits: readonly Float32Array[]): PredictedEntity[] {
    const { window: chosen } = joinWindows(windows.map(({ feature }) => feature));
    const found = windows.flatMap(({ feature, index }, window): PredictedEntity[] => {
      const { offset, first: firstPosition } = feature.stretch;
      const words = wordsOfWindow(feature);
      return words.first.flatMap((position, word) => {
        if (chosen[offset + position - firstPosition] !== window) return [];
        const widest = Math.min(width, words.first.length - word);
        const row = logits[index]!.subarray(word * rowWidth, word * rowWidth + widest * classes);
        const shares = softmaxRows(Float64Array.from(row), classes, 1);
        return Array.from({ length: widest }, (_, more) => {
          const own = Array.from(shares.subarray(more * classes, (more + 1) * classes));
          const confidence = Math.max(...own);
          const [start, end] = [words.starts[word]!, words.ends[word + more]!];
          const label = entityTypes[own.indexOf(confidence) - 1];
          return label === undefined ? undefined : { start, end, label, text: text.slice(start, end), confidence };
        }).filter((entity) => entity !== undefined);
      });
    });
    return settled(found, overlapping);
  }

  const firstReading = (windows: Windows): Windows => windows.filter(({ feature }) => feature.pairs === undefined);

  /** The relations that were asked about, each with its probability. */
  function* askedRelations(windows: Windows, logits: readonly Float32Array[]) {
    for (const { feature, index } of windows) {
      for (const [slot, { numbers }] of (feature.pairs ?? []).entries()) {
        for (const [r, label] of labels.entries()) {
          const logit = logits[index]![slot * rowWidth + width * classes + r]!;
          yield { ...numbers, label, confidence: 1 / (1 + Math.exp(-logit)) };
        }
      }
    }
  }

  return {
    name,
    kind: 'joint-extraction',
    labels,
    outputs: [...Array.from({ length: width }, () => ['none', ...entityTypes]).flat(), ...labels],
    settings: { ...settings, entityTypes, spanWidth: width, overlapping },
    mainMetric: 'relationF1',

    async features(examples, tokenizer, { targets, learning = false, ...lengths }) {
      const features = await readWindows(
        examples.map(({ text }) => text),
        tokenizer,
        lengths,
      );
      if (!targets || !learning) return features;
      return features.map((feature) => {
        const example: RelationExample | Unlabelled = examples[feature.example]!;
        if (!('relations' in example)) throw withoutTruth(example.id, name);
        return withTruth(feature, example);
      });
    },

    draw: (features, options) => features.map((feature) => drawNegatives(feature, options)),

    notes(examples, features) {
      const read = byExample(examples.length, features);
      let [entities, lost, lostRelations] = [0, 0, 0];
      for (const [i, { mentions, relations }] of examples.entries()) {
        const words = read[i]!.map(({ feature }) => wordsOfWindow(feature));
        const placed = (mention: EntitySpan) => words.some((own) => placeOf(own, mention, width) !== undefined);
        const known = mentions.map(placed);
        entities += mentions.length;
        lost += known.filter((is) => !is).length;
        lostRelations += relations.filter(({ head, tail }) => !known[head] || !known[tail]).length;
      }
      const note = `${lost} of ${entities} entities begin or end inside a word, or have more than ${width} words: they cannot be found, nor their ${lostRelations} relations`;
      return [...(lost === 0 ? [] : [note]), ...windowNotes(examples.length, features)];
    },

    head: (b, encoded, config) =>
      buildHead(b, name, (at) => inModule(b, at, () => jointHead(b, encoded, config, sizes))),
    headFeeds: (features, layout, config) => jointFeeds(features, layout, config, sizes),
    loss: (b, logits) => jointLoss(b, logits, sizes),
    divergence: (b, p, q) => jointDivergence(b, p, q, sizes),
    targetFeeds: (features, layout) => jointTargets(features, layout, sizes),

    splitLogits: (logits, features, layout) =>
      splitTokenLogits(logits, features, layout).map((rows, i) => withoutAbsent(rows, features[i]!, sizes)),

    /** The relations between the entities that were found: as many pairs a window as it has positions, in the first window that holds both. */
    askFurther: (examples, features, logits) =>
      byExample(examples.length, features).flatMap((windows, i) => {
        const entities = entitiesOf(examples[i]!.text, windows, logits);
        const surest = new Set(surestEntities(entities));
        const pairs = candidatePairs(entities, typePairs).filter(
          ({ head, tail }) => surest.has(entities[head]!) && surest.has(entities[tail]!),
        );
        const asked = windows.map((): AskedPair[] => []);
        const places = windows.map(({ feature }) => {
          const words = wordsOfWindow(feature);
          return entities.map((entity) => placeOf(words, entity, width));
        });
        for (const numbers of pairs) {
          const window = places.findIndex((own) => own[numbers.head] && own[numbers.tail]);
          const [head, tail] = [places[window]?.[numbers.head], places[window]?.[numbers.tail]];
          if (head && tail) asked[window]!.push({ head, tail, numbers });
        }
        return windows.flatMap(({ feature }, window) => {
          const room = feature.ids.length;
          return Array.from({ length: Math.ceil(asked[window]!.length / room) }, (_, part): Feature => {
            return { ...feature, pairs: asked[window]!.slice(part * room, (part + 1) * room) };
          });
        });
      }),

    /** The threshold of relations with the best strict F1: those whose entities were not found count as missed whatever it is. */
    tune(examples, features, logits) {
      const scores: number[] = [];
      const right: boolean[] = [];
      let positives = 0;
      for (const [i, windows] of byExample(examples.length, features).entries()) {
        const truth = goldOf(examples[i]!);
        const found = { entities: entitiesOf(truth.text, firstReading(windows), logits), relations: [] };
        const missed = new Set(truth.relations.map((relation) => relationKey(truth, relation)));
        positives += missed.size;
        for (const { confidence, ...relation } of askedRelations(windows, logits)) {
          scores.push(confidence);
          right.push(missed.delete(relationKey(found, relation)));
        }
      }
      const threshold = tuneThreshold(scores, right, positives);
      return { thresholds: labels.map(() => threshold) };
    },

    decode: (examples, features, logits, { thresholds }) =>
      byExample(examples.length, features).map((windows, i) => ({
        entities: entitiesOf(examples[i]!.text, firstReading(windows), logits),
        relations: [...askedRelations(windows, logits)].filter(
          ({ label, confidence }) => confidence >= (thresholds?.[labels.indexOf(label)] ?? usualThreshold),
        ),
      })),

    score(examples, predictions) {
      const guesses = predictions.flatMap((prediction, i) => {
        const truth = goldOf(examples[i]!);
        const right = new Set(truth.relations.map((relation) => relationKey(truth, relation)));
        return prediction.relations.map((relation) => ({
          confidence: relation.confidence,
          right: right.has(relationKey(prediction, relation)) ? 1 : 0,
        }));
      });
      return {
        ...relatedScores(examples.map(goldOf), predictions, labels),
        reliability: reliabilityBins(
          guesses.map(({ confidence }) => confidence),
          guesses.map(({ right }) => right),
          15,
        ),
      };
    },

    intervals: (examples, predictions, options) => relatedIntervals(examples.map(goldOf), predictions, labels, options),

    baselines: () => [
      pipelined('majority', majorityEntities(), majorityByTypes([noRelation, ...labels], typePairs)),
      pipelined('tfidf', entityDictionary(), tfidfPairs([noRelation, ...labels], typePairs)),
    ],

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap((example, i) => {
          const [truth, prediction] = [goldOf(example), predictions[i]!];
          const [missed, wrong] = [unshared(truth, prediction), unshared(prediction, truth)];
          if (missed.length + wrong.length === 0) return [];
          const written = (of: RelatedEntities, parts: readonly Part[]) =>
            parts.map((part) => inWords(example.text, of, part));
          const sureOf = (one: { readonly confidence: number } & Part) => (wrong.includes(one) ? [one.confidence] : []);
          return [
            {
              ...{ id: example.id, text: example.text, gold: written(truth, missed) },
              predicted: written(prediction, wrong),
              labels: [...missed, ...wrong].flatMap((part) => ('start' in part ? [] : [part.label])),
              confidence: Math.max(0, ...[...prediction.relations, ...prediction.entities].flatMap(sureOf)),
            },
          ];
        }),
      ),
  };
}

const goldOf = ({ text, mentions, relations }: RelationExample) => ({ text, entities: mentions, relations });

type Part = EntitySpan | RelatedEntities['relations'][number];

/** The entities and relations that only the first of two has. */
function unshared(a: RelatedEntities, b: RelatedEntities): Part[] {
  const entities = new Set(b.entities.map(entityKey));
  const relations = new Set(b.relations.map((relation) => relationKey(b, relation)));
  return [
    ...a.entities.filter((entity) => !entities.has(entityKey(entity))),
    ...a.relations.filter((relation) => !relations.has(relationKey(a, relation))),
  ];
}

function inWords(text: string, { entities }: RelatedEntities, part: Part): string {
  if ('start' in part) return `${text.slice(part.start, part.end)} [${part.label}]`;
  return relationInWords(text, entities, part);
}

type EntityBaseline = ReturnType<typeof entityDictionary>;
type PairBaseline = ReturnType<typeof majorityByTypes>;

/** A way to find entities, and one to relate those that it found. */
const pipelined = (
  name: string,
  entities: EntityBaseline,
  pairs: PairBaseline,
): TaskBaseline<RelationExample, JointPrediction> => ({
  name,
  predict(train, dev, test) {
    const found = entities.fit(train.map(({ text, mentions }) => ({ text, entities: mentions })))(test);
    const given = test.map((example, i) => ({ ...example, mentions: found[i]!, relations: [] }));
    return pairs.predict(train, dev, given).map(({ relations }, i) => ({
      relations,
      entities: found[i]!.map((span) => {
        return { ...span, text: test[i]!.text.slice(span.start, span.end), confidence: 1 };
      }),
    }));
  },
});

export const jointExtractionType: TaskType<'joint-extraction', JointPrediction> = {
  create: createJointTask,
  title: 'entities and relations',
  use: (labels) => `finds the entities of a text and which of them stand in a relation of ${labels}`,
  published: { head: 'Model', pipeline: 'feature-extraction' },
};
