/**
 * Slot filling with intents: what a text asks for, and the stretches of it that say the particulars, by two heads on one encoder that learn
 * together (BERT for joint intent classification and slot filling, Chen, Zhuo & Wang 2019, arXiv:1902.10909): words bear the tags of slots,
 * and the first token of a window, [CLS], the intents. Both heads are linear, so they lie side by side in one matrix [hidden, tags and intents]:
 * of each row only its own columns are read and learnt. The mean loss of a word and that of a text are added.
 *
 * Where every text of training has exactly one intent the intents are classes, else yes-or-no questions with thresholds (ATIS: "flights and
 * fares"); intents are right where exactly the true ones are named.
 */
import { intentLabel, intentOf, type MultiLabelExample, type SlotExample } from '../data/index.js';
import { worstFirst } from '../evaluation/index.js';
import { add, constant, mul, slice, type Value } from '../graph/index.js';
import { bootstrapSums, sameFrame, slotStatistics, sumStatistics } from '../metrics/index.js';
import { architectureOf } from '../models/index.js';
import { classificationType } from './classification.js';
import { buildHead } from './heads.js';
import type { LossOptions } from './loss-options.js';
import { mixBits, mixClasses } from './mixtures.js';
import { labelPriors, multiLabelType } from './multi-label.js';
import type {
  ClassificationPrediction,
  Feature,
  MultiLabelPrediction,
  SlotPrediction,
  Task,
  Tuning,
  Unlabelled,
} from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { createTokenTask } from './token-classification.js';
import { byExample, splitTokenLogits } from './windows.js';

type SlotTask = Task<SlotExample, SlotPrediction>;

/** How intents are learnt and told from logits [windows, intents]. */
type IntentTask = Pick<
  Task<MultiLabelExample, MultiLabelPrediction>,
  'loss' | 'divergence' | 'targetFeeds' | 'tune' | 'decode' | 'baselines'
>;

