/** How far one kind of text is from another: what a classifier that only counts words makes of telling them apart. */
import { random } from '../foundation/index.js';
import { macroAuroc } from '../metrics/index.js';
import { tfidfClass } from './baselines/tfidf-linear.js';
import { outOfFold } from './out-of-fold.js';

/** Consecutive words of one document, or of several short texts. */
export interface Stretch {
  readonly words: readonly string[];
  /** Equal for stretches of the same document. */
  readonly group: number;
}

export interface StretchOptions {
  readonly seed: number;
  /** Words of a stretch. Default 16: of 50, any one source is told from any other nearly always. */
  readonly length?: number;
  /** Most stretches of one document, so that a long one is not the whole kind. Default 20. */
  readonly perDocument?: number;
  /** Stretches in all. Default 500. */
  readonly most?: number;
}

/**
 * Cuts documents, given as their words and drawn in random order, into stretches of equal length, so that length tells nothing. Of a longer one some
 * are drawn, shorter ones are joined, and what is left over is not used.
 */
export function cutStretches(
  documents: readonly (readonly string[])[],
  { seed, length = 16, perDocument = 20, most = 500 }: StretchOptions,
): Stretch[] {
  const rng = random(seed, 'stretches');
  const stretches: Stretch[] = [];
  let joined: string[] = [];
  let group = 0;
  for (const document of rng.shuffle(documents)) {
    if (stretches.length >= most) break;
    const whole = document.length >= length ? document : (joined = [...joined, ...document]);
    if (whole.length < length) continue;
    const starts = Array.from({ length: Math.floor(whole.length / length) }, (_, i) => i * length);
    for (const start of rng.shuffle(starts).slice(0, perDocument))
      stretches.push({ words: whole.slice(start, start + length), group });
    if (whole === joined) joined = [];
    group++;
  }
  return stretches.slice(0, most);
}

export interface DomainDistance {
  /** Share of stretches that are told rightly by a classifier that learnt from other documents; 0.5 is chance. */
  readonly accuracy: number;
  /** Area under its ROC curve. */
  readonly auc: number;
  /** The proxy A-distance, from 0 (cannot be told apart) to 2 (always told apart). */
  readonly distance: number;
  /** Stretches of each kind. */
  readonly stretches: number;
}

/** The proxy A-distance of an error in telling two domains apart: 2 (1 - 2 error), and 0 for an error above chance (Ben-David et al. 2007, section 4). */
export const proxyDistance = (error: number): number => Math.max(0, 2 * (1 - 2 * error));

/**
 * Cross-validates TF-IDF with logistic regression between two kinds of text, as many stretches of each. Undefined where one has fewer than 20.
 */
export function domainDistance(
  field: readonly Stretch[],
  general: readonly Stretch[],
  { seed }: { readonly seed: number },
): DomainDistance | undefined {
  const count = Math.min(field.length, general.length);
  if (count < fewestStretches) return undefined;
  const kinds = ['general', 'field'];
  const examples = [general, field].flatMap((stretches, kind) =>
    stretches
      .slice(0, count)
      .map(({ words, group }) => ({ text: words.join(' '), label: kinds[kind] ?? '', group: `${kind} ${group}` })),
  );
  const gold = examples.map(({ label }) => kinds.indexOf(label));
  const probabilities = outOfFold(examples, {
    ...{ baseline: tfidfClass(kinds), classes: 2, gold, seed },
    groups: examples.map(({ group }) => group),
  });
  const right = gold.filter((kind, i) => (probabilities[2 * i + 1] ?? 0) > 0.5 === (kind === 1)).length;
  const accuracy = right / gold.length;
  return { accuracy, auc: macroAuroc(probabilities, gold, 2), distance: proxyDistance(1 - accuracy), stretches: count };
}

/** Fewer stretches tell nothing: one more or less right is a tenth of the distance. */
const fewestStretches = 20;
