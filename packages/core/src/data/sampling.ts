/** Fewer examples for a faster run, drawn so that rare labels stay. */
import { random } from '../foundation/index.js';
import { labelsOf, type Example } from './examples.js';

export interface SampleOptions<E> {
  maxExamples: number;
  /** Over the lengths of the examples drawn. */
  maxTokens: number;
  seed: number;
  /** The labels an example bears; none counts as a label of its own. Default: `labelsOf`. */
  labelsOf?: (example: E) => readonly string[];
}

/**
 * Indices of the examples to train on, ascending. Where everything fits, everything is drawn. Otherwise half of each cap goes to the
 * labels in turn, the rarest first, so that a rare label keeps what it has; the other half is a plain random draw. At least one is
 * drawn: the shortest, where none fits.
 * `lengths[i]` is the length of `examples[i]` in tokens.
 */
export function sampleTraining<E extends Example>(
  examples: readonly E[],
  lengths: ArrayLike<number>,
  { maxExamples, maxTokens, seed, labelsOf: labels = labelsOf }: SampleOptions<E>,
): number[] {
  const order = random(seed, 'sample').shuffle([...examples.keys()]);
  const total = order.reduce((sum, i) => sum + (lengths[i] ?? 0), 0);
  if (examples.length <= maxExamples && total <= maxTokens) return [...examples.keys()];
  const drawn = new Set<number>();
  let tokens = 0;
  const draw = (i: number, share: number): boolean => {
    const length = lengths[i] ?? 0;
    if (drawn.size + 1 > share * maxExamples || tokens + length > share * maxTokens) return false;
    drawn.add(i);
    tokens += length;
    return true;
  };
  drawEvenly(bearersOf(examples, order, labels), drawn, (i) => draw(i, 0.5));
  // Stops at the first that does not fit: going on would favour short texts.
  for (const i of order) if (!drawn.has(i) && !draw(i, 1)) break;
  if (drawn.size === 0) drawn.add(order.reduce((a, b) => ((lengths[b] ?? 0) < (lengths[a] ?? 0) ? b : a)));
  return [...drawn].sort((a, b) => a - b);
}

/** Examples of each label in drawing order, the rarest label first. */
function bearersOf<E>(
  examples: readonly E[],
  order: readonly number[],
  labels: (example: E) => readonly string[],
): number[][] {
  const bearers = new Map<string, number[]>();
  for (const i of order) {
    const example = examples[i];
    if (example === undefined) continue;
    const borne = labels(example);
    for (const label of borne.length === 0 ? ['\0none'] : borne) {
      const list = bearers.get(label);
      if (list === undefined) bearers.set(label, [i]);
      else list.push(i);
    }
  }
  return [...bearers.values()].sort((a, b) => a.length - b.length);
}

/** Rounds over the labels: each round gives every label one more example, until `draw` refuses or none is left. */
function drawEvenly(bearers: readonly number[][], drawn: ReadonlySet<number>, draw: (i: number) => boolean): void {
  const next = bearers.map(() => 0);
  for (let moved = true; moved;) {
    moved = false;
    for (const [label, list] of bearers.entries()) {
      let at = next[label] ?? 0;
      while (at < list.length && drawn.has(list[at] ?? -1)) at++;
      next[label] = at + 1;
      const i = list[at];
      if (i === undefined) continue;
      if (!draw(i)) return;
      moved = true;
    }
  }
}
