/**
 * Code assignment: any of very many codes a document, such as the diagnoses of a case. The document's segments are encoded separately, and each
 * code attends to the token rows of all of them (PLM-ICD, Huang, Tsai & Chen 2022); one sigmoid a code. Where codes have titles, two scores
 * are added: one from queries that a code learns of its own, which start from its title, and one from the title alone by maps that all codes
 * share, so that codes which training never shows can be suggested too.
 */
import type { CodeExample } from '../data/index.js';
import { worstFirst } from '../evaluation/index.js';
import {
  add,
  broadcastTo,
  concat,
  constant,
  gemm,
  input,
  mul,
  slice,
  stopGradient,
  type Value,
} from '../graph/index.js';
import {
  bootstrapSums,
  codeMetrics,
  codeRows,
  codeStatistics,
  fitBinaryTemperature,
  fitOffset,
  reliabilityBins,
  sumStatistics,
} from '../metrics/index.js';
import {
  binaryCrossEntropy,
  bitDivergence,
  inModule,
  joinSegments,
  labelAttention,
  parameter,
  qualify,
  unitRows,
  type Builder,
  type LabelAttention,
} from '../nn/index.js';
import { codeBaselines } from './code-baselines.js';
import { chooseThreshold, codedDocuments, guessCodes } from './code-predictions.js';
import { buildHead, headModule, priorLogOdds } from './heads.js';
import { mixAcross, mixBit } from './mixtures.js';
import { documentRows, evidenceOf, scoreOver, type Columns, type DocumentRows } from './segments.js';
import type { CodePrediction, Feature, Task, Tuning } from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { readWindows, splitSequenceLogits, windowNotes } from './windows.js';

type CodeTask = Task<CodeExample, CodePrediction>;

const defaultSegments = 32;
/** Rows and titles have length 1: what their cosines are multiplied by, before the softmax over tokens and in a score. */
const sharpness = 20;
const scale = 10;
/** Added to the attention of segments of other documents: their share of the softmax is 0. */
const elsewhere = -10_000;

