/**
 * Span selection (extractive question answering): the stretch of a text that answers a question about it, or none. The head says of every
 * token how well an answer starts and ends there; the first token stands for no answer (Devlin et al. 2019, section 4.3). A long text is
 * read in overlapping windows, and the best spans of all of them compete.
 */
import type { SpanExample } from '../data/index.js';
import {
  firstSentence,
  learnSentenceWords,
  likestSentence,
  worstFirst,
  type SentencePick,
} from '../evaluation/index.js';
import { FieldcraftError, random } from '../foundation/index.js';
import { add, concat, constant, input, mul, reshape, slice, type Value } from '../graph/index.js';
import {
  bootstrapSums,
  collectStatistics,
  squadScore,
  sumStatistics,
  tuneNullThreshold,
  type AnswerChoice,
  type ExampleStatistics,
} from '../metrics/index.js';
import { architectureOf } from '../models/index.js';
import { classDivergence, spanLoss, type Builder } from '../nn/index.js';
import type { TextTokens, TokenRange } from '../text/index.js';
import { buildHead } from './heads.js';
import { likeSentences } from './known-sentences.js';
import { mixAcross } from './mixtures.js';
import { bestLike, defaultWindows } from './pair-windows.js';
import { agreeingFirst, bestSpans, type ScoredSpan } from './best-spans.js';
import { readQuestions, tokensOfSpan } from './question-windows.js';
import type { SharedWords } from './shared-words.js';
import type { Feature, SpanPrediction, Task, TaskBaseline, Tuning, Unlabelled } from './task.js';
import { withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, windowNotes } from './windows.js';

type SpanTask = Task<SpanExample, SpanPrediction>;

/** Answers that a prediction names: that to answer with, then the best. */
const shownCandidates = 5;
/** Characters of an answer where no training says how long answers are. */
const defaultAnswerLength = 200;
/** What is tried on dev: the best span, and temperatures of `agreeingFirst`. */
const agreements = [undefined, 0.5, 1] as const;

