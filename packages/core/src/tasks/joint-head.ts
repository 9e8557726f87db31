/**
 * The head of joint extraction, as SpERT has it (Eberts & Ulges 2020, arXiv:1909.07755, section 3): a linear classifier of spans over the largest
 * values of their tokens, their width and [CLS], and one of ordered pairs of spans over both and the largest values of what lies between. Being
 * linear, each is a sum of parts that are computed once: of every span up to a width for every word it may begin with, as entity, as head and
 * as tail; a pair then only adds up what its spans and its context say.
 */
import { add, concat, gatherRows, gemm, input, mul, reshape, slice, type Dim, type Value } from '../graph/index.js';
import { rowOf, type Encoded, type ModelConfig } from '../models/index.js';
import {
  binaryCrossEntropy,
  bitDivergence,
  classDivergence,
  crossEntropy,
  dropout,
  inModule,
  interleaveRows,
  larger,
  linear,
  parameter,
  qualify,
  rangeEntries,
  rangeLevels,
  rangeMax,
  rangeTable,
  shiftPositions,
  type Builder,
} from '../nn/index.js';
import type { Tensor } from '../runtime/index.js';
import { wordsOfWindow } from './joint-windows.js';
import type { AskedPair, Feature, SequenceLayout } from './task.js';

export interface JointSizes {
  /** The name of the task, which the names of inputs and sizes bear. */
  readonly name: string;
  /** Words of the widest span. */
  readonly width: number;
  /** Classes of a span, none among them. */
  readonly classes: number;
  /** Labels of a pair. */
  readonly relations: number;
  /** What the biases start from, one number a class and one a label: how often each applies. Default zeros. */
  readonly priors?: { readonly classes: readonly number[]; readonly relations: readonly number[] } | undefined;
}

/** Before the classifiers, as in the paper. */
const dropoutRate = 0.1;

/** What the head reads besides the encoder's output, [tokens] each. */
const inputNames = (name: string) => ({
  /** Of the word numbered j of a sequence, at position j: two entries of the table of stretches. */
  wordFirst: `words.${name}.first`,
  wordSecond: `words.${name}.second`,
  /** Of the j-th pair of a sequence, at position j: its spans, and two entries for what lies between them. */
  head: `pairs.${name}.head`,
  tail: `pairs.${name}.tail`,
  betweenFirst: `pairs.${name}.between.first`,
  betweenSecond: `pairs.${name}.between.second`,
  /** [tokens, 1]: 0 where nothing lies between. */
  between: `pairs.${name}.between`,
});

const levelsOf = (config: Pick<ModelConfig, 'max_position_embeddings'>): number =>
  rangeLevels(config.max_position_embeddings);

/**
 * Logits [tokens, width * classes + relations]: at the row of position j of a sequence the classes of the spans that begin with its word j, the
 * shortest first, and then the labels of its j-th pair.
 */
