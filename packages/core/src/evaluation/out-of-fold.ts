/** What a simple model says of each example when it has learnt from others: cross-validation whose predictions are kept. */
import { random } from '../foundation/index.js';
import type { Baseline } from './baselines/baseline.js';

export interface OutOfFoldOptions<I> {
  /** A probability for each class: `[examples, classes]`. */
  readonly baseline: Baseline<I, I, Float64Array>;
  readonly classes: number;
  /** The class of each example. */
  readonly gold: ArrayLike<number>;
  /** What stays on one side, such as a document: equal for examples that do. */
  readonly groups: readonly (string | number)[];
  /** Default 5. */
  readonly folds?: number;
  readonly seed: number;
}

/** Probabilities `[examples, classes]`, each from a model that saw neither the example nor anything of its group. */
export function outOfFold<I>(examples: readonly I[], options: OutOfFoldOptions<I>): Float64Array {
  const { baseline, classes } = options;
  const foldOf = foldsOf(options);
  const all = new Float64Array(examples.length * classes);
  for (const fold of new Set(foldOf)) {
    const held = [...examples.keys()].filter((i) => foldOf[i] === fold);
    const predict = baseline.fit(examples.filter((_, i) => foldOf[i] !== fold));
    const found = predict(held.map((i) => examples[i]).filter((example) => example !== undefined));
    held.forEach((i, row) => all.set(found.subarray(row * classes, (row + 1) * classes), i * classes));
  }
  return all;
}

/** Groups are dealt out in turn, in random order but those of one class together, so that every fold has its share of each class. */
function foldsOf<I>({
  gold,
  groups,
  folds = 5,
  seed,
}: Pick<OutOfFoldOptions<I>, 'gold' | 'groups' | 'folds' | 'seed'>) {
  const classOf = new Map<string | number, number>();
  groups.forEach((group, i) => classOf.has(group) || classOf.set(group, gold[i] ?? 0));
  const order = random(seed, 'folds')
    .shuffle([...classOf.keys()])
    .sort((a, b) => (classOf.get(a) ?? 0) - (classOf.get(b) ?? 0));
  const dealt = new Map(order.map((group, i) => [group, i % folds]));
  return groups.map((group) => dealt.get(group) ?? 0);
}
