/**
 * Token classification: labelled stretches of characters. Words bear tags (O, B-x, I-x); where the data has words, the loss counts the
 * first token of each, as in Hugging Face's examples, else every token. A prediction has one tag a word, so that no entity ends inside a
 * word. Long texts are read in overlapping windows, and each token is taken from the window in which it has the most context.
 */
import type { EntityExample, EntitySpan } from '../data/index.js';
import { input } from '../graph/index.js';
import { entityDictionary, learnPhrases, majorityEntities, worstFirst } from '../evaluation/index.js';
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
import { architectureOf, rowOf } from '../models/index.js';
import { classDivergence, crossEntropy } from '../nn/index.js';
import { buildHead } from './heads.js';
import { lenientSpans } from './lenient-spans.js';
import { balancedWeights, classWeights, requireTraining } from './loss-options.js';
import { mixClasses } from './mixtures.js';
import { findKnown, type SharedWords } from './shared-words.js';
import type { EntityPrediction, Feature, PredictedEntity, Task, Tuning, Unlabelled } from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, joinWindows, readWindows, splitTokenLogits, windowNotes, type JoinedWindows } from './windows.js';
import { countTransitions, likeliestTags, requireTransitions, type TagTransitions } from './tag-transitions.js';
import { continued, entitiesOf, tagWords, tagsOf, wordsOf, type TaggedWords, type WordSpans } from './word-tags.js';

export interface TokenTask extends Task<EntityExample, EntityPrediction> {
  /** How many true entities cannot be predicted exactly, because they begin or end inside a word or have no token. */
  alignmentLosses(examples: readonly EntityExample[], features: readonly Feature[]): number;
}

/** A text as the head sees it, its windows brought together. */
interface ReadText {
  readonly tokens: JoinedWindows;
  readonly words: TaggedWords;
  /** Indices of its features. */
  readonly features: readonly number[];
}

/** How much it may count which tags follow which. */
const transitionWeights = [0.5, 1];