export function jointHead(
  b: Builder,
  { hidden }: Pick<Encoded, 'hidden'>,
  config: Pick<ModelConfig, 'max_position_embeddings' | 'initializer_range'>,
  { name, width, classes, relations, priors }: JointSizes,
): Value {
  const names = inputNames(name);
  const integers = (of: string) => input(b.graph, of, ['tokens'], 'int64');
  const options = { kind: 'head', std: config.initializer_range } as const;
  const columns = classes + 2 * relations;
  const spanBias = priors && { initialBias: [...priors.classes, ...new Array<number>(2 * relations).fill(0)] };
  const pairBias = priors && { initialBias: priors.relations };

  const table = rangeTable(hidden, { levels: levelsOf(config), name: `stretches.${name}` });
  const words = rangeMax(table, integers(names.wordFirst), integers(names.wordSecond));
  const spans: [Value, ...Value[]] = [words];
  for (let count = 1; count < width; count++)
    spans.push(larger(spans[count - 1] as Value, shiftPositions(words, count)));
  const dropped = inModule(b, 'spans', () => spans.map((span) => dropout(b, span, dropoutRate))) as [Value, ...Value[]];
  const rows = interleaveRows(dropped, `spans.${name}`);
  const widths = parameter(b, qualify(b, 'widths.weight'), [width, columns], {
    ...{ kind: 'head', decay: true, initial: { normal: config.initializer_range } },
  });
  const ofSpans = add(
    reshape(linear(b, 'spans', rows, { ...options, outputs: columns, ...spanBias }), ['tokens', width, columns]),
    widths,
  );
  /** Some columns of every span. */
  const part = (from: number, to: number) => slice(ofSpans, 2, from, to);

  const sentence = inModule(b, 'sentence', () => dropout(b, slice(hidden, 0, 0, 'batch'), dropoutRate));
  const ofSentence = gemm(sentence, weight(b, 'sentence', [classes, hidden.shape[1] as Dim], options.std), {
    transposeB: true,
  });
  const entities = add(
    reshape(part(0, classes), ['length', 'batch', width, classes]),
    reshape(ofSentence, ['batch', 1, classes]),
  );

  const asSide = (from: number, side: string) =>
    gatherRows(reshape(part(from, from + relations), [rows.shape[0] as Dim, relations]), integers(side));
  const context = mul(
    rangeMax(table, integers(names.betweenFirst), integers(names.betweenSecond)),
    input(b.graph, names.between, ['tokens', 1]),
  );
  const keptContext = inModule(b, 'context', () => dropout(b, context, dropoutRate));
  const ofContext = linear(b, 'context', keptContext, { ...options, outputs: relations, ...pairBias });
  const pairs = add(add(asSide(classes, names.head), asSide(classes + relations, names.tail)), ofContext);
  return concat([reshape(entities, ['tokens', width * classes]), pairs], 1);
}

const weight = (b: Builder, module: string, shape: readonly Dim[], std: number): Value =>
  inModule(b, module, () =>
    parameter(b, qualify(b, 'weight'), shape.map(Number), { kind: 'head', decay: true, initial: { normal: std } }),
  );

const targetNames = (name: string) => ({
  spans: `targets.${name}.spans`,
  relations: `targets.${name}.relations`,
  asked: `targets.${name}.asked`,
});

/** The classes of spans [spans, classes] and the labels of pairs [tokens, relations] out of the head's logits. */
function spansAndPairs(logits: Value, { name, width, classes, relations }: JointSizes): { spans: Value; pairs: Value } {
  return {
    spans: reshape(slice(logits, 1, 0, width * classes), [`spans.${name}`, classes]),
    pairs: slice(logits, 1, width * classes, width * classes + relations),
  };
}

/** Which spans count, by their targets, and which pairs are asked about. */
const countedOf = (b: Builder, { name, width }: JointSizes): { targets: Value; asked: Value } => ({
  targets: reshape(input(b.graph, targetNames(name).spans, ['tokens', width], 'int64'), [`spans.${name}`]),
  asked: input(b.graph, targetNames(name).asked, ['tokens', 1]),
});

/** The sum of two means, as in the paper: the cross entropy of the spans that count, and that of the pairs, which is binary and summed over labels. */
export function jointLoss(b: Builder, logits: Value, sizes: JointSizes): Value {
  const { spans, pairs } = spansAndPairs(logits, sizes);
  const { targets, asked } = countedOf(b, sizes);
  const relations = input(b.graph, targetNames(sizes.name).relations, ['tokens', sizes.relations]);
  return add(crossEntropy(spans, targets), binaryCrossEntropy(pairs, relations, { mask: asked }));
}

/** The same of divergences. */
export function jointDivergence(b: Builder, p: Value, q: Value, sizes: JointSizes): Value {
  const [before, after] = [spansAndPairs(p, sizes), spansAndPairs(q, sizes)];
  const { targets, asked } = countedOf(b, sizes);
  return add(classDivergence(before.spans, after.spans, targets), bitDivergence(before.pairs, after.pairs, asked));
}