function createSpanTask(options: TaskOptions<SpanExample>): SpanTask {
  const { name, labels, trainExamples = [] } = options;
  const settings = { ...answerLengthOf(trainExamples), ...options.settings };
  const { windows: mostLearnt = defaultWindows, answerLength = defaultAnswerLength, readWindows = Infinity } = settings;
  const [startName, endName] = [`targets.${name}.start`, `targets.${name}.end`];
  const targetsOf = (b: Builder): { start: Value; end: Value } => ({
    start: input(b.graph, startName, ['batch'], 'int64'),
    end: input(b.graph, endName, ['batch'], 'int64'),
  });

  return {
    name,
    kind: 'span-selection',
    labels,
    outputs: ['start', 'end'],
    settings,
    mainMetric: 'f1',

    async features(examples, tokenizer, { targets, learning = false, ...lengths }) {
      const answers = examples.map((example: SpanExample | Unlabelled) => {
        if (!targets) return [];
        if (!('answers' in example)) throw withoutTruth(example.id, name);
        return example.answers;
      });
      const spans: ({ first: number; last: number } | undefined)[][] = [];
      const locate = (passage: TextTokens, example: number) =>
        (spans[example] ??= answers[example]!.map((answer) => tokensOfSpan(passage, answer)));
      const features = await readQuestions(
        examples.map((example) => askedOf(example, name)),
        tokenizer,
        {
          ...lengths,
          choose(windows, passage, example) {
            const located = locate(passage, example);
            if (learning) return learntWindows(windows, located, mostLearnt, examples[example]!.id);
            return likestWindows(windows, passage, examples[example]!, readWindows);
          },
        },
      );
      if (!targets) return features;
      return features.map((feature) => {
        const { first, count, offset } = feature.stretch;
        const window = { start: offset, end: offset + count };
        const span = spans[feature.example]!.find((answer) => answer !== undefined && inside(answer, window));
        const place = (token: number) => first + token - offset;
        return { ...feature, target: span ? Int32Array.of(place(span.first), place(span.last)) : Int32Array.of(0, 0) };
      });
    },

    notes(examples, features) {
      const shown = byExample(examples.length, features);
      const lost = examples.filter(
        ({ answers }, i) => answers.length > 0 && shown[i]!.every(({ feature }) => feature.target?.[0] === 0),
      ).length;
      const note = `the answers of ${lost} of ${examples.length} questions lie in no single window: they cannot be learnt`;
      return [...(lost === 0 ? [] : [note]), ...windowNotes(examples.length, features)];
    },

    /** [2, batch, length]: how well an answer starts at each position, and how well it ends there. */
    head(b, { hidden }, config) {
      return buildHead(b, name, (at) => {
        const { start, end } = architectureOf(config).spanHead(b, config, hidden, { at });
        return concat(
          [start, end].map((scores) => reshape(scores, [1, 'batch', 'length'])),
          0,
        );
      });
    },

    loss(b, logits) {
      const [start, end] = startAndEnd(logits);
      return spanLoss({ start, end }, targetsOf(b));
    },

    divergence(b, p, q) {
      const [[pStart, pEnd], [qStart, qEnd]] = [startAndEnd(p), startAndEnd(q)];
      const { start, end } = targetsOf(b);
      return mul(add(classDivergence(pStart, qStart, start), classDivergence(pEnd, qEnd, end)), constant(b.graph, 0.5));
    },

    targetFeeds(features) {
      const feed = (side: number) => ({
        data: BigInt64Array.from(features, ({ target }) => BigInt(target?.[side] ?? -100)),
        shape: [features.length],
      });
      return { [startName]: feed(0), [endName]: feed(1) };
    },

    /** [2, its tokens] a feature. */
    splitLogits(logits, features, { batch, length }) {
      return features.map(({ ids }, sequence) => {
        const own = new Float32Array(2 * ids.length);
        for (const side of [0, 1]) {
          const from = (side * batch + sequence) * length;
          own.set(logits.subarray(from, from + ids.length), side * ids.length);
        }
        return own;
      });
    },

    /** Starts, and ends, over the positions of all windows of a text. */
    mix(a, b, share) {
      const side = (rows: readonly Float32Array[], from: number) =>
        rows.map((row) => row.subarray((from * row.length) / 2, ((from + 1) * row.length) / 2));
      const [starts, ends] = [0, 1].map((from) => mixAcross(side(a, from), side(b, from), share));
      return a.map((_, i) => Float32Array.of(...starts![i]!, ...ends![i]!));
    },

    learnWords: (examples) => learnSentenceWords(examples.map(({ text }) => text)),

    /** What of `agreements` has the best F1, and where some questions have no answer the threshold of none. */
    tune(examples, features, logits, words) {
      const windows = byExample(examples.length, features);
      const read = examples.map((example, i) => readSpans(example, windows[i]!, { logits, words, answerLength }));
      const allAnswered = examples.every(({ answers }) => answers.length > 0);
      const tried = agreements.map((agreement) => {
        const choices = examples.map((example, i) => choiceOfSpans(example, read[i]!, agreement));
        const nullThreshold = allAnswered ? Infinity : tuneNullThreshold(choices);
        const f1 = choices.map(({ margin, answered, silent }) => (margin <= nullThreshold ? answered : silent));
        return { agreement, nullThreshold, f1: f1.reduce((sum, one) => sum + one, 0) };
      });
      const { agreement, nullThreshold } = tried.reduce((best, one) => (one.f1 > best.f1 ? one : best));
      return {
        ...(words && { words }),
        ...(agreement !== undefined && { agreement }),
        ...(!allAnswered && { nullThreshold }),
      };
    },

    decode(examples, features, logits, { words, ...tuning }) {
      return byExample(examples.length, features).map((windows, i) => {
        const example = examples[i]!;
        return predictionOf(example.text, readSpans(example, windows, { logits, words, answerLength }), tuning);
      });
    },

    score(examples, predictions) {
      return { metrics: spanMetrics(examples)(sumStatistics(spanStatistics(examples, predictions))), perLabel: [] };
    },

    intervals: (examples, predictions, intervalOptions) =>
      bootstrapSums(spanStatistics(examples, predictions), spanMetrics(examples), intervalOptions),

    baselines: () => [majorityAnswer, tfidfAnswer],

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap((example, i) => {
          const { id, second, answers } = example;
          const { answer, candidates, noAnswer } = predictions[i]!;
          if (squadScore(answer?.text ?? '', goldTexts(example)).f1 > 0) return [];
          const gold = [...new Set(goldTexts(example))];
          return [
            {
              id,
              text: example.text,
              second,
              gold: gold.length === 0 ? [none] : gold,
              predicted: [answer?.text ?? none],
              goldEntities: answers.map(asAnswer),
              predictedEntities: answer === undefined ? [] : [asAnswer(answer)],
              confidence: answer === undefined ? noAnswer : (candidates[0]?.probability ?? 0),
            },
          ];
        }),
      ),
  };
}