/** The main score is the exact match: a request is served where all of it is understood. */
function createSlotTask(options: TaskOptions<SlotExample>): SlotTask {
  const { name, labels, loss = {}, trainExamples } = options;
  const intentNames = labels.flatMap((label) => intentOf(label) ?? []);
  const slotNames = labels.filter((label) => intentOf(label) === undefined);
  requireLabels(slotNames, `${name}, slots`, 1);
  const measured = trainExamples && { severalIntents: trainExamples.some(({ intents }) => intents.length !== 1) };
  const settings = { ...measured, ...options.settings };
  const several = settings.severalIntents ?? false;
  const indexOf = labelIndex(intentNames, name);
  const slots = createTokenTask({
    ...{ name: `${name}.slots`, labels: slotNames, trainExamples },
    loss: withWeightsOf(loss, (label) => (intentOf(label) === undefined ? label : undefined)),
  });
  const intentOptions = {
    ...{ name: `${name}.intents`, labels: intentNames },
    loss: withWeightsOf(loss, intentOf),
    trainExamples: trainExamples?.map(asLabelled),
  };
  const intents = several ? multiLabelType.create(intentOptions) : oneIntent(intentOptions);
  /** By these intents are scored, one or several: a held-out text may have more than training has. */
  const scored = multiLabelType.create({ name, labels: intentNames });
  const tags = slots.outputs.length;
  const width = tags + intentNames.length;
  const priors = several && trainExamples ? labelPriors(trainExamples.map(asLabelled), intentNames) : undefined;
  const initialBias = priors && [...slots.outputs.map(() => 0), ...priors];

  /** What the intent head is to say of a text: its class, or 0 or 1 an intent. */
  function intentTarget({ id, intents: borne }: SlotExample): number[] {
    const numbers = borne.map((intent) => indexOf(intent, id));
    return several ? intentNames.map((_, i) => (numbers.includes(i) ? 1 : 0)) : numbers.slice(0, 1);
  }

  const tagColumns = (logits: Value): Value => slice(logits, 1, 0, tags);
  const intentColumns = (logits: Value): Value => slice(slice(logits, 0, 0, 'batch'), 1, tags, width);
  /** The mean over questions would count a text for less the more intents there are. */
  const bothOf = (ofSlots: Value, ofIntents: Value): Value =>
    add(ofSlots, mul(ofIntents, constant(ofIntents.graph, several ? intentNames.length : 1)));

  /** The logits of one head from those of windows, [tokens, width] each: of all tokens the tags, of the first the intents. */
  const tagLogits = (logits: readonly Float32Array[]) =>
    logits.map((rows) => {
      const own = new Float32Array((rows.length / width) * tags);
      for (let token = 0; token * tags < own.length; token++)
        own.set(rows.subarray(token * width, token * width + tags), token * tags);
      return own;
    });
  const intentLogits = (logits: readonly Float32Array[]) => logits.map((rows) => rows.subarray(tags, width));

  /** The two brought together again, [tokens, width]: of tokens behind the first no intents are read. */
  function besideEachOther(ofSlots: Float32Array, ofIntents: Float32Array, length: number): Float32Array {
    const rows = new Float32Array(length);
    for (let token = 0; token * width < length; token++)
      rows.set(ofSlots.subarray(token * tags, (token + 1) * tags), token * width);
    rows.set(ofIntents, tags);
    return rows;
  }

  return {
    name,
    kind: 'slot-filling',
    labels,
    outputs: [...slots.outputs, ...intentNames.map(intentLabel)],
    settings,
    mainMetric: 'exactMatch',

    async features(examples, tokenizer, featureOptions) {
      const features = await slots.features(examples, tokenizer, featureOptions);
      if (!featureOptions.targets) return features;
      const told = examples.map((example) => {
        if (!('intents' in example)) throw withoutTruth(example.id, name);
        return intentTarget(example);
      });
      return features.map((feature) => ({
        ...feature,
        target: Int32Array.from([...(feature.target ?? []), ...told[feature.example]!]),
      }));
    },

    notes: (examples, features) => [
      ...slots.notes(examples, features),
      several
        ? 'texts of training have several intents or none: each intent is a question of its own, with a threshold'
        : 'every text of training has one intent: intents are classes',
    ],

    head(b, { hidden }, config) {
      return buildHead(b, name, (at) =>
        architectureOf(config).tokenHead(b, config, hidden, { labels: width, at, ...(initialBias && { initialBias }) }),
      );
    },

    loss: (b, logits) => bothOf(slots.loss(b, tagColumns(logits)), intents.loss(b, intentColumns(logits))),

    divergence: (b, p, q) =>
      bothOf(
        slots.divergence(b, tagColumns(p), tagColumns(q)),
        intents.divergence(b, intentColumns(p), intentColumns(q)),
      ),

    targetFeeds: (features, layout) => ({
      ...slots.targetFeeds(features.map(forSlots), layout),
      ...intents.targetFeeds(features.map(forIntents), layout),
    }),

    splitLogits: splitTokenLogits,

    mix(a, b, share) {
      const [slotsOfA, slotsOfB] = [tagLogits(a), tagLogits(b)];
      const [intentsOfA, intentsOfB] = [intentLogits(a), intentLogits(b)];
      return a.map(({ length }, i) => {
        const ofSlots = mixClasses(slotsOfA[i]!, slotsOfB[i]!, tags, share);
        const ofIntents = several
          ? mixBits(intentsOfA[i]!, intentsOfB[i]!, share)
          : mixClasses(intentsOfA[i]!, intentsOfB[i]!, intentNames.length, share);
        return besideEachOther(ofSlots, ofIntents, length);
      });
    },

    tune(examples, features, logits) {
      const { temperature: intentTemperature, ...rest } = intents.tune(
        examples.map(asLabelled),
        features.map(forIntents),
        intentLogits(logits),
      );
      const ofSlots = slots.tune(examples, features.map(forSlots), tagLogits(logits));
      return { ...rest, ...ofSlots, ...(intentTemperature === undefined ? {} : { intentTemperature }) };
    },

    decode(examples, features, logits, tuning) {
      const entities = slots.decode(examples, features, tagLogits(logits), tuning);
      const named = intents.decode(examples, features, intentLogits(logits), tuningOfIntents(tuning));
      return named.map((prediction, i) => joined(prediction, entities[i]!.entities));
    },

    score(examples, predictions) {
      const { statistics, metrics } = slotStatistics(examples, predictions);
      const ofSlots = slots.score(examples, predictions);
      const labelled = predictions.map(({ intents: named, intentProbabilities }) => ({
        labels: named,
        probabilities: intentProbabilities,
      }));
      const { perLabel, metrics: intentMetrics } = scored.score(examples.map(asLabelled), labelled);
      return {
        metrics: { ...metrics(sumStatistics(statistics)), intentMacroF1: intentMetrics['macroF1'] ?? 0 },
        perLabel: [...perLabel.map((row) => ({ ...row, label: intentLabel(row.label) })), ...ofSlots.perLabel],
        ...(ofSlots.reliability && { reliability: ofSlots.reliability }),
      };
    },

    intervals(examples, predictions, intervalOptions) {
      const { statistics, metrics } = slotStatistics(examples, predictions);
      return bootstrapSums(statistics, metrics, intervalOptions);
    },

    /** Of both heads the simple methods, in pairs. */
    baselines() {
      const ofSlots = slots.baselines();
      return intents.baselines().map((ofIntent, i) => ({
        name: ofIntent.name === ofSlots[i]!.name ? ofIntent.name : `${ofIntent.name}-${ofSlots[i]!.name}`,
        predict(train, dev, test) {
          const found = ofSlots[i]!.predict(train, dev, test);
          const named = ofIntent.predict(train.map(asLabelled), dev.map(asLabelled), test.map(asLabelled));
          return named.map((prediction, n) => joined(prediction, found[n]!.entities));
        },
      }));
    },

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap((example, i) => {
          const prediction = predictions[i]!;
          if (sameFrame(example, prediction)) return [];
          const { id, text, intents: gold, entities: goldEntities } = example;
          const [slot] = slots.mistakes([example], [prediction]);
          const surest = intentNames.flatMap((intent, n) => {
            const [is, said] = [gold.includes(intent), prediction.intents.includes(intent)];
            const probability = prediction.intentProbabilities[n]!;
            return is === said ? [] : [said ? probability : 1 - probability];
          });
          return [
            {
              ...{ id, text, gold, predicted: prediction.intents, goldEntities },
              predictedEntities: prediction.entities.map(({ start, end, label }) => ({ start, end, label })),
              confidence: Math.max(0, slot?.confidence ?? 0, ...surest),
            },
          ];
        }),
      ),
  };
}

