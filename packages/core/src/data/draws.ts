/** Fewer labelled examples on purpose: so many of each class (few-shot), or so many in all (a learning curve). */
import { random } from '../foundation/index.js';
import { intentLabel, type Example, type Splits } from './examples.js';

/** `shots`: examples of each class. `examples`: examples in all. */
export type Draw = { readonly shots: number } | { readonly examples: number };

/**
 * What is learnt from, drawn with a seed: the same number from train and from dev, because labels that only choose thresholds and the moment to stop
 * were paid for too (Perez, Kiela and Cho 2021, "True Few-Shot Learning with Language Models"). Test stays whole. A smaller draw of
 * `examples` is part of every larger one of the same seed.
 */
export function drawSplits<E extends Example>({ train, dev, test }: Splits<E>, draw: Draw, seed: number): Splits<E> {
  const drawn = (examples: readonly E[], part: string) => {
    const order = random(seed, `draw from ${part}`).shuffle([...examples.keys()]);
    const chosen = 'shots' in draw ? drawShots(examples, order, draw.shots) : order.slice(0, draw.examples);
    return chosen.sort((a, b) => a - b).map((i) => examples[i] as E);
  };
  return { train: drawn(train, 'train'), dev: drawn(dev, 'dev'), test };
}

/**
 * Indices of examples until every class has `shots` of them, the rarest class first, each class in the given order (the greedy sampling of Yang and
 * Katiyar 2020). An example that bears several classes counts for each of them, and is drawn whole: a frequent class may get more.
 * A class that has fewer gets all of them.
 */
function drawShots<E extends Example>(examples: readonly E[], order: readonly number[], shots: number): number[] {
  const borneBy = classesOf(examples);
  const bearers = new Map<string, number[]>();
  const total = new Map<string, number>();
  for (const i of order) {
    const borne = borneBy(i);
    for (const name of borne) total.set(name, (total.get(name) ?? 0) + 1);
    for (const name of new Set(borne)) {
      const known = bearers.get(name);
      if (known) known.push(i);
      else bearers.set(name, [i]);
    }
  }
  const drawn = new Set<number>();
  const has = new Map<string, number>();
  // Equally rare ones in order of their names: not in that of the shuffle.
  const rarestFirst = [...total].sort(([a, n], [b, m]) => n - m || (a < b ? -1 : 1));
  for (const [name] of rarestFirst) {
    for (const i of bearers.get(name) ?? []) {
      if ((has.get(name) ?? 0) >= shots) break;
      if (drawn.has(i)) continue;
      drawn.add(i);
      for (const other of borneBy(i)) has.set(other, (has.get(other) ?? 0) + 1);
    }
  }
  return [...drawn];
}

/** Equal stretches of the numbers of a regression that count as its classes. */
const valueBins = 5;

/** What the example with an index has of each class; a name stands there as often as it bears the class. */
function classesOf(examples: readonly Example[]): (index: number) => readonly string[] {
  const values = examples.flatMap((example) => ('value' in example ? [example.value] : [])).sort((a, b) => a - b);
  return (index) => classesBorne(examples[index] as Example, values);
}

function classesBorne(example: Example, values: readonly number[]): readonly string[] {
  if ('relations' in example) return namesOf(example.relations);
  if ('intents' in example) return [...example.intents.map(intentLabel), ...example.entities.map(({ label }) => label)];
  if ('entities' in example) return namesOf(example.entities);
  if ('label' in example) return [example.label];
  if ('labels' in example) return orNone(example.labels);
  if ('codes' in example) return orNone(example.codes);
  if ('answers' in example) return [example.answers.length === 0 ? none : 'answered'];
  if ('value' in example) return [`fifth ${binOf(example.value, values)}`];
  return ['all'];
}

/** Texts with nothing to find are a class of their own: whoever has seen none finds something everywhere. */
const none = '\0none';

const orNone = (names: readonly string[]): readonly string[] => (names.length === 0 ? [none] : names);

const namesOf = (found: readonly { label: string }[]): readonly string[] => orNone(found.map(({ label }) => label));

/** In which fifth of the sorted numbers a number lies, from 0. */
function binOf(value: number, sorted: readonly number[]): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return Math.min(valueBins - 1, Math.floor((valueBins * from) / Math.max(1, sorted.length)));
}