/** @throws FieldcraftError FC_CONFIG for labels or loss options that do not make sense. */
export function createTokenTask(options: TaskOptions<EntityExample>): TokenTask {
  const { name, labels, loss = {}, settings: { vocabulary } = {}, trainExamples } = options;
  requireLabels(labels, name, 1);
  const indexOf = labelIndex(labels, name);
  const tags = tagsOf(labels);
  const width = tags.length;
  const targetName = `targets.${name}`;
  const typeWeights = classWeights(loss, ['O', ...labels], () => balancedTypes(requireTraining(trainExamples)));
  const weights = typeWeights && tags.map((_, tag) => typeWeights[Math.ceil(tag / 2)]!);

  function tagsOfTruth(words: Pick<TaggedWords, 'starts' | 'ends'>, { id, entities }: EntityExample): Int32Array {
    return tagWords(words, entities, ({ label }) => indexOf(label, id));
  }

  /** The tags of the words of each text, told apart without a tokenizer. */
  function roughTags(examples: readonly EntityExample[]): Int32Array[] {
    return examples.map((example) => {
      const words = example.words ?? roughWords(example.text);
      return tagsOfTruth({ starts: words.map(([start]) => start), ends: words.map(([, end]) => end) }, example);
    });
  }

  /** Weights by the words of each entity type and of none. */
  function balancedTypes(examples: readonly EntityExample[]): number[] {
    const counts = new Array<number>(labels.length + 1).fill(0);
    for (const tags of roughTags(examples)) for (const tag of tags) counts[Math.ceil(tag / 2)]! += 1;
    return balancedWeights(counts);
  }

  let counted: number[] | undefined;
  const logOddsOf = (examples: readonly EntityExample[]) => (counted ??= countTransitions(roughTags(examples), width));

  function readTexts(examples: readonly Unlabelled[], features: readonly Feature[]): ReadText[] {
    return byExample(examples.length, features).map((windows, i) => {
      const tokens = joinWindows(windows.map(({ feature }) => feature));
      return { tokens, words: wordsOf(tokens, examples[i]!.words), features: windows.map(({ index }) => index) };
    });
  }

  /** The class of each token of a text, -100 where the loss does not count it. */
  function tokenTargets({ wordOf, ...spans }: TaggedWords, example: EntityExample): Int32Array {
    const truth = tagsOfTruth(spans, example);
    return wordOf.map((word, token) => {
      if (word === -1) return -100;
      if (token === 0 || wordOf[token - 1] !== word) return truth[word]!;
      return example.words ? -100 : continued(truth[word]!);
    });
  }

  /** The logits of tokens of a text, each from its best window, with what is known of its words: [chosen, tags]. */
  function gatherLogits(
    example: Unlabelled,
    { tokens, features, words: spans }: ReadText,
    {
      logits,
      chosen,
      words,
    }: { logits: readonly Float32Array[]; chosen: readonly number[]; words: SharedWords | undefined },
  ): Float32Array {
    const rows = new Float32Array(chosen.length * width);
    const found = words && findKnown(words, example, { labels, vocabulary });
    const known = found && tagWords(spans, found, ({ label }) => labels.indexOf(label));
    for (const [row, token] of chosen.entries()) {
      const from = tokens.position[token]! * width;
      rows.set(logits[features[tokens.window[token]!]!]!.subarray(from, from + width), row * width);
      const word = spans.wordOf[token]!;
      const tag = known?.[word] ?? 0;
      if (words === undefined || tag === 0) continue;
      const isLater = token > 0 && spans.wordOf[token - 1] === word;
      rows[row * width + (isLater ? continued(tag) : tag)]! += words.share;
    }
    return rows;
  }

  /** How likely each tag of each word is: [words, tags]. */
  function wordProbabilities(
    example: Unlabelled,
    read: ReadText,
    logits: readonly Float32Array[],
    { temperature = 1, words: known }: Tuning,
  ): Float64Array {
    const { words } = read;
    const pieces = [...words.wordOf.keys()].filter((token) => words.wordOf[token] !== -1);
    const leading = pieces.filter((token, i) => i === 0 || words.wordOf[token] !== words.wordOf[pieces[i - 1]!]);
    const chosen = example.words ? leading : pieces;
    const ofTokens = softmaxRows(gatherLogits(example, read, { logits, chosen, words: known }), width, temperature);
    if (example.words) return ofTokens;
    return mergePieces(
      ofTokens,
      chosen.map((token) => words.wordOf[token]!),
      width,
    );
  }

  function decodeWords(
    { text }: Unlabelled,
    words: TaggedWords,
    probabilities: Float64Array,
    transitions: TagTransitions | undefined,
  ): PredictedEntity[] {
    const decided = likeliestTags(probabilities, width, transitions);
    return entitiesOf(words, decided, tags).map(({ start, end, label, firstWord, endWord }) => {
      let sum = 0;
      for (let w = firstWord; w < endWord; w++) sum += probabilities[w * width + decided[w]!]!;
      return { start, end, label, text: text.slice(start, end), confidence: sum / (endWord - firstWord) };
    });
  }

  function alignmentLosses(examples: readonly EntityExample[], features: readonly Feature[]): number {
    const texts = readTexts(examples, features);
    return examples.reduce((sum, example, i) => {
      const { words } = texts[i]!;
      const found = new Set(entitiesOf(words, tagsOfTruth(words, example), tags).map(keyOf));
      return sum + example.entities.filter((entity) => !found.has(keyOf(entity))).length;
    }, 0);
  }

  return {
    name,
    kind: 'token-classification',
    labels,
    outputs: tags,
    settings: {},
    mainMetric: 'entityF1',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const texts = examples.map((example) => example.text);
      const features = await readWindows(texts, tokenizer, lengths);
      if (!targets) return features;
      const truths = readTexts(examples, features).map(({ words }, i) => {
        const example = examples[i]!;
        if (!('entities' in example)) throw withoutTruth(example.id, name);
        return tokenTargets(words, example);
      });
      return features.map((feature) => {
        const { first, count, offset } = feature.stretch;
        const target = new Int32Array(feature.ids.length).fill(-100);
        target.set(truths[feature.example]!.subarray(offset, offset + count), first);
        return { ...feature, target };
      });
    },

    notes(examples, features) {
      const lost = alignmentLosses(examples, features);
      const entities = examples.reduce((sum, example) => sum + example.entities.length, 0);
      const note = `${lost} of ${entities} entities begin or end inside a word, or have no token: they cannot be found exactly`;
      return [...(lost === 0 ? [] : [note]), ...windowNotes(examples.length, features)];
    },

    alignmentLosses,

    head(b, { hidden }, config) {
      return buildHead(b, name, (at) => architectureOf(config).tokenHead(b, config, hidden, { labels: width, at }));
    },

    loss(b, logits) {
      const targets = input(b.graph, targetName, ['tokens'], 'int64');
      return crossEntropy(logits, targets, {
        ...(weights && { weights }),
        smoothing: loss.labelSmoothing ?? 0,
        focus: loss.focalGamma ?? 0,
      });
    },

    divergence: (b, p, q) => classDivergence(p, q, input(b.graph, targetName, ['tokens'], 'int64')),

    targetFeeds(features, { batch, tokens }) {
      const data = new BigInt64Array(tokens).fill(-100n);
      for (const [sequence, { target }] of features.entries()) {
        target?.forEach((tag: number, position: number) => (data[rowOf(position, sequence, batch)] = BigInt(tag)));
      }
      return { [targetName]: { data, shape: [tokens] } };
    },

    splitLogits: splitTokenLogits,

    mix: (a, b, share) => a.map((rows, i) => mixClasses(rows, b[i]!, width, share)),

    learnWords: learnPhrases,

    /** A temperature for the confidences, from the tokens that the loss counts, and how much it counts which tags follow which. */
    tune(examples, features, logits, words) {
      const rows: Float32Array[] = [];
      const gold: number[] = [];
      const texts = readTexts(examples, features);
      for (const [i, read] of texts.entries()) {
        const targets = tokenTargets(read.words, examples[i]!);
        const counted = [...targets.keys()].filter((token) => targets[token] !== -100);
        rows.push(gatherLogits(examples[i]!, read, { logits, chosen: counted, words }));
        for (const token of counted) gold.push(targets[token]!);
      }
      const apart: Tuning = { temperature: fitTemperature(concatenate(rows), gold, width), ...(words && { words }) };
      if (trainExamples === undefined) return apart;
      const logOdds = logOddsOf(trainExamples);
      const truths = examples.map(({ entities }) => entities);
      const probabilities = examples.map((example, i) => wordProbabilities(example, texts[i]!, logits, apart));
      const tried = [undefined, ...transitionWeights.map((weight) => ({ weight, logOdds }))].map((transitions) => {
        const found = examples.map((example, i) =>
          decodeWords(example, texts[i]!.words, probabilities[i]!, transitions),
        );
        return { transitions, f1: entityScores(truths, found).micro.f1 };
      });
      const { transitions } = tried.reduce((best, one) => (one.f1 > best.f1 ? one : best));
      return { ...apart, ...(transitions && { transitions }) };
    },

    decode(examples, features, logits, tuning) {
      requireTransitions(tuning.transitions, width);
      const texts = readTexts(examples, features);
      return examples.map((example, i) => {
        const probabilities = wordProbabilities(example, texts[i]!, logits, tuning);
        return { entities: decodeWords(example, texts[i]!.words, probabilities, tuning.transitions) };
      });
    },

    /**
     * `entityF1`, `entityPrecision` and `entityRecall` count an entity as right when start, end and label are, pooled over labels; the `lenient`
     * ones when the label is and the stretches overlap.
     */
    score(examples, predictions) {
      const gold = examples.map(({ entities }) => entities);
      const predicted = predictions.map(({ entities }) => entities);
      const exact = entityScores(gold, predicted);
      const lenient = entityScores(gold, lenientSpans(gold, predicted));
      const rows = new Map(exact.perType.map((row) => [row.label, row]));
      const guesses = predictions.flatMap(({ entities }, i) => {
        const truth = new Set(gold[i]!.map(keyOf));
        return entities.map((entity) => ({ confidence: entity.confidence, right: truth.has(keyOf(entity)) ? 1 : 0 }));
      });
      return {
        metrics: {
          entityF1: exact.micro.f1,
          entityPrecision: exact.micro.precision,
          entityRecall: exact.micro.recall,
          entityMacroF1: exact.macro.f1,
          entityWeightedF1: exact.weighted.f1,
          lenientF1: lenient.micro.f1,
          lenientPrecision: lenient.micro.precision,
          lenientRecall: lenient.micro.recall,
        },
        perLabel: labels.map((label) => rows.get(label) ?? { label, precision: 0, recall: 0, f1: 0, support: 0 }),
        reliability: reliabilityBins(
          guesses.map(({ confidence }) => confidence),
          guesses.map(({ right }) => right),
          15,
        ),
      };
    },

    intervals(examples, predictions, options) {
      const gold = examples.map(({ entities }) => entities);
      const found = predictions.map(({ entities }) => [...entities]);
      const types = entityTypes(gold, found);
      const intervals = bootstrapSums(entityStatistics(gold, found, types), entityMetrics(types.length), options);
      const { microF1, precision, recall, macroF1 } = intervals;
      return { entityF1: microF1, entityPrecision: precision, entityRecall: recall, entityMacroF1: macroF1 };
    },

    baselines: () =>
      [majorityEntities(), entityDictionary()].map(({ name, fit }) => ({
        name,
        predict: (train, _, test) =>
          fit(train)(test).map((spans, i) => ({
            entities: spans.map(({ start, end, label }) => {
              return { start, end, label, text: test[i]!.text.slice(start, end), confidence: 1 };
            }),
          })),
      })),

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap(({ id, text, entities: gold }, i) => {
          const { entities } = predictions[i]!;
          const truth = new Set(gold.map(keyOf));
          const found = new Set(entities.map(keyOf));
          const wrong = entities.filter((entity) => !truth.has(keyOf(entity)));
          if (wrong.length === 0 && gold.every((entity) => found.has(keyOf(entity)))) return [];
          const predictedEntities = entities.map(({ start, end, label }) => ({ start, end, label }));
          const confidence = Math.max(0, ...wrong.map((entity) => entity.confidence));
          return [{ id, text, gold: [], predicted: [], goldEntities: gold, predictedEntities, confidence }];
        }),
      ),
  };
}