const none = '(no answer)';

const asAnswer = ({ start, end }: SpanExample['answers'][number]) => ({ start, end, label: 'answer' });

/** @throws FieldcraftError FC_DATA for a text without a question */
function askedOf({ id, text, second }: Unlabelled, task: string): { question: string; passage: string } {
  if (second !== undefined && second.trim() !== '') return { question: second, passage: text };
  throw new FieldcraftError('FC_DATA', {
    what: `the task ${task} answers questions about texts, and a question is missing`,
    where: id,
    fix: 'give it with --second, or as the field "second" of JSON Lines',
  });
}

/** The scores of starts and of ends, [batch, length] each, out of the head's. */
export function startAndEnd(logits: Value): [start: Value, end: Value] {
  const scores = (side: number) => reshape(slice(logits, 0, side, side + 1), ['batch', 'length']);
  return [scores(0), scores(1)];
}

/** How long answers are, in characters; the longest hundredth is not counted. Nothing where there is no answer to measure. */
function answerLengthOf(examples: readonly SpanExample[]): { answerLength?: number } {
  const lengths = examples
    .flatMap(({ answers: [answer] }) => (answer === undefined ? [] : [answer.end - answer.start]))
    .sort((a, b) => a - b);
  const longest = lengths[Math.floor(lengths.length * 0.99)];
  return longest === undefined ? {} : { answerLength: longest };
}

const inside = ({ first, last }: { first: number; last: number }, { start, end }: TokenRange): boolean =>
  first >= start && last < end;

/** At most `most` windows of a text to learn from: those that hold an answer first, then others, drawn by the example's id. */
function learntWindows(
  windows: readonly TokenRange[],
  answers: readonly ({ first: number; last: number } | undefined)[],
  most: number,
  id: string,
): readonly TokenRange[] {
  if (windows.length <= most) return windows;
  const holds = (window: TokenRange) => answers.some((answer) => answer !== undefined && inside(answer, window));
  const others = windows.filter((window) => !holds(window));
  const drawn = [...windows.filter(holds), ...random(0, 'windows', id).shuffle(others)].slice(0, most);
  return drawn.sort((a, b) => a.start - b.start);
}

/** At most `most` windows of a text to answer a question from: those that TF-IDF finds most like the question. */
function likestWindows(
  windows: readonly TokenRange[],
  { starts, ends }: TextTokens,
  { text, second = '' }: Unlabelled,
  most: number,
): readonly TokenRange[] {
  if (windows.length <= most) return windows;
  const passages = windows.map(({ start, end }) => text.slice(starts[start], ends[end - 1]));
  return bestLike(second, passages, most).map((window) => windows[window]!);
}

/** The spans of a text, the best first, and how well no answer would do. */
interface ReadSpans {
  readonly spans: readonly ScoredSpan[];
  readonly nullScore: number;
}

