/**
 * Texts as vectors, each read by itself: the mean of its tokens' last states (Reimers & Gurevych 2019). Windows of a long text do not overlap
 * and weigh as much as they have tokens, so that the mean is one over the whole text.
 */
import { gemm, input, type Value } from '../graph/index.js';
import { meanPooling, type Builder } from '../nn/index.js';
import type { Tensor } from '../runtime/index.js';
import type { Tokenizer } from '../text/index.js';
import { defaultWindows } from './pair-windows.js';
import type { Feature, FeatureOptions, Task, Unlabelled } from './task.js';
import { byExample, readWindows, splitSequenceLogits } from './windows.js';

export type Side = 'text' | 'second';

export interface VectorOptions extends Omit<FeatureOptions, 'targets'> {
  /** The most windows of a text that is learnt from. */
  readonly windows?: number | undefined;
}

/** Features of each example's text, then of its second text where it has one, without targets. What belongs to one example stays in one batch. */
export async function readBothTexts(
  examples: readonly Pick<Unlabelled, 'text' | 'second'>[],
  tokenizer: Tokenizer,
  { windows = defaultWindows, learning = false, ...lengths }: VectorOptions,
): Promise<Feature[]> {
  const sides = examples.flatMap(({ text, second }, example) => [
    { example, of: 'text' as const, text },
    ...(second === undefined ? [] : [{ example, of: 'second' as const, text: second }]),
  ]);
  const read = await readWindows(
    sides.map(({ text }) => text),
    tokenizer,
    { ...lengths, stride: 0 },
  );
  return read
    .filter(({ window }) => !learning || window < windows)
    .map((feature) => {
      const { example, of } = sides[feature.example]!;
      return { ...feature, example, group: example, stretch: { ...feature.stretch, of } };
    });
}

const sideOf = ({ stretch }: Feature): Side => stretch.of ?? 'text';

/** One vector of length 1 an example, of the one or the other text; undefined where it has no such text. */
export function vectorsOf(
  examples: number,
  side: Side,
  features: readonly Feature[],
  rows: readonly Float32Array[],
): (Float32Array | undefined)[] {
  return byExample(examples, features).map((windows) => {
    const own = windows.filter(({ feature }) => sideOf(feature) === side);
    if (own.length === 0) return undefined;
    const sum = new Float64Array(rows[own[0]!.index]!.length);
    for (const { feature, index } of own) {
      const row = rows[index]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += feature.ids.length * row[i]!;
    }
    const length = Math.sqrt(sum.reduce((squares, x) => squares + x * x, 1e-12));
    return Float32Array.from(sum, (x) => x / length);
  });
}

/** The product of two vectors: the cosine of those of length 1. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

type VectorTask = Pick<Task<never, never>, 'acrossBatch' | 'worksUntrained' | 'head' | 'splitLogits' | 'vectors'>;

/** What tasks on vectors have in common. Logits are the means of windows, [windows, hidden]; there is nothing to learn but the encoder. */
export const vectorTask: Required<VectorTask> = {
  acrossBatch: true,
  worksUntrained: true,
  head: (_, { hidden, bias }) => meanPooling(hidden, bias),
  splitLogits: splitSequenceLogits,
  vectors: (examples, features, rows) =>
    vectorsOf(examples, 'text', features, rows).map((vector) => vector ?? new Float32Array(0)),
};

const weightsInput = (side: Side, task: string): string => `${side}.windows.${task}`;

/** The vectors of both texts of each pair of a batch [pairs, hidden], any length, from the rows of its windows. */
export function bothVectors({ graph }: Builder, rows: Value, task: string): { texts: Value; seconds: Value } {
  const vectors = (side: Side) => gemm(input(graph, weightsInput(side, task), ['pairs', 'batch']), rows);
  return { texts: vectors('text'), seconds: vectors('second') };
}

/** The pairs of a batch, each as its first feature, and what `bothVectors` is fed: how much each window counts. */
export function pairFeeds(
  features: readonly Feature[],
  task: string,
): { pairs: Feature[]; feeds: Record<string, Tensor> } {
  const numbers = new Map<number, number>();
  const pairs: Feature[] = [];
  for (const feature of features) {
    if (feature.target === undefined) continue;
    numbers.set(feature.example, pairs.length);
    pairs.push(feature);
  }
  const shape = [pairs.length, features.length];
  const weights = (side: Side): Tensor => {
    const data = new Float32Array(pairs.length * features.length);
    const tokens = new Float64Array(pairs.length);
    const own = features.flatMap((feature, row) =>
      sideOf(feature) === side ? [{ row, pair: numbers.get(feature.example)!, count: feature.ids.length }] : [],
    );
    for (const { pair, count } of own) tokens[pair]! += count;
    for (const { row, pair, count } of own) data[pair * features.length + row] = count / tokens[pair]!;
    return { data, shape };
  };
  return {
    pairs,
    feeds: { [weightsInput('text', task)]: weights('text'), [weightsInput('second', task)]: weights('second') },
  };
}

/** Gives the first window of each example's text its target. */
export const withTargets = (
  features: readonly Feature[],
  targetOf: (example: number) => Feature['target'],
): Feature[] =>
  features.map((feature) => {
    const target = sideOf(feature) === 'text' && feature.window === 0 ? targetOf(feature.example) : undefined;
    return target === undefined ? feature : { ...feature, target };
  });

/** A sentence about the texts that do not fit a window; none where all do. */
export function longTextNotes(features: readonly Feature[]): string[] {
  const long = new Set(
    features.filter(({ window }) => window > 0).map((feature) => `${feature.example} ${sideOf(feature)}`),
  ).size;
  return long === 0 ? [] : [`${long} texts are longer than one window: the mean of their windows is their vector`];
}