export const tokenClassificationType: TaskType<'token-classification', EntityPrediction> = {
  create: createTokenTask,
  title: 'entities in text',
  use: (labels) => `finds and names stretches of text of ${labels}`,
  published: { head: 'ForTokenClassification', pipeline: 'token-classification' },
};

/**
 * Probabilities of words [words, tags] from those of their tokens [tokens, tags], in order: of O and of each type the mean over the word's
 * tokens, B- and I- of a type divided as the word's first token has them.
 */
function mergePieces(ofTokens: Float64Array, wordOf: readonly number[], width: number): Float64Array {
  const merged = new Float64Array(((wordOf.at(-1) ?? -1) + 1) * width);
  for (let from = 0, to = 0; from < wordOf.length; from = to) {
    while (to < wordOf.length && wordOf[to] === wordOf[from]) to++;
    const at = wordOf[from]! * width;
    const mean = (tag: number): number => {
      let sum = 0;
      for (let token = from; token < to; token++) sum += ofTokens[token * width + tag]!;
      return sum / (to - from);
    };
    merged[at] = mean(0);
    for (let begin = 1; begin < width; begin += 2) {
      const ofType = mean(begin) + mean(begin + 1);
      const [b, i] = [ofTokens[from * width + begin]!, ofTokens[from * width + begin + 1]!];
      const share = b + i === 0 ? 1 : b / (b + i);
      merged[at + begin] = ofType * share;
      merged[at + begin + 1] = ofType * (1 - share);
    }
  }
  return merged;
}

const keyOf = ({ start, end, label }: EntitySpan): string => `${start} ${end} ${label}`;

/** Runs of letters and digits, and single other signs. */
const roughWords = (text: string): WordSpans =>
  Array.from(
    text.matchAll(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu),
    (m) => [m.index, m.index + m[0].length] as const,
  );

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