/** The best spans of a text over its windows, each once, and no answer's score: as well as in the window that is least for it. */
function readSpans(
  example: Unlabelled,
  windows: readonly { feature: Feature; index: number }[],
  {
    logits,
    words,
    answerLength,
  }: { logits: readonly Float32Array[]; words: SharedWords | undefined; answerLength: number },
): ReadSpans {
  const best = new Map<string, ScoredSpan>();
  const keep = (span: ScoredSpan) => {
    const key = `${span.start} ${span.end}`;
    if (span.score > (best.get(key)?.score ?? -Infinity)) best.set(key, span);
  };
  let nullScore = Infinity;
  for (const { feature, index } of windows) {
    const scores = logits[index]!;
    nullScore = Math.min(nullScore, scores[0]! + scores[feature.ids.length]!);
    bestSpans(feature, scores, answerLength).forEach(keep);
  }
  if (words) likeSentences(example, windows, { logits, words }).forEach(keep);
  return { spans: [...best.values()].sort((a, b) => b.score - a.score || a.start - b.start), nullScore };
}

/** The spans as they are to be named: the one to answer with first. */
const inOrder = (spans: readonly ScoredSpan[], agreement: number | undefined): readonly ScoredSpan[] =>
  agreement === undefined ? spans : agreeingFirst(spans, agreement);

function predictionOf(
  text: string,
  { spans, nullScore }: ReadSpans,
  { nullThreshold = Infinity, agreement }: Pick<Tuning, 'nullThreshold' | 'agreement'>,
): SpanPrediction {
  const [best] = spans;
  const largest = Math.max(nullScore, best?.score ?? nullScore);
  const share = (score: number) => Math.exp(score - largest);
  const total = spans.reduce((sum, { score }) => sum + share(score), share(nullScore));
  const candidates = inOrder(spans, agreement)
    .slice(0, shownCandidates)
    .map(({ start, end, score }) => ({
      ...{ start, end, text: text.slice(start, end) },
      probability: share(score) / total,
    }));
  const [first] = candidates;
  const given = best !== undefined && first !== undefined && nullScore - best.score <= nullThreshold;
  return {
    ...(given ? { answer: { start: first.start, end: first.end, text: first.text } } : {}),
    candidates,
    noAnswer: share(nullScore) / total,
  };
}

const goldTexts = ({ text, answers }: SpanExample): string[] => answers.map(({ start, end }) => text.slice(start, end));

/** The margin of a text in which no span can be an answer: above that of all others, and finite. */
const nothingToSay = 1e9;

function choiceOf(example: SpanExample, best: string, margin: number): AnswerChoice {
  const gold = goldTexts(example);
  return { margin, answered: squadScore(best, gold).f1, silent: squadScore('', gold).f1 };
}

function choiceOfSpans(
  example: SpanExample,
  { spans, nullScore }: ReadSpans,
  agreement: number | undefined,
): AnswerChoice {
  const [best] = spans;
  const [chosen] = inOrder(spans, agreement);
  if (best === undefined || chosen === undefined) return choiceOf(example, '', nothingToSay);
  return choiceOf(example, example.text.slice(chosen.start, chosen.end), nullScore - best.score);
}

/** What is summed over questions; of questions that the source has, and apart of those that were asked of a foreign text. */
const sums = [
  ...['questions', 'exact', 'f1', 'answerable', 'answerableExact', 'answerableF1', 'unanswerable', 'silent'],
  ...['forcedExact', 'forcedF1', 'foreign', 'foreignSilent'],
] as const;