export const slotFillingType: TaskType<'slot-filling', SlotPrediction> = {
  create: createSlotTask,
  title: 'intents and slots',
  use: (labels) => `says what a text asks for and finds the particulars in it, of ${labels}`,
  published: { head: 'ForTokenClassification', pipeline: 'token-classification', reads: 'intents' },
};

const asLabelled = ({ intents, ...example }: SlotExample): MultiLabelExample => ({ ...example, labels: intents });

const joined = (
  { labels, probabilities }: MultiLabelPrediction,
  entities: SlotPrediction['entities'],
): SlotPrediction => ({ intents: labels, intentProbabilities: probabilities, entities });

/** A window with the targets of one head: those of its tokens come first, those of the intents after. */
const forSlots = (feature: Feature): Feature => withTarget(feature, 0, feature.ids.length);
const forIntents = (feature: Feature): Feature => withTarget(feature, feature.ids.length);
const withTarget = ({ target, ...feature }: Feature, from: number, to?: number): Feature =>
  target === undefined ? feature : { ...feature, target: target.subarray(from, to) };

const tuningOfIntents = ({ intentTemperature, thresholds }: Tuning): Tuning => ({
  ...(thresholds && { thresholds }),
  ...(intentTemperature === undefined ? {} : { temperature: intentTemperature }),
});

/** The loss of one head: weights of labels by the names that `own` gives them there, undefined for those of the other one. */
function withWeightsOf(loss: LossOptions, own: (label: string) => string | undefined): LossOptions {
  const { classWeights } = loss;
  if (classWeights === undefined || typeof classWeights === 'string') return loss;
  const weights = Object.entries(classWeights).flatMap(([label, weight]) => {
    const ours = own(label);
    return ours === undefined ? [] : [[ours, weight] as const];
  });
  return { ...loss, classWeights: Object.fromEntries(weights) };
}

/**
 * A classification as a task of lists of one label. Held-out texts may have several intents or none all the same, as where training is a draw:
 * such a text is never right, and nothing is tuned on it.
 */
function oneIntent({ trainExamples, ...options }: TaskOptions<MultiLabelExample>): IntentTask {
  const first = ({ labels: [label = ''], ...example }: MultiLabelExample) => ({ ...example, label });
  const isOne = ({ labels }: MultiLabelExample) => labels.length === 1;
  const known = (examples: readonly MultiLabelExample[]) => examples.filter(isOne).map(first);
  const task = classificationType.create({ ...options, trainExamples: trainExamples && known(trainExamples) });
  const listed = (predictions: readonly ClassificationPrediction[]) =>
    predictions.map(({ label, probabilities }): MultiLabelPrediction => ({ labels: [label], probabilities }));
  return {
    loss: (b, logits) => task.loss(b, logits),
    divergence: (b, p, q) => task.divergence(b, p, q),
    targetFeeds: (features, layout) => task.targetFeeds(features, layout),
    tune(examples, features, logits) {
      const own = byExample(examples.length, features).filter((_, i) => isOne(examples[i]!));
      if (own.length === 0) return {};
      return task.tune(
        known(examples),
        own.flatMap((all, example) => all.map(({ feature }) => ({ ...feature, example }))),
        own.flatMap((all) => all.map(({ index }) => logits[index]!)),
      );
    },
    decode: (examples: readonly Unlabelled[], features, logits, tuning) =>
      listed(task.decode(examples, features, logits, tuning)),
    baselines: () =>
      task.baselines().map(({ name, predict }) => ({
        name,
        predict: (train, dev, test) => listed(predict(known(train), known(dev), test.map(first))),
      })),
  };
}