function createCodeTask(options: TaskOptions<CodeExample>): CodeTask {
  const { name, labels, trainExamples = [], settings = {} } = options;
  requireLabels(labels, name, 0);
  const { titles, windows: segments = defaultSegments } = settings;
  const borne = trainExamples.length > 0 ? trainExamples.flatMap(({ codes }) => codes) : labels;
  const learnt = settings.learnt ?? [...new Set(borne)].sort();
  const isLearnt = new Set(learnt);
  /** All that can be assigned: those that training has first. */
  const codes = [...learnt, ...labels.filter((code) => titles?.[code] !== undefined && !isLearnt.has(code))];
  const seen = learnt.length;
  const indexOf = labelIndex(learnt, name);
  const [targetName, weightName, siblingName] = [`targets.${name}`, `weights.${name}`, `siblings.${name}`];

  // A segment's row: scores and masses by title, of all codes, then those of what was learnt of each.
  const titled = titles === undefined ? 0 : codes.length;
  const byTitle = (c: number): Columns => ({ score: c, mass: titled + c });
  const own = (c: number): Columns => ({ score: 2 * titled + c, mass: 2 * titled + seen + c });
  const logitOf = (rows: Pick<DocumentRows, 'rows'>, c: number): number =>
    (titled > 0 ? scoreOver(rows, byTitle(c)) : 0) + (c < seen ? scoreOver(rows, own(c)) : 0);

  /** 1 for each code of the example that the head has learnt of. */
  function targetOf({ id, codes: gold }: CodeExample): Float32Array {
    const target = new Float32Array(seen);
    for (const code of gold) target[indexOf(code, id)] = 1;
    return target;
  }

  /** What documents are told of the codes that training has [batch, seen]: by all that was learnt, and where codes have titles, by these alone. */
  function answersOf(b: Builder, logits: Value): Value[] {
    const siblings = input(b.graph, siblingName, ['batch', 'batch']);
    const width = Number(logits.shape[1]);
    const part = (start: number) => slice(logits, 1, start, start + seen);
    const joined = (score: number, mass: number) => joinSegments({ scores: part(score), masses: part(mass) }, siblings);
    const ofOwn = joined(width - 2 * seen, width - seen);
    if (titled === 0) return [ofOwn];
    const ofTitle = joined(0, (width - 2 * seen) / 2);
    return [add(ofTitle, ofOwn), ofTitle];
  }

  const maskOf = (b: Builder): Value => broadcastTo(input(b.graph, weightName, ['batch', 1]), ['batch', seen]);

  /** The log-odds of each code in training, and their mean. */
  function priors(): { each: number[]; mean: number } {
    const counts = new Map<string, number>();
    for (const code of borne) counts.set(code, (counts.get(code) ?? 0) + 1);
    const each = learnt.map((code) => {
      const count = trainExamples.length === 0 ? 0 : (counts.get(code) ?? 0);
      return priorLogOdds(count, trainExamples.length - count);
    });
    return { each, mean: each.reduce((sum, prior) => sum + prior, 0) / Math.max(1, seen) };
  }

  function scoresByTitle(b: Builder, rows: Value, bias: Value, mean: number): LabelAttention {
    const width = Number(rows.shape[1]);
    const head = { kind: 'head', decay: true, initial: 'zeros' } as const;
    const table = parameter(b, qualify(b, 'titles'), [titled, width], head);
    // Learnt from are only the codes that training has.
    const known = stopGradient(b.training && seen < titled ? slice(table, 0, 0, seen) : table);
    const mapped = (module: string) =>
      add(known, gemm(known, parameter(b, qualify(b, `${module}.weight`), [width, width], head)));
    const base = parameter(b, qualify(b, 'title_score.bias'), [1], {
      ...head,
      decay: false,
      initial: { values: [mean] },
    });
    const { scores, masses } = labelAttention({
      ...{ rows, bias },
      queries: scaled(mapped('title_query'), sharpness),
      weights: scaled(mapped('title_score'), scale),
    });
    return { scores: add(scores, base), masses };
  }

  function scoresOfOwn(b: Builder, rows: Value, bias: Value, offsets: readonly number[]): LabelAttention {
    const width = Number(rows.shape[1]);
    const head = { kind: 'head', decay: true } as const;
    const queries = parameter(b, qualify(b, 'queries'), [seen, width], {
      ...head,
      initial: { normal: 1 / Math.sqrt(width) },
    });
    const weights = parameter(b, qualify(b, 'classifier.weight'), [seen, width], { ...head, initial: 'zeros' });
    const offset = parameter(b, qualify(b, 'classifier.bias'), [seen], {
      ...{ kind: 'head', decay: false },
      initial: { values: offsets },
    });
    const { scores, masses } = labelAttention({
      ...{ rows, bias },
      queries: scaled(queries, sharpness),
      weights: scaled(weights, scale),
    });
    return { scores: add(scores, offset), masses };
  }

  function tune(examples: readonly CodeExample[], documents: readonly DocumentRows[]): Tuning {
    const [known, others] = [new Float64Array(documents.length * seen), [] as number[]];
    const isTrue = new Uint8Array(known.length);
    let trueOthers = 0;
    documents.forEach((rows, i) => {
      const gold = new Set(examples[i]!.codes);
      codes.forEach((code, c) => {
        const logit = logitOf(rows, c);
        if (c >= seen) others.push(logit);
        else known[i * seen + c] = logit;
        if (!gold.has(code)) return;
        if (c >= seen) trueOthers++;
        else isTrue[i * seen + c] = 1;
      });
    });
    const temperature = fitBinaryTemperature(known, isTrue);
    if (others.length === 0) return { temperature };
    return {
      temperature,
      titleOffset: fitOffset(others, trueOthers),
    };
  }

  function decode(
    texts: readonly { text: string }[],
    documents: readonly DocumentRows[],
    { temperature = 1, titleOffset = 0, thresholds: [threshold = 0.5] = [] }: Tuning,
  ): CodePrediction[] {
    return documents.map((rows, i) => {
      const probabilities = codes.map((_, c) =>
        c < seen ? sigmoid(logitOf(rows, c) / temperature) : sigmoid(logitOf(rows, c) + titleOffset),
      );
      const evidence = (c: number) => evidenceOf(rows, c < seen ? own(c) : byTitle(c), texts[i]!.text);
      return guessCodes(probabilities, { codes, seen, threshold, evidence });
    });
  }

  /** The codes that scores are of: all that may be assigned, and true ones that may not. */
  const codeSet = (examples: readonly CodeExample[]) => ({
    codes: [...new Set([...codes, ...examples.flatMap((example) => example.codes)])],
    seen: isLearnt,
  });

  return {
    name,
    kind: 'code-assignment',
    labels,
    outputs: codes,
    settings: { ...settings, learnt },
    mainMetric: 'microF1',

    async features(examples, tokenizer, { targets, learning, maxLength, cacheFolder }) {
      const texts = examples.map(({ text }) => text);
      const read = await readWindows(texts, tokenizer, { maxLength, stride: 0, ...(cacheFolder && { cacheFolder }) });
      const kept = learning ? read.filter(({ window }) => window < segments) : read;
      return kept.map((feature): Feature => {
        const grouped = { ...feature, group: feature.example };
        if (!targets) return grouped;
        const example = examples[feature.example]!;
        if (!('codes' in example)) throw withoutTruth(example.id, name);
        // What is true is true of the document: it stands with its first segment. What was never learnt has no output.
        const isFirst = feature.window === 0 && learning;
        return { ...grouped, target: isFirst ? targetOf(example) : new Float32Array(0) };
      });
    },

    notes(examples, features) {
      const long = features.filter(({ window }) => window === segments - 1).length;
      return [
        ...windowNotes(examples.length, features),
        ...(long > 0
          ? [
              `${long} of ${examples.length} texts have ${segments} windows or more, of which the first ${segments} are learnt from`,
            ]
          : []),
      ];
    },

    head(b, { hidden, bias }) {
      return buildHead(b, name, (at) =>
        inModule(b, at, () => {
          const rows = unitRows(hidden);
          const { each, mean } = priors();
          const offsets = titled > 0 ? each.map((prior) => prior - mean) : each;
          const parts = [
            ...(titled > 0 ? [scoresByTitle(b, rows, bias, mean)] : []),
            scoresOfOwn(b, rows, bias, offsets),
          ];
          return concat(
            parts.flatMap(({ scores, masses }) => [scores, masses]),
            1,
          );
        }),
      );
    },

    /** That of the sum of both scores, and that of the score by title alone: codes that are never seen have no other. */
    loss(b, logits) {
      const targets = input(b.graph, targetName, ['batch', seen]);
      const mask = maskOf(b);
      return answersOf(b, logits)
        .map((x) => binaryCrossEntropy(x, targets, { mask }))
        .reduce(add);
    },

    divergence(b, p, q) {
      const [before, mask] = [answersOf(b, p), maskOf(b)];
      return answersOf(b, q)
        .map((x, i) => bitDivergence(before[i]!, x, mask))
        .reduce(add);
    },

    targetFeeds(features) {
      const rows = features.length;
      const targets = new Float32Array(rows * seen);
      const weights = new Float32Array(rows);
      features.forEach(({ target }, row) => {
        if (!target?.length) return;
        targets.set(target, row * seen);
        weights[row] = 1;
      });
      const siblings = Float32Array.from({ length: rows * rows }, (_, cell) =>
        features[Math.floor(cell / rows)]!.group === features[cell % rows]!.group ? 0 : elsewhere,
      );
      return {
        [targetName]: { data: targets, shape: [rows, seen] },
        [weightName]: { data: weights, shape: [rows, 1] },
        [siblingName]: { data: siblings, shape: [rows, rows] },
      };
    },

    splitLogits: splitSequenceLogits,

    /** Of each code every segment says what the document is told, and keeps its part of the attention. */
    mix(a, b, share) {
      const mixed = a.map(({ length }) => new Float32Array(length));
      codes.forEach((_, c) => {
        const { score, mass } = c < seen ? own(c) : byTitle(c);
        const logit = mixBit(logitOf({ rows: a }, c), logitOf({ rows: b }, c), share);
        const massOf = (rows: readonly Float32Array[]) => rows.map((row) => row.subarray(mass, mass + 1));
        const masses = mixAcross(massOf(a), massOf(b), share);
        mixed.forEach((row, segment) => {
          row[score] = logit;
          row[mass] = masses[segment]![0]!;
        });
      });
      return mixed;
    },

    tune(examples, features, logits) {
      const documents = documentRows(examples.length, features, logits);
      const tuning = tune(examples, documents);
      const threshold = chooseThreshold(examples, decode(examples, documents, { ...tuning, thresholds: [Infinity] }));
      return { ...tuning, thresholds: [threshold] };
    },

    decode: (examples, features, logits, tuning) =>
      decode(examples, documentRows(examples.length, features, logits), tuning),

    score(examples, predictions) {
      const documents = codedDocuments(examples, predictions);
      const set = codeSet(examples);
      const guesses = predictions.flatMap(({ ranking }, i) => {
        const gold = new Set(examples[i]!.codes);
        return ranking.map(({ code, probability }) => ({ probability, right: gold.has(code) ? 1 : 0 }));
      });
      return {
        metrics: codeMetrics(set)(sumStatistics(codeStatistics(documents, set))),
        perLabel: codeRows(documents, set),
        reliability: reliabilityBins(
          guesses.map(({ probability }) => probability),
          guesses.map(({ right }) => right),
          15,
        ),
      };
    },

    intervals(examples, predictions, intervalOptions) {
      const set = codeSet(examples);
      return bootstrapSums(
        codeStatistics(codedDocuments(examples, predictions), set),
        codeMetrics(set),
        intervalOptions,
      );
    },

    baselines: () => codeBaselines({ codes, seen, titles }),

    async startingWeights(encode) {
      if (titles === undefined) return new Map<string, Float32Array>();
      const vectors = centred(await encode(codes.map((code) => titles[code] ?? code)));
      return new Map([
        [`${headModule(name)}.titles`, vectors],
        [`${headModule(name)}.queries`, vectors.slice(0, (vectors.length / codes.length) * seen)],
      ]);
    },

    /** Documents with the most wrong codes first would be the longest: the surest wrong code decides. */
    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap(({ id, text, codes: gold }, i) => {
          const { codes: assigned, ranking } = predictions[i]!;
          const predicted = assigned.map(({ code }) => code);
          const given = new Map(ranking.map(({ code, probability }) => [code, probability]));
          const wrong = [
            ...assigned.filter(({ code }) => !gold.includes(code)).map(({ probability }) => probability),
            ...gold.filter((code) => !predicted.includes(code)).map((code) => 1 - (given.get(code) ?? 0)),
          ];
          return wrong.length === 0 ? [] : [{ id, text, gold, predicted, confidence: Math.max(...wrong) }];
        }),
      ),
  };
}

const scaled = (x: Value, factor: number): Value => mul(x, constant(x.graph, factor));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Vectors less their mean, which says only that they are titles, each of length 1, one after another. */
function centred(vectors: readonly Float32Array[]): Float32Array {
  const width = vectors[0]?.length ?? 0;
  const mean = new Float64Array(width);
  for (const vector of vectors) vector.forEach((value, k) => (mean[k]! += value / vectors.length));
  const all = new Float32Array(vectors.length * width);
  vectors.forEach((vector, row) => {
    const apart = Float64Array.from(vector, (value, k) => value - mean[k]!);
    const length = Math.hypot(...apart);
    if (length > 0)
      all.set(
        Float32Array.from(apart, (value) => value / length),
        row * width,
      );
  });
  return all;
}

export const codeAssignmentType: TaskType<'code-assignment', CodePrediction> = {
  create: createCodeTask,
  title: 'code assignment',
  use: (labels) => `gives a document any of ${labels}, or none`,
  published: { head: 'Model', pipeline: 'feature-extraction', reads: 'segments' },
};