/** Fills what `jointHead` reads. */
export function jointFeeds(
  features: readonly Feature[],
  { batch, tokens }: SequenceLayout,
  config: Pick<ModelConfig, 'max_position_embeddings'>,
  { name, width }: JointSizes,
): Record<string, Tensor> {
  const names = inputNames(name);
  const levels = levelsOf(config);
  const column = () => new BigInt64Array(tokens);
  const [wordFirst, wordSecond, head, tail, first, second] = [
    column(),
    column(),
    column(),
    column(),
    column(),
    column(),
  ];
  const between = new Float32Array(tokens);
  for (const [sequence, feature] of features.entries()) {
    const rowAt = (position: number) => rowOf(position, sequence, batch);
    const words = wordsOfWindow(feature);
    const entries = (from: number, to: number) =>
      rangeEntries({ first: words.first[from]!, last: words.last[to]! }, { levels, rowOf: rowAt });
    words.first.forEach((_, word) => {
      const [a, z] = entries(word, word);
      wordFirst[rowAt(word)] = BigInt(a);
      wordSecond[rowAt(word)] = BigInt(z);
    });
    for (const [slot, pair] of (feature.pairs ?? []).entries()) {
      const row = rowAt(slot);
      head[row] = BigInt(rowAt(pair.head.first) * width + pair.head.count - 1);
      tail[row] = BigInt(rowAt(pair.tail.first) * width + pair.tail.count - 1);
      const { from, to } = wordsBetween(pair);
      if (from > to) continue;
      const [a, z] = entries(from, to);
      first[row] = BigInt(a);
      second[row] = BigInt(z);
      between[row] = 1;
    }
  }
  const shape = [tokens];
  return {
    [names.wordFirst]: { data: wordFirst, shape },
    [names.wordSecond]: { data: wordSecond, shape },
    [names.head]: { data: head, shape },
    [names.tail]: { data: tail, shape },
    [names.betweenFirst]: { data: first, shape },
    [names.betweenSecond]: { data: second, shape },
    [names.between]: { data: between, shape: [tokens, 1] },
  };
}

/**
 * A window's logits with 0 for the words, spans and pairs that it does not have: what the head says there depends on what else is in the batch. `rows`
 * is changed.
 */
export function withoutAbsent(
  rows: Float32Array,
  feature: Feature,
  { width, classes, relations }: Pick<JointSizes, 'width' | 'classes' | 'relations'>,
): Float32Array {
  const words = wordsOfWindow(feature).first.length;
  const pairs = feature.pairs?.length ?? 0;
  const rowWidth = width * classes + relations;
  feature.ids.forEach((_: number, position: number) => {
    const row = position * rowWidth;
    const spans = Math.min(width, Math.max(0, words - position));
    rows.fill(0, row + spans * classes, row + width * classes);
    if (position >= pairs) rows.fill(0, row + width * classes, row + rowWidth);
  });
  return rows;
}

/** The words behind the one span and before the other, from the first to the last of them; none where `from` is greater. */
function wordsBetween({ head, tail }: Pick<AskedPair, 'head' | 'tail'>): { from: number; to: number } {
  const [earlier, later] = head.first <= tail.first ? [head, tail] : [tail, head];
  return { from: earlier.first + earlier.count, to: later.first - 1 };
}

/** Fills what `jointLoss` reads. A feature's target is one class a span, [words, width]; -100 does not count. */
export function jointTargets(
  features: readonly Feature[],
  { batch, tokens }: SequenceLayout,
  { name, width, relations }: JointSizes,
): Record<string, Tensor> {
  const names = targetNames(name);
  const spans = new BigInt64Array(tokens * width).fill(-100n);
  const truth = new Float32Array(tokens * relations);
  const asked = new Float32Array(tokens);
  for (const [sequence, { target, pairs = [] }] of features.entries()) {
    target?.forEach((value: number, cell: number) => {
      const word = Math.floor(cell / width);
      spans[rowOf(word, sequence, batch) * width + (cell % width)] = BigInt(value);
    });
    for (const [slot, pair] of pairs.entries()) {
      const row = rowOf(slot, sequence, batch);
      asked[row] = 1;
      for (const relation of pair.relations ?? []) truth[row * relations + relation] = 1;
    }
  }
  return {
    [names.spans]: { data: spans, shape: [tokens, width] },
    [names.relations]: { data: truth, shape: [tokens, relations] },
    [names.asked]: { data: asked, shape: [tokens, 1] },
  };
}