function spanStatistics(examples: readonly SpanExample[], predictions: readonly SpanPrediction[]): ExampleStatistics {
  return collectStatistics(examples.length, sums.length, (i, add) => {
    const example = examples[i]!;
    const { answer, candidates } = predictions[i]!;
    const count = (name: (typeof sums)[number], value: number) => add(sums.indexOf(name), value);
    const silent = answer === undefined ? 1 : 0;
    if (example.foreign === true) {
      count('foreign', 1);
      count('foreignSilent', silent);
      return;
    }
    const gold = goldTexts(example);
    const { exactMatch, f1 } = squadScore(answer?.text ?? '', gold);
    count('questions', 1);
    count('exact', exactMatch);
    count('f1', f1);
    if (gold.length === 0) {
      count('unanswerable', 1);
      count('silent', silent);
      return;
    }
    const forced = squadScore(candidates[0]?.text ?? '', gold);
    count('answerable', 1);
    count('answerableExact', exactMatch);
    count('answerableF1', f1);
    count('forcedExact', forced.exactMatch);
    count('forcedF1', forced.f1);
  });
}

/**
 * `exactMatch` and `f1` are those of SQuAD 2.0's script over all questions of the source; `hasAnswer...` of those with an answer, and
 * `forced...` of the same where one must be given; `noAnswerAccuracy` and `foreignAccuracy` say how often none is given where there is
 * none: in the source, and to questions asked of another document's text. Only what the examples have is named.
 */
function spanMetrics(examples: readonly SpanExample[]): (totals: Float64Array) => Record<string, number> {
  const own = examples.filter(({ foreign }) => foreign !== true);
  const answerable = own.some(({ answers }) => answers.length > 0);
  const unanswerable = own.some(({ answers }) => answers.length === 0);
  const foreign = own.length < examples.length;
  return (totals) => {
    const share = (of: (typeof sums)[number], all: (typeof sums)[number]) => {
      const whole = totals[sums.indexOf(all)]!;
      return whole === 0 ? 0 : totals[sums.indexOf(of)]! / whole;
    };
    return {
      f1: share('f1', 'questions'),
      exactMatch: share('exact', 'questions'),
      ...(answerable &&
        (unanswerable || foreign) && {
          hasAnswerF1: share('answerableF1', 'answerable'),
          hasAnswerExactMatch: share('answerableExact', 'answerable'),
          forcedF1: share('forcedF1', 'answerable'),
          forcedExactMatch: share('forcedExact', 'answerable'),
        }),
      ...(unanswerable && { noAnswerAccuracy: share('silent', 'unanswerable') }),
      ...(foreign && { foreignAccuracy: share('foreignSilent', 'foreign') }),
    };
  };
}

type Baseline = TaskBaseline<SpanExample, SpanPrediction>;

/** Answers of a way to pick sentences; silent above the margin that is best on dev, where some questions there have no answer. */
const pickBaseline = (name: string, learn: (train: readonly SpanExample[]) => SentencePick): Baseline => ({
  name,
  predict(train, dev, test) {
    const pick = learn(train);
    const picked = (examples: readonly SpanExample[]) =>
      examples.map(({ text, second }) => pick({ passage: text, question: second }));
    const threshold = dev.every(({ answers }) => answers.length > 0)
      ? Infinity
      : tuneNullThreshold(
          picked(dev).map(({ start, end, likeness }, i) =>
            choiceOf(dev[i]!, dev[i]!.text.slice(start, end), -likeness),
          ),
        );
    return picked(test).map(({ start, end, likeness }, i) => {
      const span = { start, end, text: test[i]!.text.slice(start, end) };
      return {
        ...(-likeness <= threshold ? { answer: span } : {}),
        candidates: [{ ...span, probability: 1 }],
        noAnswer: 0,
      };
    });
  },
});

/** Always the first sentence, or never an answer: which of them is better on dev. */
const majorityAnswer = pickBaseline('majority', () => firstSentence);

/** The sentence whose counted words are most like the question's. */
const tfidfAnswer = pickBaseline('tfidf', (train) => likestSentence(train.map(({ text }) => text)));

export const spanSelectionType: TaskType<'span-selection', SpanPrediction> = {
  create: createSpanTask,
  title: 'answers in a text',
  use: () => 'finds the stretch of a text that answers a question about it, or says that none does',
  published: { head: 'ForQuestionAnswering', pipeline: 'question-answering', reads: 'questions' },
};
